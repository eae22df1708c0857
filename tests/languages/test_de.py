"""What the German pack finds in its own examples, held rows included, stays found."""

from __future__ import annotations

from typing import Any

import pytest

from plugin.domain.causes import tag_cause
from plugin.domain.commitments import label_message as label_commitment
from plugin.domain.flags import find_flags
from plugin.domain.phrases import Pack
from plugin.domain.preferences import label_message as label_preference
from plugin.domain.ticket import Person, Role
from plugin.languages import load, load_examples
from plugin.languages.taxonomy import load_taxonomy
from plugin.work.evaluate import _message, macro_f1, precision_recall

CUSTOMER = Person("customer")


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load("de")


def rows_of(topic: str, least: int) -> list[dict[str, Any]]:
    rows = load_examples("de", topic)
    assert len(rows) >= least
    return rows


def test_promises_are_told_from_what_only_looks_like_them_in_219_messages(pack):
    rows = rows_of("commitments", 219)
    found = [label_commitment(pack.read(row["text"]), pack)[0] for row in rows]
    figures = precision_recall((row["label"] == "F", label == "F") for row, label in zip(rows, found, strict=True))
    assert figures["precision"] >= 0.92
    assert figures["recall"] >= 0.91


def test_wishes_about_contact_are_heard_in_137_messages(pack):
    rows = rows_of("preferences", 137)
    found = [
        label_preference(pack.read(row["text"]), _message(row["text"], Role.CUSTOMER), CUSTOMER, pack, "DE")
        for row in rows
    ]
    figures = precision_recall((row["label"] == "P", label == "P") for row, label in zip(rows, found, strict=True))
    assert figures["precision"] >= 0.95
    assert figures["recall"] >= 0.88


def test_the_cause_is_named_in_121_messages_of_which_40_were_not_learned_from(pack):
    taxonomy = load_taxonomy()
    pairs = []
    for row in rows_of("causes", 121):
        said = [(_message(row["text"], Role.CUSTOMER), pack.read(row["text"]), pack)]
        cause, _, _ = tag_cause(said, [], [], [], taxonomy, row.get("subject") or "")
        pairs.append((bool(row.get("held")), str(row["cause"]), cause.key))
    assert macro_f1([(wanted, found) for _, wanted, found in pairs]) >= 0.84
    assert macro_f1([(wanted, found) for held, wanted, found in pairs if held]) >= 0.55


@pytest.mark.parametrize(
    ("text", "flags"),
    [
        ("Das ist eine Frechheit, ich bin stinksauer!", {"upset"}),
        ("Ich bin nicht sauer, nur verwundert.", set()),
        ("Ich werde zu einem anderen Anbieter wechseln.", {"leaving"}),
        ("Wie kann ich meinen Vertrag kündigen?", set()),
        ("Der Akku hat gebrannt, mein Sohn hat sich die Hand verbrannt.", {"catastrophic"}),
        ("Zum Glück wurde niemand verletzt.", set()),
    ],
)
def test_feelings_leaving_and_harm_are_present_or_absent(pack, text, flags):
    found = find_flags([(_message(text, Role.CUSTOMER), pack.read(text))])
    assert {flag.key for flag in found} == flags


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Wir erstatten Ihnen den Betrag nicht.", "N"),
        ("Wir erstatten Ihnen den Betrag.", "F"),
        ("Liegt die Rechnung vor, erstatten wir Ihnen den Betrag.", "K"),
        ("Sie schrieben uns: „Ich überweise den Rest bis zum Monatsende.“", "N"),
        ("Der Techniker kommt am 4. November zu Ihnen.", "F"),
        ("Einen Moment bitte, ich sehe kurz nach.", "I"),
        ("Und morgen früh ruft Sie unser Kollege an.", "F"),
    ],
)
def test_word_order_negation_and_quotations_decide(pack, text, label):
    assert label_commitment(pack.read(text), pack)[0] == label
