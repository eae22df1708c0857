"""Load the word tables that belong to no single language: small words, and the marks that mail programs leave."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from plugin.domain.language import CommonWords
from plugin.domain.marks import Marks
from plugin.domain.words import fold

FOLDER = Path(__file__).parent


@lru_cache(maxsize=1)
def load_common_words() -> CommonWords:
    """The small words and letters of `common_words.toml`, for `find_language`; read once per process."""
    table = _read("common_words.toml")
    words: dict[str, list[str]] = {}
    for lang, line in table["words"].items():
        for word in dict.fromkeys(fold(w) for w in line.split()):
            words.setdefault(word, []).append(lang)
    letters = {lang: frozenset(line) for lang, line in table["letters"].items()}
    return CommonWords({word: tuple(langs) for word, langs in words.items()}, letters)


@lru_cache(maxsize=1)
def load_marks() -> Marks:
    """The marks of quoted mail in `quotes.toml`, for `own_words`; read once per process."""
    table: Mapping[str, Any] = _read("quotes.toml")
    return Marks.of(table["headers"], table["labels"], table["lists"])


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / name).read_text("utf-8"))
