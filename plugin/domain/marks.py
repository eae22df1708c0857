"""The marks that mail programs and letter writers put around a text, ready to be compared with its lines."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from plugin.domain.words import fold

_NEVER = re.compile(r"(?!)")


@dataclass(frozen=True, slots=True)
class Marks:
    """The words by which quoted and added text is known, all folded; data, see `plugin/languages/quotes.toml`."""

    opens: re.Pattern[str] = _NEVER
    """How the first of several lines of an "On … wrote:" begins."""
    says: re.Pattern[str] = _NEVER
    """The word in it that says who wrote."""
    labels: Mapping[str, str] | None = None
    """Label ("kimden") → what it says ("from")."""
    dividers: frozenset[str] = frozenset()
    reply_above: tuple[str, ...] = ()
    sent_from: tuple[tuple[str, str], ...] = ()
    """(how the line begins, how it ends)."""
    closers: frozenset[str] = frozenset()
    thanks: frozenset[str] = frozenset()
    disclaimers: tuple[str, ...] = ()
    afterwords: tuple[str, ...] = ()
    disclaimer_words: frozenset[str] = frozenset()
    """For each disclaimer of three words and more, a word that stands whole in every line that holds it."""
    short_disclaimers: tuple[str, ...] = ()
    sent_begins: tuple[str, ...] = ()
    sent_ends: tuple[str, ...] = ()
    """How lines of `sent_from` begin, and end where their beginning says nothing."""

    def may_disclaim(self, line: str) -> bool:
        """Can a folded line hold a disclaimer? Nearly free, where trying each phrase would cost more than all else."""
        if not self.disclaimer_words.isdisjoint(line.split()):
            return True
        return any(phrase in line for phrase in self.short_disclaimers)

    def may_say_sent_from(self, line: str) -> bool:
        """Can a folded line be what a telephone adds?"""
        return line.startswith(self.sent_begins) or line.rstrip(".!").endswith(self.sent_ends)

    @classmethod
    def of(
        cls,
        headers: Mapping[str, Sequence[str]],
        labels: Mapping[str, Sequence[str]],
        lists: Mapping[str, Sequence[str]],
    ) -> Marks:
        """Marks from plain tables, as a data file holds them: `headers` has `opens` and `says`, `labels` the words by
        what they say, `lists` the names of the other fields."""
        sent_from = tuple(_ends_of(entry) for entry in lists["sent_from"])
        disclaimers = tuple(map(plain, lists["disclaimers"]))
        return cls(
            opens=_any_word(headers["opens"]),
            says=_any_word(headers["says"]),
            labels={plain(word): kind for kind, words in labels.items() for word in words},
            dividers=frozenset(map(plain, lists["dividers"])),
            reply_above=tuple(map(plain, lists["reply_above"])),
            sent_from=sent_from,
            sent_begins=tuple(begins for begins, _ in sent_from if begins),
            sent_ends=tuple(ends for begins, ends in sent_from if not begins),
            closers=frozenset(map(plain, lists["closers"])),
            thanks=frozenset(map(plain, lists["thanks"])),
            disclaimers=disclaimers,
            disclaimer_words=frozenset(_word_inside(d) for d in disclaimers if d.count(" ") > 1),
            short_disclaimers=tuple(d for d in disclaimers if d.count(" ") <= 1),
            afterwords=tuple(map(plain, lists["afterwords"])),
        )


def _word_inside(phrase: str) -> str:
    """The longest word that has another on either side."""
    return max(phrase.split()[1:-1], key=len)


def _any_word(words: Sequence[str]) -> re.Pattern[str]:
    return re.compile(r"(?<!\w)(?:" + "|".join(re.escape(plain(w)) for w in words) + r")(?!\w)")


def _ends_of(entry: str) -> tuple[str, str]:
    begins, _, ends = entry.partition("…")
    return plain(begins.rstrip()), plain(ends.strip())


def plain(line: str) -> str:
    """A line as it is compared. Not remembered, unlike words: lines are many, and they are customers' own."""
    line = line.replace("’", "'").strip()
    return line.lower() if line.isascii() else fold.__wrapped__(line)
