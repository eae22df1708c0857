"""Every sentence we show is said in every language we read, with the same places to fill and no English left over."""

from __future__ import annotations

import html
import io
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.frontend import CommandLineInterface
from babel.messages.pofile import read_po

from plugin import languages, rendering
from plugin.app import card_of
from plugin.domain.card import Text
from plugin.domain.findings import (
    Adherence,
    BlockedPoint,
    Cause,
    Commitment,
    Evidence,
    Findings,
    Flag,
    Preference,
    Signal,
    Spoken,
    State,
    Window,
)
from plugin.domain.ticket import Channel, Person, Role, Status, Ticket
from plugin.locales.extract import extract_taxonomy
from plugin.ports import Account
from plugin.rendering import render_note, say

PLUGIN = Path(rendering.__file__).parent
TEMPLATE = PLUGIN / "locales" / "followthrough.pot"
LOCALES = ("ar", "de", "es", "fr", "lv", "tr")

LOANWORDS = {
    *("SMS", "chat", "note", "e-mail", "Marketing"),
    *("Admin", "Helpdesk", "Helpdesks", "Name", "Pages", "Test", "Tickets", "Ticket %(id)s"),
}
"""Sentences that are the same in English and in one of the other languages."""

WORDLESS = {
    "%(audience)s: %(days)s",
    "%(cause)s: %(count)d",
    "%(cause)s: %(count)d (%(change)s)",
    "%(one)s; %(rest)s",
    "%(what)s: %(count)d",
}
"""Sentences that consist of places only: most languages put them in the same order."""

SPELT_ALIKE = {"fr": {"Contact", "agents", "date", "message", "messages", "note", "service"}, "de": {"an"}}
"""Words on the sample cards that exist in both languages."""

PLACE = re.compile(r"%\(\w+\)[sd]")


def messages(file: Path) -> Iterator[Message]:
    with file.open("rb") as source:
        yield from (message for message in read_po(source) if message.id)


def translations(locale: str) -> dict[str, Message]:
    return {str(message.id): message for message in messages(PLUGIN / "locales" / f"{locale}.po")}


def template() -> list[str]:
    return [str(message.id) for message in messages(TEMPLATE)]


# --- the catalogues --------------------------------------------------------------------------------------------------


def test_the_template_holds_what_the_program_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = tmp_path / "made.pot"
    monkeypatch.chdir(PLUGIN)
    options = ["-F", "locales/babel.cfg", "-k", "N_", "-k", "_", "--no-location", "--omit-header", "-o", str(made)]
    CommandLineInterface().run(["pybabel", "-q", "extract", *options, "."])
    assert made.read_text("utf-8") == TEMPLATE.read_text("utf-8"), "make it again: plugin/locales/README.md"


def test_every_language_that_is_read_is_also_spoken() -> None:
    assert set(LOCALES) == {file.stem for file in TEMPLATE.parent.glob("*.po")}
    assert {*LOCALES, "en"} >= set(languages.available())


@pytest.mark.parametrize("locale", LOCALES)
def test_every_sentence_is_translated_and_none_is_a_guess(locale: str) -> None:
    said = translations(locale)
    assert list(said) == template()
    assert [msgid for msgid, message in said.items() if message.fuzzy or not str(message.string).strip()] == []


@pytest.mark.parametrize("locale", LOCALES)
def test_a_translation_fills_the_same_places(locale: str) -> None:
    for msgid, message in translations(locale).items():
        assert Counter(PLACE.findall(str(message.string))) == Counter(PLACE.findall(msgid)), msgid
        assert "%" not in PLACE.sub("", str(message.string)), msgid


@pytest.mark.parametrize("locale", LOCALES)
def test_a_translation_is_not_the_english_sentence(locale: str) -> None:
    same = {msgid for msgid, message in translations(locale).items() if message.string == msgid}
    assert same <= LOANWORDS | WORDLESS


@pytest.mark.parametrize("locale", LOCALES)
def test_a_translation_stays_about_as_short_as_the_sentence(locale: str) -> None:
    for msgid, message in translations(locale).items():
        assert len(str(message.string)) <= 1.6 * len(msgid) + 15, (msgid, message.string)


def test_the_packaged_page_says_what_the_catalogue_says() -> None:
    script = (PLUGIN / "marketplace" / "freshworks" / "app" / "scripts" / "words.js").read_text("utf-8")
    words = json.loads(script[script.index("= ") + 2 : script.rindex(";")])
    assert set(words) == {"en", *LOCALES}
    for locale, told in words.items():
        assert told == {
            "dir": "rtl" if locale in rendering.RTL else "ltr",
            "unreached": say(
                Text("Followthrough does not answer. What you do in the ticket is not affected."), locale, "UTC"
            ),
            "retry": say(Text("Try again"), locale, "UTC"),
        }


