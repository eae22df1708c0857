"""What the Latvian pack finds in its own examples, held rows included, stays found."""

from __future__ import annotations

from typing import Any

import pytest

from plugin.domain.causes import tag_cause
from plugin.domain.commitments import label_message as label_commitment
from plugin.domain.phrases import Pack
from plugin.domain.preferences import label_message as label_preference
from plugin.domain.ticket import Person, Role
from plugin.languages import load, load_examples
from plugin.languages.taxonomy import load_taxonomy
from plugin.work.evaluate import _message, macro_f1, precision_recall

CUSTOMER = Person("customer")


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load("lv")


def rows_of(topic: str, least: int) -> list[dict[str, Any]]:
    rows = load_examples("lv", topic)
    assert len(rows) >= least
    return rows


def test_promises_are_told_from_what_only_looks_like_them_in_241_messages(pack):
    rows = rows_of("commitments", 241)
    found = [label_commitment(pack.read(row["text"]), pack)[0] for row in rows]
    figures = precision_recall((row["label"] == "F", label == "F") for row, label in zip(rows, found, strict=True))
    assert figures["precision"] >= 0.92
    assert figures["recall"] >= 0.90


def test_wishes_about_contact_are_heard_in_139_messages(pack):
    rows = rows_of("preferences", 139)
    found = [
        label_preference(pack.read(row["text"]), _message(row["text"], Role.CUSTOMER), CUSTOMER, pack, "LV")
        for row in rows
    ]
    figures = precision_recall((row["label"] == "P", label == "P") for row, label in zip(rows, found, strict=True))
    assert figures["precision"] >= 0.96
    assert figures["recall"] >= 0.92


def test_the_cause_is_named_in_121_messages(pack):
    taxonomy = load_taxonomy()
    pairs = []
    for row in rows_of("causes", 121):
        said = [(_message(row["text"], Role.CUSTOMER), pack.read(row["text"]), pack)]
        cause, _, _ = tag_cause(said, [], [], [], taxonomy, row.get("subject") or "")
        pairs.append((str(row["cause"]), cause.key))
    assert macro_f1(pairs) >= 0.75


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Piezvanīšu rīt.", "F"),
        ("rit atzvanisu", "F"),
        ("Kolēģe jums atbildēs līdz piektdienai.", "F"),
        ("Nauda tiks atgriezta trīs dienu laikā.", "F"),
        ("Ja atsūtīsiet čeku, naudu atgriezīsim.", "K"),
        ("Atsūtiet, lūdzu, čeku. Naudu atgriezīsim.", "K"),
        ("Naudu neatgriezīsim.", "N"),
        ("Vakar jums piezvanījām.", "N"),
    ],
)
def test_person_tense_and_condition_decide_what_is_promised(pack, text, label):
    assert label_commitment(pack.read(text), pack)[0] == label
