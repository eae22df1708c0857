"""Good packages to start from, and small ways to spoil them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from plugin.marketplace import Place, build, check, read_manifest

PLACE = Place("https://ft.acme.example", "acme", "12345678", "900123")

GONE = object()
"""Says to `put`: take the key out."""

Files = dict[str, bytes]
Mutation = Callable[[Files], object]

Row = tuple[str, Mutation, str]
"""What was done to a package, how, and what must be said of it."""


def good(helpdesk: str, place: Place = PLACE) -> Files:
    return dict(build(helpdesk, read_manifest(), place))


def problems(helpdesk: str, files: Files) -> list[str]:
    return [str(problem) for problem in check(helpdesk, files)]


def put(file: str, path: str, value: object) -> Mutation:
    """Set one key of a JSON file, the way to it written with dots; numbers count list items."""

    def mutate(files: Files) -> None:
        document = json.loads(files[file])
        at: Any = document
        *way, last = path.split(".")
        for step in way:
            at = at[int(step)] if isinstance(at, list) else at[step]
        if value is GONE:
            del at[last]
        else:
            at[int(last) if isinstance(at, list) else last] = value
        files[file] = json.dumps(document).encode()

    return mutate


def write(file: str, content: bytes | str) -> Mutation:
    """Put a file there, or other content into one."""
    return lambda files: files.__setitem__(file, content.encode() if isinstance(content, str) else content)


def drop(file: str) -> Mutation:
    return lambda files: files.__delitem__(file)


def swap(file: str, old: str, new: str) -> Mutation:
    """Other letters in a text file; the old ones must be there."""

    def mutate(files: Files) -> None:
        text = files[file].decode()
        assert old in text, f"{file} no longer holds {old!r}"
        files[file] = text.replace(old, new).encode()

    return mutate
