"""The second and third wish of a message: other clauses, other points, contrasts, hours taken out or agreed to."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from plugin.domain.points import same_point
from plugin.domain.preferences import find_preferences
from plugin.domain.ticket import Message, Role
from plugin.languages import load


def found(text: str) -> list[tuple[str, str, str]]:
    message = Message("m", Role.CUSTOMER, datetime(2026, 3, 2, tzinfo=UTC), text)
    pack = load("en")
    wishes = find_preferences(pack.read(text), message, None, pack, "GB")
    return [(p.channel.value, "refuse" if p.refuse else "want", p.point) for p in wishes]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Don't ring me, text me when it's in, and post me the form.",
            ["call refuse", "sms want", "letter want"],
        ),
        (
            "You can reach me on 0131 496 0120 or at ann@pinehurst.example.",
            ["call want 0131 496 0120", "email want ann@pinehurst.example"],
        ),
        (
            "Ring 0131 496 0120 and never 0131 496 0155.",
            ["call want 0131 496 0120", "call refuse 0131 496 0155"],
        ),
        (
            "Please don't use 0131 496 0155 any more but 0131 496 0120.",
            ["call refuse 0131 496 0155", "call want 0131 496 0120"],
        ),
        ("Please switch me from email to text.", ["sms want", "email refuse"]),
        ("Email me instead of those calls with the tinny music.", ["email want", "call refuse"]),
        ("Call, email or text me.", ["call want", "email want", "sms want"]),
        ("Call me after six. Just not before.", ["call want"]),
        ("Please don't call in the mornings. After three is fine.", ["call refuse", "call want"]),
        ("Call me in the evening. Never before six.", ["call want", "call refuse"]),
        (
            "Please write to 22 Alder Court, Leeds LS6 1BB, as I am moving.",
            ["letter want 22 Alder Court, Leeds LS6 1BB"],
        ),
        ("Message me on Telegram as @lena_w.", ["dm want @lena_w"]),
    ],
)
def test_every_wish_of_a_message_is_found_with_its_own_point(text, expected):
    got = found(text)
    wanted = [tuple((entry + "  ").split(" ", 2)) for entry in expected]
    assert sorted(g[:2] for g in got) == sorted(w[:2] for w in wanted)
    for channel, polarity, point in wanted:
        points = [g[2] for g in got if g[:2] == (channel, polarity)]
        assert any((not point.strip() and not p) or same_point(p, point.strip(), "GB") for p in points)


@pytest.mark.parametrize(
    "text",
    [
        'A recording says "please call us back later" and that is all.',
        "I'm at home on Monday.",
        "Please send the replacement to my new address, 9 Harbour Row, Whitby.",
    ],
)
def test_what_others_say_and_where_somebody_is_wish_for_nothing(text):
    assert found(text) == []
