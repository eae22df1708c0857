"""A flag is present or absent, proven by the customer's own words; denied, supposed or quoted words raise none."""

from datetime import UTC, datetime

import pytest

from plugin.domain.findings import Flag
from plugin.domain.flags import find_flags
from plugin.domain.ticket import Message, Role
from plugin.languages import load

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


def flags(text: str, mood=None) -> list[Flag]:
    return find_flags([(Message("1", Role.CUSTOMER, AT, text), load("en").read(text))], mood)


def keys(text: str, mood=None) -> set[str]:
    return {flag.key for flag in flags(text, mood)}


@pytest.mark.parametrize(
    ("text", "present"),
    [
        ("I am absolutely furious about this.", {"upset"}),
        ("This is totally unacceptable!", {"upset"}),
        ("What a joke.", {"upset"}),
        ("fed up with this now", {"upset"}),
        ("I'm not angry, I only want to know.", set()),
        ("The film made us happy.", set()),
        ("I'm going to cancel my subscription.", {"leaving"}),
        ("We are switching to your competitor.", {"leaving"}),
        ("You've lost a customer.", {"leaving"}),
        ("Please close my account.", {"leaving"}),
        ("I will never order from you again.", {"leaving"}),
        ("I'm not cancelling, don't worry.", set()),
        ("I don't want to leave, I only want it to work.", set()),
        ("If I cancel, do I get the deposit back?", set()),
        ("You cancelled my flight.", set()),
        ("I would like to cancel the appointment on Monday.", set()),
        ("How can I cancel one of the two items?", set()),
        ("I'm leaving the house at five.", set()),
        ("The charger caught fire on my desk.", {"catastrophic"}),
        ("Your update deleted all my photos.", {"catastrophic"}),
        ("Somebody emptied my savings account.", {"catastrophic"}),
        ("My son burned his hand on the lid.", {"catastrophic"}),
        ("I can see another customer's records.", {"catastrophic"}),
        ("Nobody was hurt.", set()),
        ("The smoke alarm needs a battery.", set()),
        ("You lost my parcel.", set()),
        ('Your poster says "I am leaving my bank today". Nice picture.', set()),
        ("Thank you, all is well.", set()),
    ],
)
def test_what_is_said_is_present_and_what_is_not_is_absent(text, present):
    assert keys(text) == present


def test_each_flag_carries_the_words_that_show_it():
    text = "It is late again. I am absolutely furious about this, and I'm going to cancel my subscription."
    for flag in flags(text):
        for quote in flag.evidence:
            assert text[quote.start : quote.start + len(quote.quote)] == quote.quote
    assert {f.key for f in flags(text)} == {"upset", "leaving"}


def test_a_flag_holds_no_number():
    assert all(not isinstance(getattr(flag, name), int | float) for flag in flags("I am furious.")
               for name in ("key", "evidence"))  # fmt: skip


def test_the_mood_reader_decides_about_weak_words_only():
    asked: list[str] = []

    def mood(sentence: str) -> bool:
        asked.append(sentence)
        return "bad" in sentence

    assert keys("The colour is nice. The support was bad", mood) == {"upset"}
    assert asked == ["The support was bad"]
    assert keys("The parcel is late.", mood) == set()
    assert keys("The support was bad") == set()


def test_quotes_are_bounded():
    (flag,) = flags("I am furious. " * 50)
    assert len(flag.evidence) == 3
