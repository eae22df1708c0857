"""Cut a text into words and sentences, in any script, without losing where each one stood."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache

_MARKS = "\u0300-\u036f\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u200c\u200d\u00ad"
"""Combining marks and joiners that belong to the letter before them (`\\w` leaves them out)."""

_LINKS = (
    r"(?P<url>(?:https?://|www\.)[^\s<>\"]{1,2000})"
    r"|(?P<email>[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5})"
    r"|(?P<handle>[@#][\w]{1,50})|"
)
_PLAIN = (
    rf"(?P<word>[^\W\d_][\w{_MARKS}]*)"
    r"|(?P<number>\d{1,30}(?:[.,:/-]\d{1,30}){0,6})"
    r"|(?P<apostrophe>['’ʼ`´](?=\w))"
    r"|(?P<end>[.!?…؟。]+)"
    r"|(?P<line>[ \t\r]*\n[\s]*)"
    r"|(?P<pause>[,;:،؛()\[\]–—]|\s-\s)"
)
_TOKEN = re.compile(_PLAIN)
_TOKEN_WITH_LINKS = re.compile(_LINKS + _PLAIN)
_MAY_BE_LINK = re.compile(r"[@#]|://|www\.", re.ASCII)
"""Most messages hold none of these; looking for addresses at every word would cost as much as all else here."""

_FOLD = str.maketrans({
    "ı": "i", "ł": "l", "ø": "o", "đ": "d", "ß": "ss", "æ": "ae", "œ": "oe",
    "ى": "ي", "ة": "ه", "ـ": None, "\u00ad": None, "\u200c": None, "\u200d": None,
    "ک": "ك", "ی": "ي", "ە": "ه",
})  # fmt: skip


@lru_cache(maxsize=200_000)
def fold(word: str) -> str:
    """A word as it is compared: lower case, digits of any script as ASCII, no accents or vowel marks, joined letters
    undone. "RÜCKRUF" and "ruckruf", "İade" and "iade", "إلغاء" and "الغاء" come out alike."""
    plain = unicodedata.normalize("NFKD", word.lower().translate(_FOLD))
    return "".join(_digit(c) for c in plain if not unicodedata.combining(c)).translate(_FOLD)


def _digit(character: str) -> str:
    return str(unicodedata.digit(character)) if character.isdigit() else character


@lru_cache(maxsize=50_000)
def exact(word: str) -> str:
    """A word with its accents kept, for the few places where they decide: lower case, NFC."""
    return unicodedata.normalize("NFC", word.lower())


def ascii_digits(text: str) -> str:
    """The same text, same length, with the digits of every script as 0-9."""
    if text.isascii():
        return text
    return "".join(str(unicodedata.digit(c)) if c.isdigit() and not c.isascii() else c for c in text)


@dataclass(frozen=True, slots=True)
class Sentence:
    """Tokens `first` to `last` (exclusive); `ender` is "?", "!", "." or "" (line end, or nothing)."""

    first: int
    last: int
    ender: str


@dataclass(slots=True)
class Words:
    """A text in words. The lists run in step: token i is `text[starts[i]:ends[i]]`; `kinds[i]` is "word", "number",
    "email", "url" or "handle"; `pauses[i]` is the punctuation that stood before it in its sentence ("", ",", "-")."""

    text: str
    tokens: list[str]
    starts: list[int]
    ends: list[int]
    kinds: list[str]
    pauses: list[str]
    sentences: list[Sentence]

    def span(self, first: int, last: int) -> tuple[int, int]:
        """Character range of tokens `first` to `last` (exclusive)."""
        return self.starts[first], self.ends[last - 1]

    def quote(self, first: int, last: int) -> str:
        """The words of tokens `first` to `last` (exclusive), as written."""
        return self.text[self.starts[first] : self.ends[last - 1]]

    def sentence_of(self, token: int) -> int:
        """Index of the sentence that holds a token."""
        low, high = 0, len(self.sentences) - 1
        while low < high:
            middle = (low + high) // 2
            if self.sentences[middle].last <= token:
                low = middle + 1
            else:
                high = middle
        return low


def cut(
    text: str,
    *,
    elide: bool = False,
    abbreviations: frozenset[str] = frozenset(),
    after_ordinals: frozenset[str] = frozenset(),
) -> Words:
    """Words and sentences of a text; time grows linearly with its length.

    An apostrophe joins the word after it ("we", "'ll"), or with `elide` the word before it ("d'", "ici").
    A full stop after an abbreviation (folded, without the stop) or a single letter ends no sentence (but a unit does
    before a capital: "à 18 h. Merci"), nor does one after a short number or a date that goes on in lower case ("līdz
    3. jūnijam": many languages write ordinals so), or with one of the (folded) words `after_ordinals`: German writes
    "4. November" and every noun with a capital.
    """
    words = Words(text, [], [], [], [], [], [])
    tokens, starts, ends, kinds, pauses = words.tokens, words.starts, words.ends, words.kinds, words.pauses
    first, pause, glue = 0, "", -1
    pattern = _TOKEN_WITH_LINKS if _MAY_BE_LINK.search(text) else _TOKEN
    for match in pattern.finditer(text):
        kind = match.lastgroup or ""
        if kind == "word" and glue < 0:  # by far the commonest, so done here and not in a call
            tokens.append(match.group())
            starts.append(match.start())
            ends.append(match.end())
            kinds.append("word")
            pauses.append(pause)
            pause = ""
        elif kind in _CONTENT:
            glue = _add(words, match, kind, pause, glue)
            pause = ""
        elif kind == "apostrophe":
            glue = _take_apostrophe(words, match, elide)
        elif kind == "pause":
            pause = match.group().strip() or "-"
        elif _ends_sentence(words, match, kind, first, abbreviations, after_ordinals):
            if len(words.tokens) > first:
                words.sentences.append(Sentence(first, len(words.tokens), _ender(match.group())))
                first = len(words.tokens)
            pause = ""
    if len(words.tokens) > first:
        words.sentences.append(Sentence(first, len(words.tokens), ""))
    return words


_CONTENT = frozenset({"word", "number", "email", "url", "handle"})


def _add(words: Words, match: re.Match[str], kind: str, pause: str, glue: int) -> int:
    start, token = match.start(), match.group()
    if kind == "url":
        token = token.rstrip(".,;:!?)'\"")
    if glue >= 0 and glue + 1 == start:
        token, start = words.text[glue] + token, glue
        token = "'" + token[1:]
    words.tokens.append(token)
    words.starts.append(start)
    words.ends.append(match.start() + len(match.group()) if kind != "url" else match.start() + len(token))
    words.kinds.append(kind)
    words.pauses.append(pause)
    return -1


def _take_apostrophe(words: Words, match: re.Match[str], elide: bool) -> int:
    """Join it to the word before it, or say where it stands so that the word after it takes it."""
    if not words.ends or words.ends[-1] != match.start():
        return -1
    if not elide or words.kinds[-1] != "word":
        return match.start()
    words.tokens[-1] += "'"
    words.ends[-1] += 1
    return -1


def _ender(mark: str) -> str:
    mark = mark.strip()
    if not mark:
        return ""
    return "?" if ("?" in mark or "؟" in mark) else "!" if "!" in mark else "."


def _ends_sentence(
    words: Words,
    match: re.Match[str],
    kind: str,
    first: int,
    abbreviations: frozenset[str],
    after_ordinals: frozenset[str],
) -> bool:
    if len(words.tokens) == first:
        return False
    if kind == "line":
        return _line_ends(words, match, first)
    if match.group() != ".":
        return True
    last = words.tokens[-1]
    glued = words.ends[-1] == match.start()
    after = words.text[match.end() : match.end() + 1]
    if after and not after.isspace() and after not in "\"'”’)]»":
        return False
    if glued and words.kinds[-1] == "number" and _ORDINAL.fullmatch(last):
        following = _WORD.match(words.text, match.end() + 1)
        if following and (following.group()[0].islower() or fold(following.group()) in after_ordinals):
            return False
    if not (glued and words.kinds[-1] == "word"):
        return True
    if words.kinds[-2:-1] == ["number"] and _is_unit(last, abbreviations if not after_ordinals else ()):
        following = _WORD.match(words.text, match.end() + 1)
        return following is not None and following.group()[0].isupper()
    return len(last) > 1 and fold(last) not in abbreviations


def _is_unit(token: str, abbreviations: Collection[str]) -> bool:
    """After a number: "18 h. Merci", "10am. If". One with stops of its own ("10 a.m. Monday") says nothing about the
    sentence, nor does a capital where all nouns have one."""
    return token.islower() and (len(token) == 1 or ("." not in token and token in abbreviations))


_ORDINAL = re.compile(r"\d{1,2}|(?:0?[1-9]|[12]\d|3[01])\.(?:0?[1-9]|1[0-2])")
"""A number that may be an ordinal, or a date without its year ("17.03.")."""

_WORD = re.compile(rf"[^\W\d_][\w{_MARKS}]{{0,40}}")

_LONG_LINE = 50
"""A line this long that goes on in lower case was wrapped by a mail program, not ended by its writer."""


def _line_ends(words: Words, match: re.Match[str], first: int) -> bool:
    if match.group().count("\n") > 1:
        return True
    following = words.text[match.end() : match.end() + 1]
    line_start = words.text.rfind("\n", 0, match.start()) + 1
    return not (following.islower() and match.start() - line_start >= _LONG_LINE)


def walk_sentences(words: Words) -> Iterator[tuple[int, Sentence]]:
    """Sentences with their index."""
    return enumerate(words.sentences)
