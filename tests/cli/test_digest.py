"""The digest command: look before anything is sent, send a test, see what became of each."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from plugin.app import House
from plugin.cli import root
from plugin.cli.house import open_house
from plugin.ports import Account, KeptDigest, Mode
from plugin.work.report import ring_digests
from tests.made_up_week import save, week
from tests.toydesk import ToyDesk

NOW = datetime.now(UTC)
MONDAY = (NOW - timedelta(days=NOW.weekday() + 7)).replace(hour=6, minute=0, second=0, microsecond=0)
"""The Monday of the last whole week: the commands have the machine's clock."""

WEEK = "week:{}-W{:02d}".format(*MONDAY.isocalendar()[:2])


@pytest.fixture(autouse=True)
def filled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOLLOWTHROUGH_HOME", str(tmp_path / "home"))
    with open_house() as house:
        with house.storage.unit() as u:
            u.accounts.add(Account("acme", "zendesk", "https://acme.example", credentials={"email": "a", "token": "b"}))
        save(house.storage, "acme", week(MONDAY, NOW), NOW)


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> ToyDesk:
    """The helpdesk behind every account of this test."""
    toy = ToyDesk(clock=type("Now", (), {"now": staticmethod(lambda: NOW)})())
    monkeypatch.setattr(House, "connector", lambda *_: toy)
    return toy


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(root, ["digest", *arguments], standalone_mode=False)
    if result.exception and not isinstance(result.exception, SystemExit):
        return 1, result.stdout, str(getattr(result.exception, "message", result.exception))
    return result.exit_code, result.stdout, result.stderr


def set_mode(mode: Mode, **more: object) -> None:
    with open_house() as house, house.storage.unit() as u:
        u.accounts.update("acme", mode=mode, **more)


def test_a_preview_shows_the_note_writes_both_files_and_stores_nothing(tmp_path: Path) -> None:
    note, chart = tmp_path / "note.html", tmp_path / "chart.png"
    code, shown, said = run("preview", "acme", "--period", "week", "--html", str(note), "--png", str(chart))
    assert code == 0, said
    assert "More customers than before: Charged wrongly, +15" in shown
    assert "https://acme.example/agent/tickets/502" in note.read_text("utf-8")
    assert len(note.read_text("utf-8").splitlines()) <= 40 >= len(shown.splitlines())
    assert chart.read_bytes().startswith(b"\x89PNG")
    assert "No digest yet" in run("list", "acme")[2]


def test_a_preview_can_be_read_by_a_machine() -> None:
    told = json.loads(run("preview", "acme", "--period", WEEK, "--json")[1])
    assert (told["period"], told["causes"][0]["key"], told["causes"][0]["customers"]) == (WEEK, "billing_error", 37)


def test_a_team_gets_its_own_preview_and_an_empty_one_says_so() -> None:
    assert (
        "Delivery or visit is late: 21 (−7)" in run("preview", "acme", "--period", WEEK, "--audience", "logistics")[1]
    )
    code, _, said = run("preview", "acme", "--period", WEEK, "--audience", "owner:legal")
    assert (code, "would not be posted" in said) == (0, True)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nobody",), "no account 'nobody'; there is: acme"),
        (("acme", "--audience", "owner:moon"), "there is lead and owner:<team>: commercial"),
        (("acme", "--period", "yesterday"), "write day:2026-11-20 or week:2026-W47"),
        (("acme", "--period", "week:2199-W01"), "has not begun yet"),
        (("acme", "--period", "week", "--html", "/nowhere/note.html"), "cannot write /nowhere/note.html: No such file"),
    ],
)
def test_what_cannot_be_previewed_says_what_to_write(arguments: tuple[str, ...], message: str) -> None:
    code, _, said = run("preview", *arguments)
    assert code == 1
    assert message in said


def test_a_setting_that_cannot_be_read_is_named() -> None:
    set_mode(Mode.OBSERVE, settings={"digest_days": "someday"})
    assert "account acme: digest_days has no day 'someday'" in run("preview", "acme")[2]


@pytest.mark.parametrize(("mode", "stopped"), [(Mode.OBSERVE, False), (Mode.SUGGEST, False), (Mode.WRITE, True)])
def test_a_test_is_sent_only_where_we_may_write(desk: ToyDesk, mode: Mode, stopped: bool) -> None:
    set_mode(mode, stopped=stopped)
    code, _, said = run("send-test", "acme")
    assert code == 1
    assert "accounts set acme --mode write --go" in said
    assert desk.calls == []


def test_a_test_goes_to_the_digest_ticket_and_says_that_it_is_one(desk: ToyDesk) -> None:
    set_mode(Mode.WRITE)
    for _ in range(2):
        code, shown, said = run("send-test", "acme", "--period", WEEK)
        assert (code, shown) == (0, "Posted a test to ticket digest-1: https://toy.example/tickets/digest-1\n"), said
    notes = desk.notes["digest-1"]
    assert len({note.marker for note in notes}) == len(notes) == 2
    assert all("<b>Test · " in note.html for note in notes)
    assert "No digest yet" in run("list", "acme")[2], "a test is no digest"


def test_digests_are_listed_with_what_became_of_them() -> None:
    with open_house() as house, house.storage.unit() as u:
        u.digests.keep("acme", KeptDigest("lead", WEEK, "m1", NOW, "{}", state="posted", posted_at=NOW))
        u.digests.keep("acme", KeptDigest("owner:finance", WEEK, "m2", NOW - timedelta(hours=1), "{}", state="made"))
    code, shown, _ = run("list", "acme")
    assert code == 0
    assert [line.split("  ")[:3] for line in shown.splitlines()] == [
        [WEEK, "lead", "posted"], [WEEK, "owner:finance", "made"],
    ]  # fmt: skip
    assert [row["state"] for row in json.loads(run("list", "acme", "--json")[1])] == ["posted", "made"]
    assert run("list", "acme", "--audience", "owner:finance")[1].count("\n") == 1


def test_the_house_looks_for_due_digests_by_itself() -> None:
    with open_house() as house:
        house.start()
        assert house.schedule is not None
        assert ring_digests(house.tools) == 0, "the first look only says since when we are there"
        with house.storage.unit() as u:
            assert u.history.cursor("acme", "digest_since")
        assert {job.id for job in house.schedule._scheduler.get_jobs()} >= {"digests", "remind"}


@pytest.mark.parametrize("command", ["preview", "send-test", "list"])
def test_every_command_has_an_example(command: str) -> None:
    assert "Example: followthrough digest" in run(command, "--help")[1]
