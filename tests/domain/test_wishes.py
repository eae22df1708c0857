"""Of a few hundred messages in seven languages nearly all wishes are found, with channel, direction and point."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from plugin.domain.points import same_point
from plugin.domain.preferences import find_preferences
from plugin.domain.ticket import Message, Role
from plugin.languages import load

Entry = tuple[str, str, str]

FLOORS = {"en": 0.85, "tr": 0.95, "fr": 0.7, "lv": 0.65, "ar": 0.7, "de": 0.55, "es": 0.75}
"""Right entries, of all that are expected or found; a little under what was measured."""

REGIONS = {"en": "GB", "tr": "TR", "fr": "FR", "lv": "LV", "ar": "SA", "de": "DE", "es": "ES"}


def rows(lang: str) -> list[tuple[str, str]]:
    lines = (Path(__file__).parent / "wishes.txt").read_text("utf-8").splitlines()
    parts = [line.split(" | ", 2) for line in lines if line and line[0] != "#"]
    return [(said, text) for of, said, text in parts if of == lang]


def entries(said: str) -> list[Entry]:
    found = [entry.strip().split(" ", 2) for entry in said.split(";")] if said not in ("G", "N") else []
    return [(entry[0], entry[1], entry[2] if len(entry) > 2 else "") for entry in found]


def found_in(text: str, lang: str) -> list[Entry]:
    pack, message = load(lang), Message("m", Role.CUSTOMER, datetime(2026, 3, 2, tzinfo=UTC), text)
    wishes = find_preferences(pack.read(text), message, None, pack, REGIONS[lang])
    return [(p.channel.value, "refuse" if p.refuse else "want", p.point) for p in wishes]


def right(expected: list[Entry], found: list[Entry], region: str) -> int:
    left, number = list(found), 0
    for wish in expected:
        twin = next((f for f in left if f[:2] == wish[:2] and _one_point(f[2], wish[2], region)), None)
        if twin is not None:
            left.remove(twin)
            number += 1
    return number


def _one_point(found: str, expected: str, region: str) -> bool:
    return (not found and not expected) or same_point(found, expected, region)


@pytest.mark.parametrize("lang", sorted(FLOORS))
def test_channel_direction_and_point_of_nearly_all_wishes_are_right(lang: str) -> None:
    hits = union = 0
    for said, text in rows(lang):
        expected, found = entries(said), found_in(text, lang)
        good = right(expected, found, REGIONS[lang])
        hits, union = hits + good, union + len(expected) + len(found) - good
    assert hits / union >= FLOORS[lang]


@pytest.mark.parametrize("lang", sorted(FLOORS))
def test_messages_that_wish_for_nothing_are_left_alone(lang: str) -> None:
    plain = [text for said, text in rows(lang) if said in ("G", "N")]
    wrong = [text for text in plain if found_in(text, lang)]
    assert len(wrong) <= len(plain) // 20
