"""People are kept whole, found whatever the case of their name, and leave nothing behind; accounts show how they do."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from werkzeug.security import generate_password_hash

from plugin.domain.ticket import Status
from plugin.ports import Human, Rejected, Temporary
from plugin.storage.unit import Database
from plugin.work.admit import FREE_TRIES, accept_link, make_link, sign_in

from .examples import MINUTE, NOW, account, delivery, doorbell, findings, ticket

ADA = Human("ada", "lead", "scrypt:32768:8:1$salt$hash", ("acme", "zeta"), 3, 2, NOW + MINUTE, seen_at=NOW - MINUTE)


def test_a_person_comes_back_as_they_were_given(storage: Database) -> None:
    with storage.unit() as unit:
        unit.people.add(ADA, NOW)
        assert unit.people.get("ada") == replace(ADA, created_at=NOW)


@pytest.mark.parametrize("name", ["ADA", "Ada", "ada"])
def test_a_name_is_one_name_however_it_is_written(storage: Database, name: str) -> None:
    with storage.unit() as unit:
        unit.people.add(replace(ADA, name="Ada"), NOW)
        assert unit.people.get(name) is not None
        with pytest.raises(Rejected):
            unit.people.add(replace(ADA, name=name), NOW)
        assert unit.people.update(name, role="admin").role == "admin"
        assert unit.people.remove(name)
        assert not unit.people.remove(name)
        assert unit.people.all() == []


def test_people_are_listed_by_name_and_changed_field_by_field(storage: Database) -> None:
    with storage.unit() as unit:
        for name in ("zoe", "ada", "ēriks"):
            unit.people.add(Human(name, "lead"), NOW)
        assert sorted(human.name for human in unit.people.all()) == ["ada", "zoe", "ēriks"]
        unit.people.update("zoe", accounts=("acme",), failures=7, locked_until=NOW, epoch=9)
        changed = unit.people.get("zoe")
    assert changed == Human("zoe", "lead", "", ("acme",), 9, 7, NOW, NOW)


def test_somebody_unknown_cannot_be_changed(storage: Database) -> None:
    with storage.unit() as unit, pytest.raises(Rejected):
        unit.people.update("nobody", role="admin")


def test_a_password_is_never_shown() -> None:
    assert "scrypt" not in repr(ADA)


def test_of_many_first_links_followed_at_once_one_makes_an_admin(storage: Database) -> None:
    start, outcomes = threading.Barrier(4), []

    def follow(n: int, token: str) -> None:
        start.wait()
        try:
            outcomes.append(accept_link(storage, token, f"name-{n}", "long enough to pass", NOW).role)
        except (Rejected, Temporary) as error:
            outcomes.append(type(error).__name__)

    shared = make_link(storage, NOW)
    tokens = [shared, shared, make_link(storage, NOW), make_link(storage, NOW)]
    threads = [threading.Thread(target=follow, args=pair) for pair in enumerate(tokens)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["Rejected", "Rejected", "Rejected", "admin"]
    with storage.unit(reading=True) as unit:
        assert len(unit.people.all()) == 1


def test_many_wrong_passwords_at_once_are_all_counted(storage: Database) -> None:
    with storage.unit() as unit:
        unit.people.add(Human("ada", "lead", generate_password_hash("x", method="scrypt:256:8:1")), NOW)
    threads = [threading.Thread(target=sign_in, args=(storage, "ada", "wrong", NOW)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with storage.unit(reading=True) as unit:
        known = unit.people.get("ada")
    assert known is not None
    assert known.failures == FREE_TRIES  # the fifth locks; those after it are not even looked at


# --- what pages ask --------------------------------------------------------------------------------------------------


def test_tickets_of_a_cause_are_those_of_the_account_and_the_span_newest_first(storage: Database) -> None:
    with storage.unit() as unit:
        unit.accounts.add(account("zeta"))
        for n, name in ((1, "acme"), (2, "acme"), (3, "acme"), (4, "zeta")):
            made = replace(ticket(str(n)), created_at=NOW - timedelta(days=n * 5))
            unit.ledger.save(name, made, findings(ticket_id=str(n), words=f"words of {n}"), NOW)
        spam = replace(ticket("9"), status=Status.SPAM, created_at=NOW)
        unit.ledger.save("acme", spam, findings(ticket_id="9"), NOW)
        seen = unit.overview.tickets_of("acme", "late_delivery", NOW - timedelta(days=12), NOW)
        assert [(row.ticket_id, row.quote, row.lang) for row in seen] == [
            ("1", "words of 1", "en"),
            ("2", "words of 2", "en"),
        ]
        older = unit.overview.tickets_of("acme", "late_delivery", NOW - timedelta(days=99), NOW - timedelta(days=10))
        assert [row.ticket_id for row in older] == ["3"]
        assert unit.overview.tickets_of("acme", "unclear_tracking", NOW - timedelta(days=99), NOW) == []
        assert len(unit.overview.tickets_of("acme", "late_delivery", NOW - timedelta(days=99), NOW, 1)) == 1


def test_breaches_are_those_of_the_account_and_the_span(storage: Database) -> None:
    with storage.unit() as unit:
        unit.accounts.add(account("zeta"))
        unit.ledger.save("acme", ticket("1"), findings(), NOW)
        unit.ledger.save("zeta", ticket("2"), findings(ticket_id="2"), NOW)
        assert unit.overview.breaches("acme", NOW - MINUTE) == [("1", findings().adherence[0])]
        assert unit.overview.breaches("acme", NOW + MINUTE) == []


def test_a_pulse_counts_one_account_only(storage: Database) -> None:
    with storage.unit() as unit:
        unit.accounts.add(account("zeta"))
        unit.ledger.save("acme", ticket("1"), findings(), NOW)
        unit.queue.put("acme", "post", "ticket:1", NOW)
        unit.history.set_cursor("acme", "changed_since", "c", NOW + MINUTE)
        unit.history.set_cursor("acme", "of something else", "c", NOW + 9 * MINUTE)
        (job,) = unit.queue.jobs("acme")
        assert unit.overview.account_of_job(job.id) == "acme"
        assert unit.overview.account_of_job(job.id + 1) == ""
    storage.keep(delivery("acme"), doorbell("1", "a", "unreadable"), None)
    with storage.unit(reading=True) as unit:
        pulse, other = unit.overview.pulse("acme"), unit.overview.pulse("zeta")
    assert (pulse.tickets, pulse.asked_at, pulse.rang_at, pulse.looked_at) == (1, NOW + MINUTE, NOW, NOW)
    assert (dict(pulse.jobs), dict(pulse.deliveries)) == ({"waiting": 1}, {"unreadable": 1})
    assert (other.tickets, other.asked_at, other.rang_at, dict(other.jobs), dict(other.deliveries)) == (
        0,
        None,
        None,
        {},
        {},
    )
