"""Read the causes of an account from a TOML file, and write them so that reading gives the same again."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date
from difflib import get_close_matches
from typing import Any

from plugin.domain.automaton import Automaton
from plugin.domain.phrase_grammar import BadPhrase, Grammar
from plugin.domain.phrases import Rule
from plugin.domain.taxonomy import (
    COMPONENTS,
    MOST_CAUSES,
    NO_FAILURE,
    UNROUTED,
    CauseKind,
    CounterExample,
    PastCause,
    Taxonomy,
)

LONGEST_NAME = 60
LONGEST_TEXT = 500
"""Letters of a definition, an example or a phrase."""

MOST_TEXTS = 30
"""Examples or phrases of one cause."""

LARGEST = 200_000
"""Letters of a file."""

KEY = re.compile(r"[a-z][a-z0-9_]{1,39}", re.ASCII)
"""How a key is written: it becomes a tag of the helpdesk."""

RESERVED = frozenset({"unsure", "own"})
"""Keys that mean something else already."""

_TEXTS = f"write texts of 1 to {LONGEST_TEXT} letters"

_LANGUAGE = re.compile(r"[a-z]{2,3}", re.ASCII)


class BadTaxonomy(ValueError):
    """A list of causes that cannot be used; the message names line, key and what to do, one problem a line."""


def read_taxonomy(text: str) -> Taxonomy:
    """The causes in a file's text. Raises BadTaxonomy with everything that is wrong with it."""
    if len(text) > LARGEST:
        raise BadTaxonomy(f"the file is longer than {LARGEST} letters: keep three examples a cause")
    try:
        content = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise BadTaxonomy(f'{error}: this line is not TOML; texts stand in "double quotes", lists in [a, b]') from None
    return _Reader(text, content).read()


def line_of(text: str, *path: str) -> int:
    """The line where a key stands: `line_of(text, "causes", "outage", "owner")`. Of a key that is not there the line of
    its table; 1 where that is not there either."""
    table, found = ".".join(path[:-1]), 1
    here = ""
    for number, line in enumerate(text.splitlines(), 1):
        if header := re.match(r"\s*\[\s*([^\[\]]+?)\s*\]", line):
            here = header[1].replace('"', "").replace(" ", "")
            if here == ".".join(path):
                return number
            if here == table:
                found = number
        elif here == table and re.match(rf'\s*"?{re.escape(path[-1])}"?\s*=', line):
            return number
    return found


