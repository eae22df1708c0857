"""One Chromium for all browser tests; they are skipped, with the reason, where there is none."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = Path("/usr/bin/chromium")

SHOTS = Path(os.environ.get("FOLLOWTHROUGH_SHOTS", "")) if os.environ.get("FOLLOWTHROUGH_SHOTS") else None
"""Where pictures are put, for people to look at; none are taken without it."""


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """A running browser."""
    if not CHROMIUM.exists():
        pytest.skip(f"there is no {CHROMIUM}: install Debian's package chromium")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()