def test_the_words_of_a_taxonomy_are_sentences_too() -> None:
    file = io.BytesIO(b'[owners]\nship = "Shipping"\n[causes.late]\nname = "It is late"\ndefinition = "Too late"\n')
    found = [sentence for _, _, sentence, _ in extract_taxonomy(file, (), (), {})]
    assert found == ["It is late", "Shipping", "Too late", "unrouted"]


@pytest.mark.parametrize("place", ["point", "details"])
def test_a_number_in_an_arabic_line_keeps_its_order(place: str) -> None:
    values = {"channel": Text("telephone"), "point": "+371 2000 1234", "details": "18:00 - 20:00"}
    line = say(Text("Contact wish: %(channel)s, %(point)s (%(details)s)", values), "ar", "UTC")
    assert f"\u2068{values[place]}\u2069" in line


# --- whole cards -----------------------------------------------------------------------------------------------------

NOW = datetime(2026, 12, 2, 9, 0, tzinfo=UTC)
TICKET = Ticket("1", Status.OPEN, Person("c"), NOW, NOW)
SAID = Evidence("m1", "12345")


def promise(kind: str, state: State, *, assumed: bool = False, closed_day: bool = False) -> Commitment:
    due = Window(end=NOW + timedelta(hours=3), assumed=assumed, closed_day=closed_day)
    return Commitment(f"{kind}{state}", kind, SAID, NOW, Role.AGENT, due, state=state)


def wish(channel: Channel, *, refuse: bool = False, point: str = "", window: str = "") -> Preference:
    return Preference(f"{channel}{point}", channel, refuse, SAID, NOW, point, window)


def contact(why: str) -> Adherence:
    return Adherence("m2", NOW, Channel.CALL, "breached", why, SAID, SAID)


CASES = {
    "promises": Findings("1", NOW, commitments=(
        promise("call", State.BROKEN), promise("fix", State.LATE),
        promise("update", State.AT_RISK), promise("send", State.OPEN, closed_day=True),
        promise("refund", State.BROKEN, assumed=True), promise("investigate", State.OPEN, assumed=True),
        replace(promise("visit", State.OPEN), promiser="third", party="12345"),
    )),
    "wishes": Findings("1", NOW, preferences=(
        wish(Channel.ANY), wish(Channel.CALL, point="+37120001234", window="18:00"),
        wish(Channel.LETTER, refuse=True), wish(Channel.DM, refuse=True, window="18:00"),
    ), adherence=(contact("false_no_contact"), contact("other")),
        blocked=(BlockedPoint(Channel.CALL, "", SAID),)),
    "feelings": Findings(
        "1", NOW, cause=Cause("billing_error", "finance", "sure", (SAID,)),
        flags=tuple(Flag(key, (SAID,)) for key in ("catastrophic", "leaving", "upset")),
        effort=(Signal("transfer", 1), Signal("told_again", 2)), spoken=(Spoken("m9", "unknown", "unknown", False),),
    ),
    "effort": Findings("1", NOW, cause=Cause("outage", "unrouted", "likely", (SAID,)), effort=tuple(
        Signal(kind, 2) for kind in ("reopen", "repeated_ask", "chase", "wait", "forced_channel")
    )),
}  # fmt: skip


def words_of(case: str, locale: str) -> set[str]:
    """The words of a rendered card, without the customer's words and without the version's code."""
    card = card_of(CASES[case])
    assert card is not None
    note = render_note(card, TICKET, Account("a", "zendesk", "", locale=locale, zone="Europe/Riga"))
    ours = re.sub(r"<i[ >].*?</i>|<code>.*?</code>|<[^>]+>", " ", note, flags=re.DOTALL)
    return set(re.findall(r"[^\W\d_]{2,}", html.unescape(ours))) - {"Followthrough"}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("locale", LOCALES)
def test_a_card_has_no_english_left_over(locale: str, case: str) -> None:
    spoken = words_of(case, locale)
    assert len(spoken) > 10
    assert spoken & words_of(case, "en") <= SPELT_ALIKE.get(locale, set())


@pytest.mark.parametrize("case", CASES)
def test_an_english_card_is_said_in_the_words_of_the_template(case: str) -> None:
    known = set(re.findall(r"[^\W\d_]{2,}", " ".join(template()))) | {"Wed", "Dec"}
    assert words_of(case, "en") <= known


@pytest.mark.parametrize("case", CASES)
def test_a_language_without_a_catalogue_is_seen_to_be_english(case: str) -> None:
    assert words_of(case, "xx") == words_of(case, "en")