class _Reader:
    """One file being read: everything that is wrong is collected, so that an admin mends it in one go."""

    def __init__(self, text: str, content: Mapping[str, Any]) -> None:
        self.text, self.content = text, content
        self.wrong: list[tuple[int, str]] = []

    def read(self) -> Taxonomy:
        self._known("", self.content, ("version", "owners", "causes", "past"))
        owners = self._owners()
        entries, past = self._tables("causes"), self._tables("past")
        if not 1 <= len(entries) <= MOST_CAUSES:
            many = f"{len(entries)} causes; between 1 and {MOST_CAUSES} can be used: merge or retire some"
            self._blame(("causes",), many)
        kinds = {key: self._kind(key, entry, entries, owners) for key, entry in entries.items()}
        gone = {key: self._past(key, entry, {*entries, *past}) for key, entry in past.items()}
        made = Taxonomy(kinds, owners, str(self.content.get("version", "")), gone)
        self._check_ends(made)
        if self.wrong:
            raise BadTaxonomy("\n".join(said for _, said in sorted(self.wrong)))
        return made

    def _blame(self, path: Sequence[str], what: str) -> None:
        line = line_of(self.text, *path)
        self.wrong.append((line, f"line {line}, {'.'.join(path)}: {what}"))

    def _known(self, table: str, entry: Mapping[str, Any], names: Collection[str]) -> None:
        """A word that means nothing is a typing error, not a comment."""
        for name in entry:
            if name not in names:
                self._blame((*filter(None, table.split(".")), name), _unknown(name, names))

    def _tables(self, name: str) -> Mapping[str, Mapping[str, Any]]:
        tables = self.content.get(name, {})
        if not isinstance(tables, dict):
            self._blame((name,), f"write a table for each: [{name}.outage]")
            return {}
        for key in [key for key, entry in tables.items() if not isinstance(entry, dict)]:
            self._blame((name, key), f"write it as a table: [{name}.{key}]")
        return {key: entry for key, entry in tables.items() if isinstance(entry, dict)}

    def _owners(self) -> dict[str, str]:
        given = self.content.get("owners", {})
        if not isinstance(given, dict):
            self._blame(("owners",), 'write [owners] and below it a line a team: finance = "Billing and payments"')
            return {}
        for key, name in given.items():
            if not KEY.fullmatch(key) or key == UNROUTED:
                self._blame(("owners", key), f"a team's key is a-z, 0-9 and _, not {UNROUTED!r}: write finance")
            if not isinstance(name, str) or not 0 < len(name) <= LONGEST_NAME:
                self._blame(("owners", key), f"a team needs a name of 1 to {LONGEST_NAME} letters")
        return {str(k): str(v) for k, v in given.items()}

    # one cause

    _FIELDS = ("name", "definition", "family", "owner", "journey", "catastrophic", "critical", "outranks", "names",
               "examples", "counter_examples", "phrases", "unrouted_since")  # fmt: skip

    def _kind(
        self, key: str, entry: Mapping[str, Any], entries: Collection[str], owners: Mapping[str, str]
    ) -> CauseKind:
        path = ("causes", key)
        self._check_key(path, key)
        self._known(f"causes.{key}", entry, self._FIELDS)
        name, definition = self._words(path, entry, "name", LONGEST_NAME), self._words(path, entry, "definition")
        owner = self._one_of(path, entry, "owner", (*owners, UNROUTED), "name it in [owners]")
        journey = self._list(path, entry, "journey", lambda v: v in COMPONENTS, f"choose of {', '.join(COMPONENTS)}")
        others = [other for other in entries if other != key]
        outranks = self._list(path, entry, "outranks", lambda v: v in others, "name another cause of this file")
        return CauseKind(
            key=key, name=name, definition=definition, family=self._words(path, entry, "family", LONGEST_NAME),
            owner="" if owner == UNROUTED else owner, journey=tuple(journey),
            catastrophic=self._yes(path, entry, "catastrophic"), critical=self._yes(path, entry, "critical"),
            outranks=frozenset(outranks), names=self._names(path, entry),
            examples=tuple(self._list(path, entry, "examples", _is_text, _TEXTS)),
            counter_examples=tuple(self._counter_examples(path, entry, others)),
            phrases=tuple(self._phrases(path, entry)), unrouted_since=self._day(path, entry, "unrouted_since"),
        )  # fmt: skip

    def _check_key(self, path: Sequence[str], key: str) -> None:
        if not KEY.fullmatch(key) or key in RESERVED:
            self._blame(path, "a key is 2 to 40 of a-z, 0-9 and _, begins with a letter, and is not unsure or own")

    def _words(self, path: Sequence[str], entry: Mapping[str, Any], name: str, most: int = LONGEST_TEXT) -> str:
        value = entry.get(name)
        if value is None or value == "":
            self._blame((*path, name), f'there is no {name}: add a line {name} = "…"')
            return ""
        if not isinstance(value, str) or not value.strip() or len(value) > most or not _in_one_line(value):
            self._blame((*path, name), f"write one line of 1 to {most} letters, in double quotes")
            return ""
        return value

    def _one_of(
        self, path: Sequence[str], entry: Mapping[str, Any], name: str, known: Collection[str], remedy: str
    ) -> str:  # fmt: skip
        value = entry.get(name, "")
        if value and (not isinstance(value, str) or value not in known):
            self._blame((*path, name), f"{value!r} is not known: {remedy}{_perhaps(value, known)}")
            return ""
        return str(value)

    def _list(
        self, path: Sequence[str], entry: Mapping[str, Any], name: str, fits: Callable[[Any], bool], remedy: str
    ) -> list[str]:  # fmt: skip
        values = entry.get(name, [])
        if not isinstance(values, list) or len(values) > max(MOST_TEXTS, MOST_CAUSES):
            self._blame((*path, name), f'write a list of at most {MOST_TEXTS}: {name} = ["…", "…"]')
            return []
        for value in values:
            if not isinstance(value, str) or not fits(value):
                self._blame((*path, name), f"{str(value)[:40]!r} cannot be used: {remedy}")
        return list(dict.fromkeys(v for v in values if isinstance(v, str)))

    def _yes(self, path: Sequence[str], entry: Mapping[str, Any], name: str) -> bool:
        value = entry.get(name, False)
        if not isinstance(value, bool):
            self._blame((*path, name), f"write {name} = true or {name} = false, without quotes")
        return value is True

    def _names(self, path: Sequence[str], entry: Mapping[str, Any]) -> dict[str, str]:
        names = entry.get("names", {})
        if not isinstance(names, dict):
            self._blame((*path, "names"), 'write names = { de = "…", lv = "…" }')
            return {}
        for lang, name in names.items():
            if not _LANGUAGE.fullmatch(lang) or not isinstance(name, str) or not 0 < len(name) <= LONGEST_NAME:
                self._blame((*path, "names"), f"{lang!r}: a language code and a name of 1 to {LONGEST_NAME} letters")
        return {str(lang): str(name) for lang, name in names.items()}

    def _counter_examples(
        self, path: Sequence[str], entry: Mapping[str, Any], others: Collection[str]
    ) -> Iterator[CounterExample]:
        values = entry.get("counter_examples", [])
        for value in values if isinstance(values, list) else [values]:
            given = {"text": value} if isinstance(value, str) else value
            if not isinstance(given, dict) or not _is_text(given.get("text")) or set(given) - {"text", "cause"}:
                self._blame(
                    (*path, "counter_examples"), 'write each as "words" or { text = "words", cause = "outage" }'
                )
            elif given.get("cause", "") not in ("", *others):
                perhaps = _perhaps(given["cause"], others)
                fault = f"no cause {given['cause']!r}: name another one of this file{perhaps}"
                self._blame((*path, "counter_examples"), fault)
            else:
                yield CounterExample(given["text"], given.get("cause", ""))

    def _phrases(self, path: Sequence[str], entry: Mapping[str, Any]) -> Iterator[str]:
        for phrase in self._list(path, entry, "phrases", _is_text, _TEXTS):
            if wrong := phrase_fault(phrase):
                self._blame((*path, "phrases"), f"{wrong}; words, word*, (one|other), [maybe] and … may be used")
            else:
                yield phrase

    def _day(self, path: Sequence[str], entry: Mapping[str, Any], name: str) -> date | None:
        value = entry.get(name)
        if value is not None and type(value) is not date:
            self._blame((*path, name), "write a day without quotes: 2026-03-31")
            return None
        return value

    # what once was

    def _past(self, key: str, entry: Mapping[str, Any], known: Collection[str]) -> PastCause:
        path = ("past", key)
        self._check_key(path, key)
        self._known(f"past.{key}", entry, ("name", "owner", "into", "rest", "at"))
        if key in self.content.get("causes", {}):
            self._blame(path, f"it stands under [causes.{key}] too: remove one of the two")
        into = self._list(path, entry, "into", lambda v: v in known and v != key, "name a cause of this file")
        rest = self._one_of(path, entry, "rest", into, "name one of `into`")
        name, owner = self._words(path, entry, "name", LONGEST_NAME), entry.get("owner", "")
        return PastCause(key, name, str(owner), tuple(into), rest, self._day(path, entry, "at"))

    def _check_ends(self, made: Taxonomy) -> None:
        """Merges lead to a cause that is there, or was split or retired, and not in a circle."""
        for key in made.past:
            end = made.past.get(made.now(key))
            if end is not None and end.act == "merged":
                self._blame(("past", key, "into"), "these merges lead in a circle: name a cause that is still there")
        if NO_FAILURE in made.past:
            self._blame(("past", NO_FAILURE), "the cause that says nothing went wrong cannot go: put it under [causes]")


