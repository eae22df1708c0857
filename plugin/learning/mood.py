"""Ask TextBlob whether English words sound upset: yes or no, and no number ever leaves this file."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

UPSET_AT = -0.3
"""TextBlob's polarity at or below which a sentence counts as upset; its scale runs from -1 to 1."""

LONGEST = 2_000
"""Letters of a text that are looked at."""


class Mood:
    """Callable: `mood(text) -> bool`. TextBlob (220 MB, 3 s to import) is loaded at the first question, once.

    For English only: TextBlob scores words of other languages 0, which must not be read as calm. So `flags` asks only
    where a language pack names words that are worth asking about, and only the English one does.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._blob: Callable[[str], Any] | None = None

    def __call__(self, text: str) -> bool:
        """Is this English text upset?"""
        return bool(self._load()(text[:LONGEST]).sentiment.polarity <= UPSET_AT)

    def _load(self) -> Callable[[str], Any]:
        if self._blob is None:
            with self._lock:
                from textblob import TextBlob

                self._blob = TextBlob
        return self._blob
