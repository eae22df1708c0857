"""What was found comes back as it was found, and a promise's history is never lost."""

from __future__ import annotations

from dataclasses import is_dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import Enum
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints
from zoneinfo import ZoneInfo

import pytest

from plugin.domain.findings import Cause, Commitment, Evidence, Findings, State, Window
from plugin.domain.ticket import Role
from plugin.storage.documents import from_json, to_json
from plugin.storage.ledger import TicketLedger, look_at
from plugin.storage.tables import causes, effort, flags
from plugin.storage.unit import Database

from .examples import MINUTE, NOW, account, card, findings, promise, ticket


def save(storage: Database, found: Findings, account_id: str = "acme") -> None:
    with storage.unit() as unit:
        unit.ledger.save(account_id, ticket(found.ticket_id), found, NOW)


def filled(hint: Any) -> Any:
    """A value of this type with no field left out, however many fields there will be."""
    if get_origin(hint) is tuple:
        return (filled(get_args(hint)[0]),) * 2
    if get_origin(hint) is UnionType:
        return filled(get_args(hint)[0])
    if is_dataclass(hint):
        left_out = {"weight"}  # never stored, see below
        return hint(**{name: filled(part) for name, part in get_type_hints(hint).items() if name not in left_out})
    if issubclass(hint, Enum):
        return list(hint)[-1]
    return {str: "words", bool: True, int: 7, datetime: NOW}[hint]


def test_every_field_that_findings_can_have_comes_back(storage: Database) -> None:
    found = replace(filled(Findings), ticket_id="1")
    save(storage, found)
    with storage.unit() as unit:
        assert unit.ledger.findings("acme", "1") == found


@pytest.mark.parametrize("words", ["my parcel never came", "nul \0 lone \ud83d surrogate", "مرحبا \u202e 🧵 e\u0301"])
def test_findings_come_back_equal(storage: Database, words: str) -> None:
    found = findings(promise("a", quote=words), promise("b", State.AT_RISK), promise("a"), words=words)
    save(storage, found)
    with storage.unit() as unit:
        assert unit.ledger.findings("acme", "1") == found
        assert unit.ledger.findings("acme", "2") is None


def test_a_second_save_replaces_the_first(storage: Database) -> None:
    save(storage, findings(promise("a"), promise("b")))
    later = Findings("1", NOW + MINUTE, commitments=(promise("b", State.KEPT),))
    save(storage, later)
    with storage.unit() as unit:
        assert unit.ledger.findings("acme", "1") == later
        assert [found[2].key for found in unit.ledger.commitments()] == ["b"]
    with storage.engine.connect() as connection:
        assert [tuple(row) for row in connection.execute(causes.select().with_only_columns(causes.c.key))] == [
            ("unsure",)
        ]
        assert connection.execute(effort.select()).all() == connection.execute(flags.select()).all() == []


def test_steps_of_a_promise_stay_after_it_is_no_longer_found(storage: Database) -> None:
    first = promise("a")
    second = first.now_is(State.KEPT, NOW + 9 * MINUTE, "called", Evidence("m9", "as agreed on the phone", 0))
    save(storage, findings(first))
    save(storage, findings(first))
    save(storage, findings(second))
    save(storage, findings())
    with storage.unit() as unit:
        assert unit.ledger.commitments() == []
        assert isinstance(unit.ledger, TicketLedger)
        assert unit.ledger.transitions("acme", "1", "a") == second.life


def test_the_weight_of_a_cause_is_never_stored(storage: Database) -> None:
    save(storage, replace(findings(), cause=Cause("late", "logistics", "sure", weight=0.93)))
    with storage.unit() as unit:
        found = unit.ledger.findings("acme", "1")
    assert found is not None
    assert found.cause == Cause("late", "logistics", "sure")


def test_commitments_come_the_soonest_due_first_and_by_state(storage: Database) -> None:
    def due(key: str, days: int | None, state: State) -> Commitment:
        end = None if days is None else NOW + timedelta(days=days)
        return replace(promise(key, state), due=Window(end=end))

    save(storage, findings(due("never", None, State.OPEN), due("late", 9, State.OPEN), due("soon", 1, State.BROKEN)))
    save(storage, findings(due("mid", 5, State.KEPT), ticket_id="2"))
    with storage.unit() as unit:
        assert [found[2].key for found in unit.ledger.commitments()] == ["soon", "mid", "late", "never"]
        assert [found[:2] for found in unit.ledger.commitments("acme", [State.KEPT])] == [("acme", "2")]
        assert [found[2].key for found in unit.ledger.commitments(states=["open", "broken"], limit=2)] == [
            "soon",
            "late",
        ]
        assert unit.ledger.commitments("other") == []


_RISK, _END = NOW + 10 * MINUTE, NOW + 20 * MINUTE


@pytest.mark.parametrize(
    ("state", "judged", "moment"),
    [
        (State.OPEN, NOW, _RISK),
        (State.OPEN, _RISK, _RISK),
        (State.OPEN, _RISK + MINUTE, _END),
        (State.OPEN, _END + MINUTE, None),
        (State.AT_RISK, NOW, _END),
        (State.AT_RISK, _END + MINUTE, None),
        (State.BROKEN, NOW, None),
        (State.KEPT, NOW, None),
        (State.CONDITIONAL, NOW, None),
    ],
)
def test_time_moves_open_promises_only_at_their_risk_and_due_moments(
    state: State, judged: datetime, moment: datetime | None
) -> None:
    made = replace(promise(), state=state, risk_at=_RISK, due=Window(end=_END))
    assert look_at(made, judged) == moment