def phrase_fault(phrase: str) -> str:
    """Why a phrase cannot be used; "" where it can. Slots and classes of the packs are not there for an account."""
    try:
        Automaton([(Rule("causes.own", (phrase,)), Grammar({}))])
    except BadPhrase as error:
        return str(error)
    return ""


def _is_text(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value.strip()) <= LONGEST_TEXT


def _in_one_line(value: str) -> bool:
    return not any(ord(c) < 32 or ord(c) == 127 for c in value)


def _unknown(name: str, known: Collection[str]) -> str:
    return f"{name!r} means nothing here{_perhaps(name, known)}; there is {', '.join(known)}"


def _perhaps(word: object, known: Collection[str]) -> str:
    close = get_close_matches(str(word), list(known), 1)
    return f"; did you mean {close[0]!r}?" if close else ""


# --- writing ---------------------------------------------------------------------------------------------------------


def write_taxonomy(taxonomy: Taxonomy, head: str = "") -> str:
    """The file's text: `read_taxonomy` gives an equal taxonomy. `head` are words for its first lines."""
    lines = [*(f"# {line}" for line in head.splitlines()), *([""] if head else [])]
    if taxonomy.version:
        lines += [f"version = {_text(taxonomy.version)}", ""]
    lines += ["[owners]", *(f"{key} = {_text(name)}" for key, name in taxonomy.owners.items())]
    for key, kind in taxonomy.causes.items():
        lines += ["", f"[causes.{key}]", *_kind_lines(kind)]
    for key, past in taxonomy.past.items():
        lines += ["", f"[past.{key}]", *_past_lines(past)]
    return "\n".join(lines) + "\n"


