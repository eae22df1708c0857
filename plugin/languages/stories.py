"""Read the stories that say how customers sound when each cause made them write: an account's learning starts there."""

from __future__ import annotations

import tomllib
from functools import lru_cache

from plugin.languages import FOLDER


@lru_cache(maxsize=16)
def load_stories(lang: str) -> tuple[tuple[str, str], ...]:
    """(cause, text) of all stories of a language; none where it has none."""
    file = FOLDER / lang / "cause_stories.toml"
    if not file.exists():
        return ()
    rows = tomllib.loads(file.read_text("utf-8"))
    return tuple((cause, str(text)) for cause, texts in rows.items() for text in texts)
