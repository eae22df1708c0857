"""Every setting is documented, bounded, and read from the environment."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from plugin.settings import Settings

DOCUMENT = Path(__file__).parent.parent / "docs" / "settings.md"


@pytest.mark.parametrize("name", list(Settings.model_fields))
def test_every_setting_is_documented(name: str) -> None:
    assert f"`FOLLOWTHROUGH_{name.upper()}`" in DOCUMENT.read_text("utf-8")


def test_a_setting_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOLLOWTHROUGH_PORT", "9191")
    assert Settings().port == 9191


@pytest.mark.parametrize(
    ("name", "value"), [("PORT", "99999"), ("PORT", "x"), ("SWEEP_SECONDS", "0"), ("THREADS", "0")]
)
def test_a_value_that_cannot_be_meant_stops_the_start(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"FOLLOWTHROUGH_{name}", value)
    with pytest.raises(ValidationError):
        Settings()


def test_keys_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOLLOWTHROUGH_KEYS", "one-secret,two-secret")
    settings = Settings()
    assert settings.key_list == ["one-secret", "two-secret"]
    assert "secret" not in repr(settings).replace("SecretStr", "")
