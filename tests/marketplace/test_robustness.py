"""A check never stumbles: whatever stands anywhere in a package, it answers with problems and not with an exception."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from plugin.marketplace import HELPDESKS
from tests.marketplace.packages import good, problems

ODD: tuple[Any, ...] = (
    None,
    True,
    0,
    -1.5,
    "",
    "<%",
    "https://[",
    "x" * 300,
    [],
    [[]],
    [{}],
    {},
    {"": None},
    {"a": []},
)


def ways(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every value in a document, the document itself last."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from ways(inner, (*way, key))
    yield way


def replaced(value: Any, way: tuple[Any, ...], new: Any) -> Any:
    if not way:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[way[0]] = replaced(value[way[0]], way[1:], new)
    return copy


@pytest.mark.parametrize("helpdesk", HELPDESKS)
def test_odd_values_anywhere_are_problems_and_not_accidents(helpdesk: str) -> None:
    files = good(helpdesk)
    names = [
        n for n in files if n.endswith(".json") and (n == "translations/en.json" or not n.startswith("translations/"))
    ]
    tried = 0
    for name in names:
        document = json.loads(files[name])
        for way in ways(document):
            for odd in ODD:
                tried += 1
                problems(helpdesk, files | {name: json.dumps(replaced(document, way, odd)).encode()})
    assert tried > 500


@pytest.mark.parametrize("helpdesk", HELPDESKS)
@pytest.mark.parametrize("content", [b"", b"\x00\xff", b"[" * 100_000, b"<svg", b'"text"'])
def test_odd_files_are_problems_and_not_accidents(helpdesk: str, content: bytes) -> None:
    files = good(helpdesk)
    for name in files:
        said = problems(helpdesk, files | {name: content})
        assert said or not name.endswith((".json", ".png", ".svg", ".html")), name
