"""Contact preferences on the command line: the customer's link, contacts that are one, stops that were overruled."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from plugin.cli import cli, root
from plugin.domain.findings import Evidence, Findings, Preference
from plugin.domain.statements import Statement
from plugin.domain.ticket import Channel, Person, Status, Ticket
from plugin.ports import Account, Override
from plugin.settings import SystemClock
from plugin.storage import open_storage
from plugin.work.preference_links import open_link

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with one account, a ticket of contact 17, and one override."""
    monkeypatch.setenv("FOLLOWTHROUGH_HOME", str(tmp_path))
    monkeypatch.setenv("FOLLOWTHROUGH_PUBLIC_URL", "https://ft.example")
    storage = open_storage(f"sqlite:///{tmp_path / 'followthrough.sqlite3'}", clock=SystemClock())
    with storage.unit() as u:
        u.accounts.add(Account("acme", "zendesk", "https://acme.zendesk.com"))
        u.ledger.save("acme", Ticket("1", Status.OPEN, Person("17"), AT, AT), Findings("1", AT), AT)
        said = Statement(Preference("k", Channel.CALL, True, Evidence("m", "no calls"), AT))
        u.preferences.note("acme", u.preferences.person("acme", "17"), "1", [said], AT)
        u.preferences.overrule("acme", Override("1", "call", "", "block", "refused_channel", "she rang us"), AT)
    storage.close()
    return tmp_path


def run(*arguments: str) -> str:
    result = CliRunner().invoke(root, list(arguments), standalone_mode=False, catch_exceptions=False)
    return result.output


def test_the_link_opens_the_page_of_the_tickets_customer(home: Path) -> None:
    address = run("preferences", "link", "acme", "1").strip()
    assert address.startswith("https://ft.example/p/")
    storage = open_storage(f"sqlite:///{home / 'followthrough.sqlite3'}", clock=SystemClock())
    link = open_link(storage, address.rpartition("/")[2], SystemClock().now())
    storage.close()
    assert (link.account_id, link.ticket_id, link.locale) == ("acme", "1", "en")


def test_a_ticket_nobody_looked_at_has_no_link(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli(["preferences", "link", "acme", "99"]) == 1
    assert "has not been looked at yet" in capsys.readouterr().err


def test_contacts_that_are_one_are_merged() -> None:
    assert "1 statements belong to 18" in run("preferences", "merge", "acme", "17", "18")


def test_overrides_are_listed_with_their_reason() -> None:
    shown = run("preferences", "overrides", "acme")
    assert "ticket 1  call  block: refused_channel" in shown
    assert "she rang us" in shown


def test_a_mapping_of_fields_that_cannot_be_meant_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli(["accounts", "set", "acme", "--setting", 'preference_fields={"Contact": "colour"}']) != 0
    assert "'Contact' must be one of channel" in capsys.readouterr().err
