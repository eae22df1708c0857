"""A key is made, put in front, and everything is encrypted anew with it."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from plugin.cli import root


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FOLLOWTHROUGH_HOME", str(tmp_path))
    return tmp_path


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(root, list(arguments))
    return result.exit_code, result.output


def test_after_rotating_the_old_key_is_no_longer_needed(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = (run("keys", "make")[1].strip() for _ in range(2))
    monkeypatch.setenv("FOLLOWTHROUGH_KEYS", old)
    assert run("people", "add", "ann@example.org", "--role", "admin")[0] == 0
    monkeypatch.setenv("FOLLOWTHROUGH_KEYS", f"{new},{old}")
    code, output = run("keys", "rotate")
    assert code == 0
    assert "may be taken out" in output
    monkeypatch.setenv("FOLLOWTHROUGH_KEYS", new)
    assert "ann@example.org" in run("people", "list")[1]
    monkeypatch.setenv("FOLLOWTHROUGH_KEYS", old)
    assert run("people", "list")[0] != 0


def test_without_a_key_in_the_settings_it_says_what_to_set_and_makes_nothing(home: Path) -> None:
    code, output = run("keys", "rotate")
    assert code != 0
    assert "FOLLOWTHROUGH_KEYS" in output
    assert not list(home.iterdir())
