"""Accounts come back whole, change field by field, never see each other, and leave nothing behind."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy import inspect as reflect

from plugin.domain.findings import Evidence, Preference
from plugin.domain.statements import Statement
from plugin.domain.ticket import Channel
from plugin.ports import (
    Account,
    Accounts,
    Correction,
    History,
    Job,
    KeptDigest,
    Ledger,
    Mode,
    Override,
    Queue,
    Rejected,
)
from plugin.storage.tables import OF_THE_INSTALLATION, metadata
from plugin.storage.unit import Database, OneUnit

from .examples import LEASE, NOW, account, card, delivery, doorbell, findings, promise, ticket

TOMORROW = NOW + timedelta(1)


def fill(storage: Database, name: str) -> None:
    """At least one row of this account in every table."""
    with storage.unit() as unit:
        if unit.accounts.get(name) is None:
            unit.accounts.add(account(name))
        unit.queue.put(name, "post", f"{name}-done", NOW)
        for job in unit.queue.claim(NOW, LEASE, 9):
            unit.queue.done(job, NOW)
        unit.queue.put(name, "post", f"{name}-lane", TOMORROW)
        unit.ledger.save(name, ticket("1"), findings(promise(quote=f"words of {name}")), NOW)
        unit.ledger.keep_card(name, "1", card(f"version of {name}"))
        unit.history.set_cursor(name, "export", f"cursor of {name}", NOW)
        unit.corrections.add(name, Correction("1", "causes", "cause", "dismiss", words=f"words of {name}"), NOW)
        unit.models.add(name, "causes", b"model", "{}", NOW, 2)
        unit.taxonomies.add(name, "{}", "ada", "merged", {"old": ("new", "service")}, NOW)
        unit.emerging.note(name, ticket("1"), "en", f"words of {name}")
        unit.emerging.propose(name, "{}", [("1", f"words of {name}")], NOW)
        unit.digests.keep(name, KeptDigest("lead", "day:2026-03-26", "v1", NOW, f"digest of {name}"))
        unit.digests.set_ticket(name, "lead", "77", NOW)
        wish = Preference("p1", Channel.CALL, False, Evidence("m1", f"wish of {name}"), NOW)
        unit.preferences.add(name, unit.preferences.person(name, "501"), Statement(wish, "1"), NOW)
        unit.preferences.overrule(name, Override("1", "call", "", "warn", "other_channel", f"reason of {name}"), NOW)
    storage.keep(delivery(name, body=f"body of {name}".encode()), doorbell("1", "a"), None)


def rows_by_account(storage: Database) -> dict[str, dict[str, int]]:
    """Rows of each table by account, as the database itself lists its tables."""
    with storage.engine.connect() as connection:
        found = {}
        for name in reflect(connection).get_table_names():
            if name not in OF_THE_INSTALLATION:
                table = metadata.tables[name]
                owner = table.c.id if name == "accounts" else table.c.account_id
                counted = connection.execute(select(owner, func.count()).group_by(owner))
                found[name] = {row[0]: row[1] for row in counted}
        return found


def test_an_account_comes_back_as_it_was_given(storage: Database) -> None:
    with storage.unit() as unit:
        assert unit.accounts.get("acme") == account("acme")
        unit.accounts.add(Account("bare", "zendesk", "https://bare.example"))
        assert unit.accounts.all() == [account("acme"), Account("bare", "zendesk", "https://bare.example")]
        assert unit.accounts.get("nobody") is None


def test_an_account_is_added_once_and_needs_a_usable_id(storage: Database) -> None:
    for name in ("acme", "", "x" * 201, "nul\0"):
        with pytest.raises(Rejected), storage.unit() as unit:
            unit.accounts.add(account(name))


def test_fields_change_by_name(storage: Database) -> None:
    with storage.unit() as unit:
        changed = unit.accounts.update("acme", mode=Mode.OBSERVE, signing=("new", "old"), stopped=True)
        assert changed == account("acme", mode=Mode.OBSERVE, signing=("new", "old"), stopped=True)
        assert unit.accounts.get("acme") == changed
        with pytest.raises(TypeError):
            unit.accounts.update("acme", colour="red")
        with pytest.raises(Rejected):
            unit.accounts.update("acme", id="other")
        with pytest.raises(Rejected):
            unit.accounts.update("nobody", zone="UTC")


def test_removing_an_account_removes_every_row_of_it_and_no_other(storage: Database) -> None:
    fill(storage, "acme")
    fill(storage, "other")
    before = rows_by_account(storage)
    assert all(set(owners) == {"acme", "other"} for owners in before.values()), before
    assert len(before) == len(metadata.tables) - len(OF_THE_INSTALLATION & set(metadata.tables))
    with storage.unit() as unit:
        unit.accounts.remove("acme")
        unit.accounts.remove("nobody")
    assert rows_by_account(storage) == {name: {"other": owners["other"]} for name, owners in before.items()}


def test_rows_without_an_account_are_refused(storage: Database) -> None:
    from plugin.ports import Temporary

    with pytest.raises(Temporary), storage.unit() as unit:
        unit.queue.put("nobody", "analyse", "t1", NOW)


READS: dict[str, Callable[[OneUnit, str], Any]] = {
    "Queue.jobs": lambda unit, name: unit.queue.jobs(name),
    "Accounts.get": lambda unit, name: unit.accounts.get(name),
    "Ledger.findings": lambda unit, name: unit.ledger.findings(name, "1"),
    "Ledger.seen": lambda unit, name: unit.ledger.seen(name, ["1"]),
    "Ledger.commitments": lambda unit, name: unit.ledger.commitments(name),
    "Ledger.newest_card": lambda unit, name: unit.ledger.newest_card(name, "1"),
    "Ledger.cards": lambda unit, name: unit.ledger.cards(name, "1"),
    "Ledger.posted_since": lambda unit, name: unit.ledger.posted_since(name, "1", None),
    "History.deliveries": lambda unit, name: unit.history.deliveries(name),
    "History.cursor": lambda unit, name: unit.history.cursor(name, "export"),
}
"""Every method that answers about one account."""

WRITES: dict[str, Callable[[OneUnit, str], Any]] = {
    "Queue.put": lambda unit, name: unit.queue.put(name, "analyse", f"{name}-lane", NOW, {"by": name}),
    "Accounts.add": lambda unit, name: unit.accounts.add(account(f"{name}-second")),
    "Accounts.update": lambda unit, name: unit.accounts.update(name, zone="Asia/Tokyo"),
    "Accounts.remove": lambda unit, name: unit.accounts.remove(name),
    "Ledger.save": lambda unit, name: unit.ledger.save(name, ticket("1"), findings(), NOW),
    "Ledger.keep_card": lambda unit, name: unit.ledger.keep_card(name, "1", card("another")),
    "Ledger.start_posting": lambda unit, name: unit.ledger.start_posting(name, "1", f"version of {name}", NOW),
    "Ledger.finish_posting": lambda unit, name: unit.ledger.finish_posting(
        name, "1", f"version of {name}", NOW, "posted"
    ),
    "Ledger.forget_ticket": lambda unit, name: unit.ledger.forget_ticket(name, "1"),
    "History.empty_bodies": lambda unit, name: unit.history.empty_bodies(name, TOMORROW, 0, 9),
    "History.set_cursor": lambda unit, name: unit.history.set_cursor(name, "export", "moved", NOW),
}
"""Every method that changes one account."""


def test_every_method_with_an_account_id_is_in_one_of_the_two_lists() -> None:
    listed = {
        f"{port.__name__}.{name}"
        for port in (Queue, Accounts, Ledger, History)
        for name, method in inspect.getmembers(port, inspect.isfunction)
        if not name.startswith("_") and {"account_id", "account"} & set(inspect.signature(method).parameters)
    }
    assert listed == set(READS) | set(WRITES)


@pytest.mark.parametrize("read", READS.values(), ids=READS.keys())
def test_a_question_about_one_account_says_nothing_of_another(
    storage: Database, read: Callable[[OneUnit, str], Any]
) -> None:
    with storage.unit() as unit:
        unit.accounts.add(account("other"))
        empty = read(unit, "other") if read is not READS["Accounts.get"] else account("other")
    fill(storage, "acme")
    with storage.unit() as unit:
        assert read(unit, "other") == empty
        assert "acme" not in repr(read(unit, "other"))


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
def test_a_change_to_one_account_leaves_another_as_it_was(
    storage: Database, write: Callable[[OneUnit, str], Any]
) -> None:
    fill(storage, "acme")
    fill(storage, "other")
    with storage.unit() as unit:
        before, others = {name: read(unit, "other") for name, read in READS.items()}, rows_of(unit, "other")[0]
        mine = [rows_of(unit, "acme")]
        write(unit, "acme")
        assert {name: read(unit, "other") for name, read in READS.items()} == before
        assert rows_of(unit, "other")[0] == others, "the bodies of its deliveries"
        mine.append(rows_of(unit, "acme"))
    assert mine[0] != mine[1]


def rows_of(unit: OneUnit, name: str) -> list[Any]:
    bodies = [unit.history.body(row["id"]) for row in unit.history.deliveries(name)]
    return [bodies, unit.accounts.all(), *(read(unit, name) for read in READS.values())]


def test_a_claim_may_serve_several_accounts_and_each_job_names_its_own(storage: Database) -> None:
    fill(storage, "acme")
    fill(storage, "other")
    with storage.unit() as unit:
        found: list[Job] = unit.queue.claim(TOMORROW, LEASE, 9)
    assert {(job.account_id, job.lane) for job in found} == {("acme", "acme-lane"), ("other", "other-lane")}
