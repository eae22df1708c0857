"""What is wrong with a package: where it stands, what it is, and what to do about it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

LONGEST = 60
"""Letters of a wrong value that are repeated in a message."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong. `key` is the way to it inside the file ("location.support.nav_bar"), "" for the file."""

    file: str
    key: str
    what: str
    fix: str

    def __str__(self) -> str:
        where = f"{self.file}, {self.key}" if self.key else self.file
        return f"{where}: {self.what}. Fix: {self.fix}."


class Unreadable(Exception):
    """A file that cannot be looked into any further."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


class _Twice(Exception):
    """A key that stands twice in one object."""


def read_object(files: Mapping[str, bytes], name: str) -> dict[str, Any]:
    """A file's JSON object. Raises Unreadable where it is missing, no JSON, no object or holds a key twice."""
    if name not in files:
        raise Unreadable(Problem(name, "", "is missing", "add the file"))
    try:
        value = json.loads(files[name].decode("utf-8"), object_pairs_hook=_once)
    except _Twice as error:
        raise Unreadable(Problem(name, str(error), "stands twice", "keep one of them")) from None
    except UnicodeDecodeError:
        raise Unreadable(Problem(name, "", "is not UTF-8", "save it as UTF-8")) from None
    except (json.JSONDecodeError, RecursionError) as error:
        line = f" (line {error.lineno}: {error.msg})" if isinstance(error, json.JSONDecodeError) else ""
        raise Unreadable(Problem(name, "", f"is not JSON{line}", "mend the syntax; one object, no comments")) from None
    if not isinstance(value, dict):
        raise Unreadable(Problem(name, "", "is not a JSON object", "put everything between { and }"))
    return value


def _once(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _Twice(shown(key))
        found[key] = value
    return found


def shown(value: object) -> str:
    """A value as a message repeats it: as JSON, bounded."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def joined(words: Iterable[str]) -> str:
    return ", ".join(sorted(words))
