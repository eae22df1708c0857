"""From a change in the sandbox's Freshdesk to a card on its ticket: real server, real webhooks, both ways in."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
import structlog
from click.testing import CliRunner

from plugin.app import House, build
from plugin.cli import root
from plugin.cli.server import make_server
from plugin.ports import Mode
from plugin.sandbox import FreshAccount, Setup, open_sandbox
from plugin.settings import Settings, SystemClock
from plugin.work.drain import drain
from plugin.work.reconcile import reconcile_all

CHARGED = "You charged me twice for the same invoice, I want the wrong charge refunded!"


def command(*arguments: str, given: str = "") -> str:
    result = CliRunner().invoke(root, list(arguments), input=given, standalone_mode=False)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return str(result.output)


@dataclass
class Way:
    """Both ends, and what was printed when the account was added."""

    there: FreshAccount
    house: House
    base: str
    address: str
    token: str
    app_secret: str

    def settle(self) -> None:
        """Let every webhook arrive and do what is due, until nothing moves any more."""
        for _ in range(6):
            self.there.webhooks.flush(10)
            with self.house.storage.unit(reading=True) as u:
                due = u.queue.next_due()
            if due is None:
                return
            drain(self.house.tools)


@pytest.fixture
def way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Way]:
    monkeypatch.setenv("FOLLOWTHROUGH_HOME", str(tmp_path))
    with open_sandbox(SystemClock(), setup=Setup("fresh", helpdesk="freshdesk", zone="Europe/Riga")) as sandbox:
        there = sandbox.freshdesk
        key = there.credentials()["api_key"]
        told = command("accounts", "add", "freshdesk", "acme", "--url", there.url, "--mode", "write",
                       given=f"api_key={key}\n")  # fmt: skip
        house = build(Settings(home=tmp_path, workers=0, reconcile_seconds=0, quiet_seconds=0))
        server = make_server(house, "127.0.0.1", 0)
        threading.Thread(target=server.run, daemon=True).start()
        base = f"http://127.0.0.1:{server.effective_port}"
        found = re.search(r"(/hooks/freshdesk/acme/\S+)\n.*X-Followthrough-Token: (\S+)\n.*app secret (\S+)\n", told)
        assert found, told
        yield Way(there, house, base, base + found[1], found[2], found[3])
        server.close()
        house.close()
    structlog.reset_defaults()


def complain(way: Way, subject: str = "Invoice", words: str = CHARGED) -> int:
    ana = way.there.do.customer("Ana Berg", "ana@example.org")
    return way.there.do.customer_writes(ana, words, subject=subject)


def card(way: Way, ticket: int) -> str:
    (row,) = way.there.notes(ticket)
    return str(row["html_body"])


def test_a_rule_rings_and_the_card_lives_on_the_ticket(way: Way) -> None:
    way.there.subscribe(way.address, secret=way.token)
    ticket = complain(way)
    way.settle()
    assert "charged me twice" in card(way, ticket)
    assert [tag for tag in way.there.tags(ticket) if tag.startswith("ft_cause_")]
    way.there.do.agent_replies(ticket, "We will call you back by 17:00 tomorrow.")
    way.settle()
    assert "call" in card(way, ticket)
    assert len(way.there.notes(ticket)) == 1


def test_a_subject_that_breaks_the_template_still_rings(way: Way) -> None:
    way.there.subscribe(way.address, secret=way.token)
    ticket = complain(way, subject='He said "never again" to me')
    way.settle()
    assert "charged me twice" in card(way, ticket)
    with way.house.storage.unit(reading=True) as u:
        assert "broken" in {row["event"] for row in u.history.deliveries("acme")}


@pytest.mark.parametrize("envelope", ["samples", "docs"])
def test_our_app_rings_and_its_agents_address_is_never_stored(way: Way, envelope: str) -> None:
    way.there.subscribe(f"{way.base}/hooks/freshdesk/acme", kind="app", secret=way.app_secret, envelope=envelope)
    ticket = complain(way)
    way.there.do.agent_replies(ticket, "We will look into it.")
    sent = b"".join(way.there.webhooks.bodies())
    assert b"current_login_ip" in sent
    way.settle()
    assert "charged me twice" in card(way, ticket)
    with way.house.storage.unit(reading=True) as u:
        kept = [u.history.body(row["id"]) for row in u.history.deliveries("acme")]
    assert kept
    assert not any(b"login_ip" in body or b"privileges" in body for body in kept)


def test_our_own_writes_come_to_rest(way: Way) -> None:
    way.there.subscribe(way.address, secret=way.token)
    way.there.subscribe(f"{way.base}/hooks/freshdesk/acme", kind="app", secret=way.app_secret)
    ticket = complain(way)
    way.settle()
    before = card(way, ticket), way.there.desk.state.tickets[ticket].updated_at
    for _ in range(5):
        way.settle()
    with way.house.storage.unit(reading=True) as u:
        assert u.queue.next_due() is None
    assert before == (card(way, ticket), way.there.desk.state.tickets[ticket].updated_at)


def test_a_deleted_ticket_ends_its_story(way: Way) -> None:
    way.there.subscribe(f"{way.base}/hooks/freshdesk/acme", kind="app", secret=way.app_secret)
    ticket = complain(way)
    way.settle()
    way.there.do.delete(ticket)
    way.settle()
    with way.house.storage.unit(reading=True) as u:
        assert u.queue.counts().get("buried", 0) == 0
        assert {row["ticket_id"] for row in u.history.deliveries("acme", "gone")} == {str(ticket)}


KNOCKS = [
    ("", {}, 401),
    ("", {"X-Followthrough-Token": "{token}"}, 401),
    ("/wrong", {"X-Followthrough-Token": "{token}"}, 404),
    ("/{path}", {}, 401),
    ("/{path}", {"X-Followthrough-Token": "wrong"}, 401),
    ("/{path}/more", {"X-Followthrough-Token": "{token}"}, 404),
    ("/{path}", {"X-Followthrough-Token": "{token}"}, 202),
    ("", {"X-Followthrough-Time": "1", "X-Followthrough-Signature": "0" * 64}, 401),
    ("", {"X-Followthrough-Time": "1", "X-Followthrough-Signature": "x"}, 400),
]
"""What is sent to our address, and what comes back."""


def test_only_the_right_address_with_the_right_token_is_let_in(way: Way, capsys: pytest.CaptureFixture[str]) -> None:
    secret = way.address.rsplit("/", 1)[1]
    for path, headers, status in KNOCKS:
        sent = {name: value.replace("{token}", way.token) for name, value in headers.items()}
        url = f"{way.base}/hooks/freshdesk/acme{path.replace('{path}', secret)}"
        answer = requests.post(url, data=b'{"ticket_id": "1"}', headers=sent, timeout=10)
        assert answer.status_code == status, (path, headers)
        said = capsys.readouterr()
        assert secret not in said.out + said.err + answer.text
        assert way.token not in said.out + said.err + answer.text


def test_a_token_is_exchanged_without_a_gap(way: Way) -> None:
    told = command("accounts", "set", "acme", "--rotate-signing")
    new = re.search(r"X-Followthrough-Token: (\S+)", told)
    assert new
    assert new[1] != way.token
    way.house._accounts.clear()
    for token, status in ((way.token, 202), (new[1], 202)):
        sent = {"X-Followthrough-Token": token}
        assert requests.post(way.address, data=b'{"ticket_id":1}', headers=sent, timeout=10).status_code == status
    command("accounts", "set", "acme", "--end-rotation")
    way.house._accounts.clear()
    sent = {"X-Followthrough-Token": way.token}
    assert requests.post(way.address, data=b'{"ticket_id":1}', headers=sent, timeout=10).status_code == 401


def test_what_nobody_rang_for_is_found_by_looking(way: Way) -> None:
    ticket, gone = complain(way), complain(way, subject="Gone")
    assert reconcile_all(way.house.tools) == {"acme": "2 queued"}
    way.there.do.delete(gone)
    drain(way.house.tools)
    assert "charged me twice" in card(way, ticket)


def test_check_says_what_an_agent_does_not_see(way: Way) -> None:
    way.there.integration.scope, way.there.integration.admin = 2, False
    told = command("check", "acme")
    assert "Only tickets of its own groups" in told
    assert "Scope: Global access" in told
    way.there.integration.scope, way.there.integration.admin = 1, True
    rows = json.loads(command("check", "acme", "--json"))
    assert not [row for row in rows if row["what"] == "sees everything"]
    assert {row["what"]: row["ok"] for row in rows}["Rights"] is True


def test_the_account_knows_its_hours_and_its_mode(way: Way) -> None:
    (shown,) = json.loads(command("accounts", "list", "--json"))
    assert (shown["zone"], shown["hours"], shown["mode"]) == ("Europe/Riga", "Mon-Fri 09:00-17:00", Mode.WRITE)
    assert shown["credentials"] == ["api_key", "app_secret", "hook_path"]
    assert way.token not in json.dumps(shown)
