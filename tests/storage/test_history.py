"""Deliveries, cursors, and leases that only one can hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from plugin.ports import Rejected
from plugin.storage.unit import Database

from .examples import LEASE, MINUTE, NOW, account, delivery, doorbell
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


def test_old_bodies_are_emptied_once_and_unreadable_ones_are_kept(storage: Database) -> None:
    with storage.unit() as unit:
        unit.accounts.add(account("globex"))
    for name, age in (("a", 3), ("b", 2), ("c", 0)):
        storage.keep(delivery(at=NOW - age * MINUTE), doorbell("7", name), None)
    storage.keep(delivery(at=NOW - 3 * MINUTE), replace(doorbell("7", "d"), kind="unreadable"), None)
    storage.keep(delivery("globex", at=NOW - 3 * MINUTE), doorbell("7", "e"), None)
    with storage.unit() as unit:
        ids = {row["event_id"]: row["id"] for row in unit.history.deliveries()}
        assert unit.history.empty_bodies("acme", NOW - MINUTE, 0, 1) == (ids["event-a"], 1)
        assert unit.history.empty_bodies("acme", NOW - MINUTE, ids["event-a"], 10) == (ids["event-b"], 1)
        assert unit.history.empty_bodies("acme", NOW - MINUTE, ids["event-b"], 10) == (ids["event-b"], 0)
        assert unit.history.empty_bodies("acme", NOW + MINUTE, ids["event-b"], 10) == (ids["event-d"], 1)
        kept = {name: unit.history.body(number) != b"" for name, number in ids.items()}
    assert kept == {"event-a": False, "event-b": False, "event-c": False, "event-d": True, "event-e": True}


def test_looking_for_old_bodies_walks_along_the_ids(storage: Database) -> None:
    if storage.engine.dialect.name != "sqlite":
        pytest.skip("its planner looks at what the tables hold")
    asked: list[str] = []

    @event.listens_for(storage.engine, "before_cursor_execute")
    def note(_c: Any, _k: Any, statement: str, parameters: Any, *_: Any) -> None:
        if "deliveries" in statement and statement.startswith(("SELECT", "UPDATE")):
            asked.append(statement)

    storage.keep(delivery(at=NOW - MINUTE), doorbell("7", "a"), None)
    with storage.unit() as unit:
        unit.history.empty_bodies("acme", NOW, 0, 9)
    event.remove(storage.engine, "before_cursor_execute", note)
    with storage.engine.connect() as connection:
        plans = [str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {s}", _nulls(s)).fetchall()) for s in asked]
    assert len(plans) == 2
    assert all("INTEGER PRIMARY KEY" in plan and "TEMP B-TREE" not in plan for plan in plans), plans


def _nulls(statement: str) -> tuple[None, ...]:
    return (None,) * statement.count("?")


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
