"""What the Spanish pack finds in its own examples, all of them, held rows included: it may not get worse unnoticed."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import pytest

from plugin.domain import commitments, preferences
from plugin.domain.causes import tag_cause
from plugin.domain.flags import find_flags
from plugin.domain.ticket import Message, Role
from plugin.languages import load, load_examples
from plugin.languages.taxonomy import load_taxonomy

COMMITMENTS, PREFERENCES, CAUSES = 0.92, 0.94, 0.84
"""Floors a little under what the pack reaches: F1 of promises, F1 of preferences, macro-F1 of causes."""

AT = datetime(2025, 3, 10, 9, 0, tzinfo=UTC)


def said(text: str) -> Message:
    return Message("m", Role.CUSTOMER, AT, text)


def f1(pairs: list[tuple[bool, bool]]) -> float:
    """F1 of (expected, found) pairs."""
    right = sum(expected and found for expected, found in pairs)
    wrong = sum(expected != found for expected, found in pairs)
    return 2 * right / (2 * right + wrong)


def test_promises_are_told_from_the_rest_in_222_spanish_replies() -> None:
    pack, rows = load("es"), load_examples("es", "commitments")
    found = [commitments.label_message(pack.read(row["text"]), pack)[0] for row in rows]
    assert len(rows) == 222
    assert f1([(row["label"] == "F", label == "F") for row, label in zip(rows, found, strict=True)]) >= COMMITMENTS


def test_preferences_are_told_from_the_rest_in_138_spanish_messages() -> None:
    pack, rows = load("es"), load_examples("es", "preferences")
    found = [preferences.label_message(pack.read(r["text"]), said(r["text"]), None, pack, "ES") for r in rows]
    assert len(rows) == 138
    assert f1([(row["label"] == "P", label == "P") for row, label in zip(rows, found, strict=True)]) >= PREFERENCES


def test_causes_are_named_in_121_spanish_messages() -> None:
    pack, rows, taxonomy = load("es"), load_examples("es", "causes"), load_taxonomy()
    right: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    for row in rows:
        heard = [(said(row["text"]), pack.read(row["text"]), pack)]
        key = tag_cause(heard, [], [], [], taxonomy, row.get("subject") or "")[0].key
        right.update([key] if key == row["cause"] else [])
        missed.update([] if key == row["cause"] else [key, row["cause"]])
    scores = [2 * right[key] / max(2 * right[key] + missed[key], 1) for key in taxonomy.causes]
    assert len(rows) == 121
    assert sum(scores) / len(scores) >= CAUSES


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Le llamo mañana a las diez.", "F"),
        ("Le llamó ayer mi compañera.", "N"),  # only the accent tells the past
        ("Si nos manda la factura, le llamo mañana.", "K"),
        ("Sí, le llamo mañana a las diez.", "F"),  # only the accent tells "yes" from "if"
        ("No le vamos a llamar mañana.", "N"),
        ("En cuanto nos digan algo, te avisamos.", "F"),
        ("En cuanto nos confirmes la talla, te avisamos.", "K"),
        ("Se lo enviarán el jueves.", "F"),
        ("¿Se lo enviamos el jueves?", "N"),
        ("Nos mandará usted el contrato el jueves.", "N"),
    ],
)
def test_persons_tenses_and_accents_decide_who_promised_what(text: str, label: str) -> None:
    pack = load("es")
    assert commitments.label_message(pack.read(text), pack)[0] == label


@pytest.mark.parametrize(
    ("text", "flags"),
    [
        ("Estoy harta, esto es una vergüenza.", {"upset"}),
        ("No estoy enojada, solo quiero saber.", set()),
        ("Me voy a la competencia.", {"leaving"}),
        ("No quiero cancelar mi contrato.", set()),
        ("El cargador explotó y me quemé la mano.", {"catastrophic"}),
        ("Menos mal que nadie resultó herido.", set()),
    ],
)
def test_flags_are_present_or_absent_in_spanish(text: str, flags: set[str]) -> None:
    assert {flag.key for flag in find_flags([(said(text), load("es").read(text))])} == flags
