"""The commands as their user types them, against the sandbox helpdesk."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from click.testing import CliRunner

from plugin.cli import COMMANDS, cli, root
from plugin.sandbox import Sandbox, Setup, open_sandbox
from plugin.settings import SystemClock


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with open_sandbox(SystemClock()) as opened:
        opened.add_account(Setup("acme", zone="Europe/Riga", hours="Mon-Thu 08:00-17:00, Fri 08:00-12:00"))
        yield opened


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("FOLLOWTHROUGH_HOME", str(tmp_path))
    yield tmp_path
    structlog.reset_defaults()  # `serve` logs to a stderr that is this test's alone


def run(*arguments: str, given: str = "") -> tuple[int, str]:
    result = CliRunner().invoke(root, list(arguments), input=given, standalone_mode=False)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return (result.return_value if isinstance(result.return_value, int) else result.exit_code), result.output


def add(sandbox: Sandbox, *more: str) -> tuple[int, str]:
    account = sandbox.accounts["acme"]
    secrets = "".join(f"{k}={v}\n" for k, v in account.credentials().items()) + "signing=s3cret-signing\n"
    return run("accounts", "add", "zendesk", "acme", "--url", account.url, *more, given=secrets)


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_has_help_with_an_example(command: str) -> None:
    code, output = run(command, "--help")
    assert code == 0
    assert "Example" in output or "Commands" in output


def test_credentials_that_come_later_tell_who_we_are_as_well(sandbox: Sandbox) -> None:
    account = sandbox.accounts["acme"]
    run("accounts", "add", "zendesk", "acme", "--url", account.url, "--hours", "Mon-Fri 10:00-12:00")
    run("accounts", "set", "acme", given="".join(f"{k}={v}\n" for k, v in account.credentials().items()))
    (shown,) = json.loads(run("accounts", "list", "--json")[1])
    assert (shown["own_user_id"], shown["hours"]) == (str(account.integration.id), "Mon-Fri 10:00-12:00")


def test_an_account_is_added_listed_changed_and_removed(sandbox: Sandbox) -> None:
    code, output = add(sandbox)
    assert code == 0, output
    assert "/hooks/zendesk/acme" in output
    assert "s3cret" not in output
    (shown,) = json.loads(run("accounts", "list", "--json")[1])
    assert (shown["mode"], shown["zone"], shown["signing_secrets"]) == ("observe", "Europe/Riga", 1)
    assert shown["hours"] == "Mon-Thu 08:00-17:00, Fri 08:00-12:00"
    assert shown["own_user_id"] == str(sandbox.accounts["acme"].integration.id)
    run("accounts", "set", "acme", "--mode", "write", "--stop")
    (shown,) = json.loads(run("accounts", "list", "--json")[1])
    assert (shown["mode"], shown["stopped"]) == ("write", True)
    assert run("accounts", "remove", "acme", "--yes")[0] == 0
    assert json.loads(run("accounts", "list", "--json")[1]) == []


def test_two_signing_secrets_stand_while_one_is_rotated(sandbox: Sandbox) -> None:
    add(sandbox)
    run("accounts", "set", "acme", "--rotate-signing", given="signing=new-one\n")
    assert json.loads(run("accounts", "list", "--json")[1])[0]["signing_secrets"] == 2
    run("accounts", "set", "acme", "--end-rotation")
    assert json.loads(run("accounts", "list", "--json")[1])[0]["signing_secrets"] == 1


def test_check_says_what_is_well(sandbox: Sandbox) -> None:
    add(sandbox)
    code, output = run("check", "acme", "--json")
    seen = {row["what"]: row["ok"] for row in json.loads(output)}
    assert code == 0
    assert seen["Reach"] is seen["Rights"] is seen["Clock"] is True
    assert seen["Signature"] is None


def test_check_names_the_fix_of_what_is_not(sandbox: Sandbox) -> None:
    url = sandbox.accounts["acme"].url
    run("accounts", "add", "zendesk", "acme", "--url", url, given="client_id=x\nclient_secret=y\n")
    code, output = run("check", "acme")
    assert code == 1
    assert "fix:" in output
    assert "No signing secret" in output


def test_check_of_a_helpdesk_that_is_not_there_is_a_line_and_no_trace() -> None:
    run("accounts", "add", "zendesk", "gone", "--url", "http://127.0.0.1:9", "--offline",
        given="client_id=x\nclient_secret=y\nsigning=z\n")  # fmt: skip
    code, output = run("check", "gone")
    assert code == 1
    assert "FAIL  Reach" in output


@pytest.mark.parametrize(
    ("arguments", "given", "says"),
    [
        (("accounts", "add", "zendesk", "a b", "--url", "https://x.example"), "", "name is letters"),
        (("accounts", "add", "zendesk", "a", "--url", "http://x.example"), "", "https"),
        (("accounts", "add", "zendesk", "a", "--url", "https://x.example", "--hours", "Mon 25:00-26:00"), "", "25:00"),
        (("accounts", "add", "zendesk", "a", "--url", "https://x.example", "--zone", "Mars/One"), "", "zone"),
        (("accounts", "add", "zendesk", "a", "--url", "https://x.example"), "password=1\n", "line 1"),
        (("accounts", "set", "nobody", "--stop"), "", "no account"),
        (("jobs", "retry", "77"), "", "not buried"),
        (("explain", "/nowhere.json"), "", "does not exist"),
        (("accounts", "add", "zendesk", "a", "--url", "https://["), "", "cannot be read"),
        (("accounts", "add", "zendesk", "a", "--url", "https://me:pw@x.example"), "", "nothing more"),
        (("accounts", "add", "zendesk", "a", "--url", "https://x.example", "--locale", "../en"), "", "does not speak"),
        (("jobs", "bury", "9" * 20), "", "range"),
        (("serve", "--port", "99999"), "", "range"),
        (("serve", "--host", "999.1.1.1"), "", "cannot listen"),
    ],
)
def test_a_wrong_call_is_told_what_to_do(
    arguments: tuple[str, ...],
    given: str,
    says: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import io

    monkeypatch.setattr("sys.stdin", io.StringIO(given))
    assert cli(arguments) != 0
    assert says in capsys.readouterr().err.lower()


def test_a_second_server_on_the_same_file_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    fcntl = pytest.importorskip("fcntl")
    monkeypatch.setenv("FOLLOWTHROUGH_DATABASE", f"sqlite:///{tmp_path / 'one.sqlite3'}")
    with (tmp_path / "one.sqlite3.serving").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert cli(("serve", "--port", "0")) == 1
    assert "stop it first" in capsys.readouterr().err


def test_a_log_level_nobody_knows_is_refused(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOLLOWTHROUGH_LOG_LEVEL", "LOUD")
    assert cli(("accounts", "list")) == 1
    assert "FOLLOWTHROUGH_LOG_LEVEL" in capsys.readouterr().err


def test_explain_shows_every_finding_with_its_quote(tmp_path: Path) -> None:
    file = tmp_path / "ticket.json"
    turns = [
        ("2026-03-02T10:00:00+02:00", "customer", "My home line is dead. Please call my mobile, +371 20000000."),
        ("2026-03-02T11:00:00+02:00", "agent", "Sorry about that. We will call you back by Wednesday noon."),
    ]
    messages = [dict(zip(("at", "role", "text"), turn, strict=True)) for turn in turns]
    ticket = {"zone": "Europe/Riga", "as_of": "2026-03-06T12:00:00+02:00", "messages": messages}
    file.write_text(json.dumps(ticket), "utf-8")
    code, output = run("explain", str(file))
    assert code == 0
    assert "commitment: call, broken" in output
    assert "“We will call you back by Wednesday noon”" in output
    assert "+37120000000" in output


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "not JSON"),
        (b"[]", "not a ticket file"),
        (b'{"messages": 5}', "not a ticket file"),
        (b'{"messages": [{"at": "x", "role": "agent"}]}', "not a ticket file"),
        (b"[" * 5000, "not a ticket file"),
        (b"\xff\xfe", "not UTF-8"),
        (b'{"messages": [], "hours": "always"}', "business hours"),
        (b'{"messages": [], "zone": "../etc"}', "time zone"),
        (b'{"messages": [], "holidays": ["x"]}', "no date"),
    ],
)
def test_a_ticket_file_that_is_none_is_explained(
    tmp_path: Path, content: bytes, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "ticket.json"
    file.write_bytes(content)
    assert cli(["explain", str(file)]) == 1
    assert says in capsys.readouterr().err


def test_a_setting_that_cannot_be_read_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FOLLOWTHROUGH_PORT", "abc")
    assert cli(["accounts", "list"]) == 1
    assert capsys.readouterr().err.startswith("Error: FOLLOWTHROUGH_PORT: ")