def _kind_lines(kind: CauseKind) -> Iterator[str]:
    for name in ("name", "definition", "family"):
        yield f"{name} = {_text(getattr(kind, name))}"
    if kind.owner:
        yield f"owner = {_text(kind.owner)}"
    if kind.names:
        yield "names = { " + ", ".join(f"{lang} = {_text(name)}" for lang, name in kind.names.items()) + " }"
    if kind.journey:
        yield f"journey = {_texts(kind.journey)}"
    yield from (f"{name} = true" for name in ("catastrophic", "critical") if getattr(kind, name))
    if kind.outranks:
        yield f"outranks = {_texts(sorted(kind.outranks))}"
    if kind.unrouted_since:
        yield f"unrouted_since = {kind.unrouted_since.isoformat()}"
    yield from _long_list("examples", map(_text, kind.examples))
    yield from _long_list("counter_examples", map(_counter, kind.counter_examples))
    yield from _long_list("phrases", map(_text, kind.phrases))


def _past_lines(past: PastCause) -> Iterator[str]:
    yield f"name = {_text(past.name)}"
    if past.owner:
        yield f"owner = {_text(past.owner)}"
    yield f"into = {_texts(past.into)}"
    if past.rest:
        yield f"rest = {_text(past.rest)}"
    if past.at:
        yield f"at = {past.at.isoformat()}"


def _long_list(name: str, values: Iterator[str]) -> Iterator[str]:
    if listed := list(values):
        yield f"{name} = ["
        yield from (f"  {value}," for value in listed)
        yield "]"


def _counter(one: CounterExample) -> str:
    return f"{{ text = {_text(one.text)}, cause = {_text(one.cause)} }}" if one.cause else _text(one.text)


def _texts(values: Sequence[str]) -> str:
    return "[" + ", ".join(map(_text, values)) + "]"


def _text(value: str) -> str:
    """A basic string of TOML (https://toml.io/en/v1.0.0#string): JSON's escapes are among TOML's, but for DEL."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
