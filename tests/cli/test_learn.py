"""Causes are learned, explained, listed and gone back from on the command line, with errors that say what to do."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from plugin.app import build
from plugin.cli import cli
from plugin.languages.stories import load_stories
from plugin.ports import Correction
from plugin.settings import Settings
from tests.web.inside import make_inside
from tests.work.test_learn import BLINKS, HUMS, LEARNED, NEW
from tests.work.test_second_look import NEW as NO_PROMISE
from tests.work.test_second_look import REAL, TRADE

pytest.importorskip("sklearn")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    make_inside(tmp_path / "home").house.close()
    monkeypatch.setenv("FOLLOWTHROUGH_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("plugin.app.load_stories", lambda lang: load_stories(lang)[:60])  # fewer are quicker
    return tmp_path / "home"


def teach() -> None:
    house = build(Settings())
    with house.storage.unit() as u:
        for n, text in enumerate([*BLINKS, *HUMS]):
            cause = LEARNED if text in BLINKS else "security_or_fraud"
            said = Correction(str(900 + n), "causes", "unsure", "correct", cause, text)
            u.corrections.add("acme", said, house.clock.now())
    house.close()


def learned() -> str:
    """What tickets are read with, as the house has plugged it together."""
    house = build(Settings())
    with house.storage.unit(reading=True) as u:
        account = u.accounts.get("acme")
    assert account is not None
    model = house.policy(account).learned
    guess = model.guess(NEW) if model else None
    house.close()
    return guess.key if guess else ""


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = cli(["learn", *arguments])
    said = capsys.readouterr()
    return code, said.out, said.err


@pytest.mark.usefixtures("home")
def test_it_is_learned_explained_listed_and_gone_back_from(capsys: pytest.CaptureFixture[str]) -> None:
    teach()
    code, out, _ = run(capsys, "acme")
    assert (code, "version 1; undo: followthrough learn revert acme" in out) == (0, True)
    assert f"{LEARNED}: right " in out
    assert learned() == LEARNED
    code, out, _ = run(capsys, "why", "acme", NEW)
    assert (code, out.split(":")[0]) == (0, LEARNED)
    assert "snorbel" in out
    assert "acme  causes  version 1  used" in run(capsys, "list")[1]
    (row,) = json.loads(run(capsys, "list", "acme", "--json")[1])
    assert row["figures"]["right_now"] > row["figures"]["right_before"]
    assert run(capsys, "revert", "acme")[:2] == (0, "no model is used any more; the phrases alone tag\n")
    assert learned() == ""


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(("arguments", "hint"), [
    (("nobody",), "there is: acme"),
    (("revert", "acme"), "learn list acme"),
    (("why", "acme", "words"), "followthrough learn acme"),
    (("list",), "nothing was learned yet"),
    (("acme", "--dry-run"), ""),
])  # fmt: skip
def test_where_nothing_is_learned_it_says_what_to_do(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], hint: str
) -> None:
    _, out, err = run(capsys, *arguments)
    assert hint in err
    assert err or "learning begins with 10" in out


@pytest.mark.usefixtures("home")
def test_what_was_dismissed_as_no_promise_is_learned_explained_and_gone_back_from(
    capsys: pytest.CaptureFixture[str],
) -> None:
    house = build(Settings())
    with house.storage.unit() as u:
        for n, text in enumerate([*TRADE, *REAL]):
            act = "dismiss" if text in TRADE else "confirm"
            u.corrections.add("acme", Correction(str(900 + n), "commitments", "k", act, "", text), house.clock.now())
    house.close()
    code, out, _ = run(capsys, "acme", "--topic", "commitments")
    assert (code, "undo: followthrough learn revert acme --topic commitments" in out) == (0, True)
    assert "nothing: right 0 -> 8 of 8" in out
    code, out, _ = run(capsys, "why", "acme", NO_PROMISE, "--topic", "commitments")
    assert (code, out.splitlines()[0]) == (0, "nothing: followed")
    assert "survey" in out
    assert "acme  commitments  version 1  used" in run(capsys, "list")[1]
    assert run(capsys, "revert", "acme", "--topic", "commitments")[0] == 0
    assert learned() == ""
