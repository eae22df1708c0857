"""Load a language pack: phrases and tables as data, checked so that a bad line is named and not skipped."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

from plugin.domain.automaton import Automaton
from plugin.domain.phrase_grammar import BadPhrase, Grammar
from plugin.domain.phrases import Pack, Rule

FOLDER = Path(__file__).parent

_NOT_TOPICS = frozenset({"language", "examples", "cause_stories"})
_GRAMMAR_KEYS = frozenset({"slots", "suffixes", "prefixes", "rules"})


class BadPack(ValueError):
    """A pack file that cannot be used; the message names file, line and reason."""


def available() -> tuple[str, ...]:
    """Languages that have a pack, sorted: those with a `language.toml`."""
    return tuple(sorted(p.parent.name for p in FOLDER.glob("*/language.toml")))


_LOADING = Lock()


def load(lang: str) -> Pack:
    """The pack of a language ("en"), compiled once per process, by one thread. Raises BadPack."""
    with _LOADING:
        return _load(lang)


@lru_cache(maxsize=32)
def _load(lang: str) -> Pack:
    return load_folder(FOLDER / lang)


def load_folder(folder: Path) -> Pack:
    """The pack in a folder, wherever it lies. Raises BadPack."""
    base = _parse(folder / "language.toml")
    elide = bool(base.get("elide", False))
    shared = dict(base.get("slots", {}))
    tables: dict[str, Mapping[str, object]] = {"language": base}
    pairs: list[tuple[Rule, Grammar]] = []
    for file in sorted(folder.glob("*.toml")):
        if file.stem in _NOT_TOPICS:
            continue
        content = _parse(file)
        grammar = Grammar(
            {**shared, **content.get("slots", {})},
            {**base.get("suffixes", {}), **content.get("suffixes", {})},
            {**base.get("prefixes", {}), **content.get("prefixes", {})},
            elide=elide,
        )
        pairs += [(rule, grammar) for rule in _rules(file, content)]
        tables[file.stem] = {k: v for k, v in content.items() if k not in _GRAMMAR_KEYS}
    try:
        automaton = Automaton(
            pairs,
            elide=elide,
            abbreviations=base.get("abbreviations", ()),
            after_ordinals=base.get("after_ordinals", ()),
        )
    except BadPhrase:
        _name_culprit(folder, pairs)
        raise
    return Pack(folder.name, str(base.get("name", folder.name)), bool(base.get("rtl", False)), automaton, tables)


def load_examples(lang: str, topic: str) -> list[dict[str, Any]]:
    """The rows of a pack's own examples for a topic; rows with `held` are for checking only."""
    return list(_parse(FOLDER / lang / "examples.toml").get(topic, []))


def _parse(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        raise BadPack(f"{file}: no such file") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadPack(f"{file}: {error}") from None


def _rules(file: Path, content: Mapping[str, Any]) -> Iterator[Rule]:
    for entry in content.get("rules", ()):
        phrases: Sequence[str] = entry.get("phrases", ())
        if not entry.get("name") or not phrases:
            raise BadPack(f"{file}: a [[rules]] entry needs `name` and `phrases`: {str(entry)[:80]}")
        facts = {k: str(v) for k, v in entry.items() if k not in ("name", "phrases")}
        yield Rule(f"{file.stem}.{entry['name']}", tuple(phrases), facts)


def _name_culprit(folder: Path, pairs: Sequence[tuple[Rule, Grammar]]) -> None:
    """Raises BadPack with file and line of the first phrase that cannot be meant."""
    for rule, grammar in pairs:
        for phrase in rule.phrases:
            try:
                Automaton([(Rule(rule.name, (phrase,)), grammar)])
            except BadPhrase as error:
                file = folder / f"{rule.name.partition('.')[0]}.toml"
                raise BadPack(f"{file}:{_line_of(file, phrase)}: {error}") from None


def _line_of(file: Path, phrase: str) -> int:
    """Line where a phrase stands in its file (1 where it was written with escapes and is not found as it is)."""
    for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
        if phrase in line:
            return number
    return 1
