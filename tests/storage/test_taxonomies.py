"""Lists of causes are versions of one account; figures count a merged cause for the other, nothing found is lost."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text

from plugin.domain.findings import Cause, Evidence, Findings
from plugin.domain.ticket import Person, Status, Ticket
from plugin.storage.unit import Database

from .examples import NOW, account

SPAN = (NOW - timedelta(days=7), NOW + timedelta(days=1))


def find(storage: Database, ticket_id: str, key: str, owner: str, customer: str, account_id: str = "acme") -> None:
    ticket = Ticket(ticket_id, Status.OPEN, Person(customer), NOW, NOW)
    found = Findings(ticket_id, NOW, Cause(key, owner, "sure", (Evidence("m", f"words of {ticket_id}"),)))
    with storage.unit() as u:
        u.ledger.save(account_id, ticket, found, NOW)


def merge(storage: Database, account_id: str = "acme") -> int:
    with storage.unit() as u:
        names = {"old": ("new", "finance"), "new": ("new", "finance")}
        return u.taxonomies.add(account_id, "the list", "ada", "merge old into new", names, NOW)


def test_versions_are_kept_and_the_newest_is_the_one_in_use(storage: Database) -> None:
    with storage.unit() as u:
        assert (u.taxonomies.version("acme"), u.taxonomies.get("acme", 1)) == (0, None)
    assert [merge(storage), merge(storage)] == [1, 2]
    with storage.unit(reading=True) as u:
        kept = u.taxonomies.get("acme", 2)
        listed = u.taxonomies.list("acme")
    assert kept is not None
    assert (kept.body, kept.by, kept.what, kept.made_at) == ("the list", "ada", "merge old into new", NOW)
    assert [(k.version, k.body) for k in listed] == [(2, ""), (1, "")]


def test_a_merged_cause_counts_for_the_other_and_its_customers_only_once(storage: Database) -> None:
    find(storage, "1", "old", "service", "ann"), find(storage, "2", "new", "finance", "ann")
    find(storage, "3", "old", "service", "bob")
    merge(storage)
    with storage.unit(reading=True) as u:
        (cause,) = u.figures.impact("acme", *SPAN).causes
        theirs = u.figures.impact("acme", *SPAN, owner="finance")
        nobodys = u.figures.impact("acme", *SPAN, owner="service")
        said = u.figures.quotes("acme", *SPAN, "new")
        seen = u.overview.tickets_of("acme", "new", *SPAN)
        assert u.figures.owners("acme", *SPAN) == ("finance",)
        kept = u.ledger.findings("acme", "1")
    assert (cause.key, cause.owner, cause.customers, cause.tickets) == ("new", "finance", 2, 3)
    assert (theirs.tickets, nobodys.tickets) == (3, 0)
    assert {s.ticket_id for s in said} == {t.ticket_id for t in seen} == {"1", "2", "3"}
    assert kept is not None
    assert kept.cause.key == "old", "what was found stays as it was found"


def test_another_account_is_not_touched(storage: Database) -> None:
    with storage.unit() as u:
        u.accounts.add(account("other"))
    find(storage, "1", "old", "service", "ann", "other")
    merge(storage)
    with storage.unit(reading=True) as u:
        assert [c.key for c in u.figures.impact("other", *SPAN).causes] == ["old"]
        assert u.taxonomies.version("other") == 0


def test_the_list_is_sealed(storage: Database) -> None:
    merge(storage)
    with storage.engine.connect() as connection:
        body = bytes(connection.execute(text("SELECT body FROM taxonomies")).scalar_one())
    assert b"the list" not in body
