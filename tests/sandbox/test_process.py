"""The sandbox as its own process: driven over HTTP, and remembering what it knew."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from plugin.sandbox import Account, MovedClock, Sandbox, open_sandbox
from plugin.sandbox.keeping import load_states, save_states
from tests.sandbox.conftest import NOON, Api, Receiver


def _ask(url: str, name: str, /, **asked: Any) -> Any:
    answer = requests.post(f"{url}/_sandbox/{name}", json=asked, timeout=10)
    assert answer.status_code == 200, answer.text
    return answer.json()


@contextmanager
def _process(state: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    asked = [sys.executable, "-m", "plugin.sandbox", "--state", str(state), "--now", "2026-03-02T12:00:00+00:00"]
    with subprocess.Popen(asked, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield json.loads(process.stdout.readline())["url"], process
        finally:
            process.kill()


def test_a_process_is_driven_over_http_and_starts_again_where_it_stopped(tmp_path: Path, receiver: Receiver) -> None:
    state = tmp_path / "desk.json"
    with _process(state) as (url, process):
        jo = _ask(url, "act", do="customer", name="Jo", email="jo@example.org")["result"]
        ticket = _ask(url, "act", do="customer_writes", customer=jo, text="Hello", subject="Hi")["result"]
        hook = _ask(url, "subscribe", endpoint=receiver.url)
        _ask(url, "act", do="agent_replies", ticket=ticket, text="We will call you tomorrow.")
        assert _ask(url, "flush", timeout=10) == {"all": True}
        deliveries = requests.get(url + "/_sandbox/deliveries", timeout=5).json()["deliveries"]
        assert deliveries
        assert {d["status"] for d in deliveries} == {"success"}
        assert _ask(url, "clock", advance=3600)["now"].startswith("2026-03-02T13:")
        before = requests.get(url + "/_sandbox/about", timeout=5).json()
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    with _process(state) as (url, _process_again):
        after = requests.get(url + "/_sandbox/about", timeout=5).json()
        assert after["credentials"] == before["credentials"]
        assert after["tickets"] == [ticket]
        receiver.got.clear()
        _ask(url, "act", do="agent_notes", ticket=ticket, text="Back again")
        assert _ask(url, "flush", timeout=10) == {"all": True}
        assert [h["x-zendesk-webhook-id"] for h, _body in receiver.got][:1] == [hook["id"]]


def test_every_part_of_the_state_survives_the_file(account: Account, ticket: int, tmp_path: Path) -> None:
    account.do.call(ticket, "+447700900142", partner=True)
    account.desk.add_field("Root cause", options=["rc_x"])
    account.subscribe("http://127.0.0.1:9/")
    save_states([account.desk.state], tmp_path / "s.json")
    assert load_states(tmp_path / "s.json") == [account.desk.state]
    (tmp_path / "t.json").write_text('[{"settings": {"colour": 1}}]')
    with pytest.raises(ValueError, match="not a sandbox state"):
        load_states(tmp_path / "t.json")


@pytest.mark.parametrize(
    ("name", "asked", "part"),
    [
        ("act", {"do": "close_the_shop"}, "no deed"),
        ("act", {"do": "_save", "ticket": 1, "fields": {}, "agent": "x"}, "no deed"),
        ("act", {"do": "solve"}, "TypeError"),
        ("fail", {"count": 1, "kind": "flood"}, "no fault"),
        ("turn", {"noise": 1}, "noise"),
        ("settings", {"colour": 1}, "no setting"),
    ],
)
def test_the_control_refuses_what_it_does_not_know(account: Account, name: str, asked: Any, part: str) -> None:
    account.subscribe("http://127.0.0.1:9/")
    answer = requests.post(f"{account.url}/_sandbox/{name}", json=asked, timeout=5)
    assert answer.status_code == 400
    assert part in answer.json()["description"]


def test_a_web_page_elsewhere_cannot_drive_the_sandbox(account: Account) -> None:
    """A form can post text, not JSON, to another origin without asking first."""
    answer = requests.post(f"{account.url}/_sandbox/act", data='{"do": "customer", "name": "x"}', timeout=5)
    assert answer.status_code == 403


def test_one_sandbox_holds_several_accounts_that_do_not_know_each_other(sandbox: Sandbox, ticket: int) -> None:
    other = _ask(sandbox.url, "accounts", key="second", subdomain="second")["accounts"]["second"]
    assert other != sandbox.url
    api = Api(sandbox.accounts["second"])
    assert api("GET", f"/api/v2/tickets/{ticket}").status_code == 404
    own = Api(sandbox.account)
    own.account = sandbox.accounts["second"]
    assert own("GET", "/api/v2/groups").status_code == 401


def test_a_recording_holds_every_exchange_and_no_credentials(account: Account, ticket: int, tmp_path: Path) -> None:
    path = tmp_path / "traffic.jsonl"
    account.record(path)
    api = Api(account)
    api("PUT", f"/api/v2/tickets/{ticket}/tags", json={"tags": ["ft_x"]})
    account.record(None)
    api("GET", "/api/v2/groups")
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert [(r["method"], r["path"], r["status"]) for r in rows] == [
        ("POST", "/oauth/tokens", 200),
        ("PUT", f"/api/v2/tickets/{ticket}/tags", 200),
    ]
    assert (rows[1]["request"], rows[1]["response"]) == ({"tags": ["ft_x"]}, {"tags": ["ft_x"]})
    whole = path.read_text(encoding="utf-8")
    assert api.grant["access_token"] not in whole
    assert account.credentials()["client_secret"] not in whole


def test_the_agents_page_shows_notes_and_lets_nothing_dangerous_through() -> None:
    with open_sandbox(MovedClock(NOON)) as sandbox:
        account = sandbox.account
        eve = account.do.customer("Eve <img src=x onerror=a()>", "eve@example.org")
        evil = "<script>alert(1)</script><p onclick=a()>Hi</p><details>gone</details>"
        ticket = account.do.customer_writes(eve, evil, subject="<script>x</script>", html=True)
        note = {"ticket": {"comment": {"html_body": "<b>1 promise due</b>", "public": False}}}
        Api(account)("PUT", f"/api/v2/tickets/{ticket}", json=note)
        account.do.tag(ticket, ["vip"])
        answer = requests.get(f"{account.url}/agent/tickets/{ticket}", timeout=5)
        assert "<script" not in answer.text
        assert "<img" not in answer.text
        assert "onclick" not in answer.text
        assert "<details" not in answer.text
        assert '<article class="note"' in answer.text
        assert "<b>1 promise due</b>" in answer.text
        assert "<li>vip</li>" in answer.text
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert requests.get(f"{account.url}/agent/tickets/77", timeout=5).status_code == 404
