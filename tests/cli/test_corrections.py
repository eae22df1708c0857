"""Findings are corrected, listed and taken back from the command line, with errors that say what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from plugin.cli import cli
from tests.web.inside import Inside, make_inside


@pytest.fixture
def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Inside:
    made = make_inside(tmp_path / "home")
    made.house.close()
    monkeypatch.setenv("FOLLOWTHROUGH_HOME", str(tmp_path / "home"))
    return made


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = cli(["corrections", *arguments])
    said = capsys.readouterr()
    return code, said.out, said.err


@pytest.mark.usefixtures("inside")
def test_a_finding_is_named_dismissed_listed_and_brought_back(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "list", "acme", "17")
    assert (code, "finding  flags  leaving  “I will cancel”" in out) == (0, True)
    assert "nothing stands corrected" in err
    code, out, _ = run(capsys, "add", "acme", "17", "flags", "leaving", "dismiss")
    assert (code, out.split(";")[0]) == (0, "Kept as 1")
    assert "1  #17  flags  leaving  dismiss  cli" in run(capsys, "list", "acme")[1]
    assert run(capsys, "undo", "acme", "1")[0] == 0
    assert "nothing stands corrected" in run(capsys, "list", "acme")[2]


@pytest.mark.usefixtures("inside")
@pytest.mark.parametrize(("arguments", "hint"), [
    (("add", "acme", "17", "flags", "happy", "dismiss"), "no such finding"),
    (("add", "acme", "17", "causes", "unsure", "correct", "--value", "x"), "billing_error"),
    (("undo", "acme", "7"), "corrections list acme"),
    (("list", "nobody"), "there is: acme"),
])  # fmt: skip
def test_a_mistake_says_what_to_do(capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], hint: str) -> None:
    code, _, err = run(capsys, *arguments)
    assert code in (1, 2)
    assert hint in err
