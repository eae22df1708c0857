"""What a contact may be for, and the words that name it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

FILE = Path(__file__).with_name("purposes.toml")


@lru_cache(maxsize=1)
def load_purposes() -> Mapping[str, tuple[str, ...]]:
    """Key of a purpose → folded beginnings of the words that name it, in all languages together."""
    return {key: tuple(starts) for key, starts in tomllib.loads(FILE.read_text("utf-8")).items()}
