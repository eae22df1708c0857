"""Deliveries, cursors, and leases that only one can hold."""

from __future__ import annotations

from datetime import timedelta

import pytest

from plugin.ports import Rejected
from plugin.storage.unit import Database

from .examples import LEASE, MINUTE, NOW, delivery, doorbell
from .test_inbox import together


def test_deliveries_come_newest_first_without_their_bodies(storage: Database) -> None:
    for name in ("a", "b", ""):
        storage.keep(delivery(at=NOW + (len(name) * MINUTE)), doorbell("7", name), None)
    with storage.unit() as unit:
        newest, second, _ = unit.history.deliveries()
        assert second == {
            "id": second["id"], "account_id": "acme", "kind": "ticket", "event": "ticket.changed",
            "received_at": NOW + MINUTE, "event_id": "event-b", "ticket_id": "7",
        }  # fmt: skip
        assert newest["event_id"] == ""
        assert len(unit.history.deliveries(limit=1)) == 1
        assert unit.history.deliveries(kind="other") == unit.history.deliveries("other") == []


def test_a_body_that_does_not_exist_is_rejected(storage: Database) -> None:
    with pytest.raises(Rejected), storage.unit() as unit:
        unit.history.body(4711)


def test_a_cursor_is_the_last_one_set(storage: Database) -> None:
    with storage.unit() as unit:
        assert unit.history.cursor("acme", "export") == ""
        for value in ("one", "two"):
            unit.history.set_cursor("acme", "export", value, NOW)
        assert unit.history.cursor("acme", "export") == "two"


def test_a_lease_is_held_by_one_until_it_runs_out(storage: Database) -> None:
    with storage.unit() as unit:
        hold = unit.history.hold
        assert hold("schedule", "one", NOW, LEASE)
        assert not hold("schedule", "two", NOW + MINUTE, LEASE)
        assert hold("schedule", "one", NOW + 4 * MINUTE, LEASE)
        assert not hold("schedule", "two", NOW + 8 * MINUTE, LEASE)
        assert hold("schedule", "two", NOW + 9 * MINUTE, LEASE)
        assert not hold("schedule", "one", NOW + 9 * MINUTE, LEASE)
        assert hold("schedule", "two", NOW + 10 * MINUTE, timedelta(0))
        assert hold("schedule", "one", NOW + 10 * MINUTE, LEASE)


def test_of_many_that_ask_for_a_lease_at_once_one_gets_it(storage: Database) -> None:
    def ask(number: int) -> bool:
        with storage.unit() as unit:
            return unit.history.hold("schedule", f"process {number}", NOW, LEASE)

    assert sorted(map(str, together(8, ask))) == ["False"] * 7 + ["True"]
