"""What the French pack finds in its own examples, all of them, held rows included: it may not get worse unnoticed."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

from plugin.domain import commitments, preferences
from plugin.domain.causes import tag_cause
from plugin.domain.ticket import Message, Role
from plugin.languages import load, load_examples
from plugin.languages.taxonomy import load_taxonomy

COMMITMENTS, PREFERENCES, CAUSES = 0.93, 0.91, 0.80
"""Floors a little under what the pack reaches: F1 of promises, F1 of preferences, macro-F1 of causes."""

AT = datetime(2025, 3, 10, 9, 0, tzinfo=UTC)


def said(text: str) -> Message:
    return Message("m", Role.CUSTOMER, AT, text)


def f1(pairs: list[tuple[bool, bool]]) -> float:
    """F1 of (expected, found) pairs."""
    right = sum(expected and found for expected, found in pairs)
    wrong = sum(expected != found for expected, found in pairs)
    return 2 * right / (2 * right + wrong)


def test_promises_are_told_from_the_rest_in_232_french_replies() -> None:
    pack, rows = load("fr"), load_examples("fr", "commitments")
    found = [commitments.label_message(pack.read(row["text"]), pack)[0] for row in rows]
    assert len(rows) == 232
    assert f1([(row["label"] == "F", label == "F") for row, label in zip(rows, found, strict=True)]) >= COMMITMENTS


def test_preferences_are_told_from_the_rest_in_133_french_messages() -> None:
    pack, rows = load("fr"), load_examples("fr", "preferences")
    found = [preferences.label_message(pack.read(r["text"]), said(r["text"]), None, pack, "FR") for r in rows]
    assert len(rows) == 133
    assert f1([(row["label"] == "P", label == "P") for row, label in zip(rows, found, strict=True)]) >= PREFERENCES


def test_causes_are_named_in_121_french_messages() -> None:
    pack, rows, taxonomy = load("fr"), load_examples("fr", "causes"), load_taxonomy()
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