def test_tickets_fall_due_once_until_they_are_judged_again(storage: Database) -> None:
    made = replace(promise("a"), risk_at=_RISK, due=Window(end=_END))
    save(storage, findings(made, replace(made, key="b")))
    with storage.unit() as unit:
        assert unit.ledger.due(_RISK - MINUTE) == []
        assert unit.ledger.due(_RISK) == [("acme", "1")]
    save(storage, replace(findings(replace(made, state=State.AT_RISK)), as_of=_RISK))
    with storage.unit() as unit:
        assert unit.ledger.due(_RISK) == []
        assert unit.ledger.due(_END) == [("acme", "1")]
        unit.accounts.update("acme", paused="401")
        assert unit.ledger.due(_END) == []


def test_seen_tells_when_a_ticket_had_last_changed(storage: Database) -> None:
    long = "9" * 700
    save(storage, findings())
    save(storage, findings(ticket_id=long))
    with storage.unit() as unit:
        names = ["1", long, "2", *map(str, range(1000, 2000))]
        assert unit.ledger.seen("acme", names) == {"1": NOW - MINUTE, long: NOW - MINUTE}
        assert unit.ledger.seen("acme", []) == unit.ledger.seen("other", ["1"]) == {}


def test_what_digests_count_is_plain_and_names_nobody(storage: Database) -> None:
    with storage.unit() as unit:
        unit.accounts.add(account("other"))
        unit.ledger.save("acme", ticket("1", requester="501"), findings(ticket_id="1"), NOW)
        unit.ledger.save("acme", ticket("2", requester="501"), findings(ticket_id="2"), NOW)
        unit.ledger.save("acme", ticket("3", requester="502"), findings(ticket_id="3"), NOW)
        unit.ledger.save("other", ticket("1", requester="501"), findings(ticket_id="1"), NOW)
    with storage.engine.connect() as connection:
        rows = connection.execute(causes.select().where(causes.c.main)).all()
        assert {(row.key, row.owner, row.created_at) for row in rows} == {
            ("late_delivery", "logistics", NOW - timedelta(days=2))
        }
        hashes = [row.requester_key for row in sorted(rows, key=lambda row: (row.account_id, row.ticket_id))]
        assert len(hashes[0]) == 64
        assert hashes[0] == hashes[1] != hashes[2]
        assert hashes[3] not in hashes[:3]
        counts = connection.execute(effort.select().where(effort.c.ticket_id == "2")).all()
        assert {(row.kind, row.count) for row in counts} == {("transfer", 2), ("chase", 1)}
        assert {row.key for row in connection.execute(flags.select())} == {"leaving"}


def test_a_forgotten_ticket_leaves_no_words_behind(storage: Database) -> None:
    from .examples import delivery, doorbell

    storage.keep(delivery(body=b"said"), doorbell("1", "a"), NOW)
    storage.keep(delivery(body=b"kept"), doorbell("2", "b"), NOW)
    save(storage, findings(promise()))
    save(storage, findings(promise(), ticket_id="2"))
    with storage.unit() as unit:
        unit.ledger.keep_card("acme", "1", card())
        unit.ledger.forget_ticket("acme", "1")
    with storage.unit() as unit:
        assert unit.ledger.findings("acme", "1") is None
        assert unit.ledger.cards("acme", "1") == []
        assert isinstance(unit.ledger, TicketLedger)
        assert unit.ledger.transitions("acme", "1", "k1") == ()
        assert [unit.history.body(row["id"]) for row in unit.history.deliveries()] == [b"kept", b""]
        assert unit.ledger.findings("acme", "2") is not None
    assert not storage.keep(delivery(), doorbell("1", "a"), NOW)


def test_a_naive_moment_in_findings_is_refused(storage: Database) -> None:
    bad = replace(promise(), due=Window(end=datetime(2026, 3, 30, 17, 0)))  # noqa: DTZ001 - what is refused
    with pytest.raises(ValueError, match="time zone"):
        save(storage, findings(bad))


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 10, 25, 3, 30, tzinfo=ZoneInfo("Europe/Riga")),
        datetime(2026, 10, 25, 3, 30, fold=1, tzinfo=ZoneInfo("Europe/Riga")),
        datetime(1999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        NOW.astimezone(ZoneInfo("Asia/Kathmandu")),
    ],
)
def test_a_moment_keeps_its_zone_even_in_the_hour_that_comes_twice(moment: datetime) -> None:
    back = from_json(Window, to_json(Window(end=moment))).end
    assert back is not None
    assert (back, back.fold, back.utcoffset(), str(back.tzinfo)) == (
        moment, moment.fold, moment.utcoffset(), str(moment.tzinfo)
    )  # fmt: skip


def test_a_document_of_a_later_version_can_still_be_read() -> None:
    text = to_json(Evidence("m1", "quote", 2)).replace("{", '{"added_later": 1, ', 1)
    assert from_json(Evidence, text) == Evidence("m1", "quote", 2)
    assert from_json(Commitment, to_json(promise())).role is Role.AGENT
