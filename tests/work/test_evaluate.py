"""Figures mean what they say: counted by hand on a few rows, and held to a floor on the histories of five languages."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from plugin import languages
from plugin.app import policy_of
from plugin.ports import Account, Rejected
from plugin.work.evaluate import Evaluator, interval, macro_f1, precision_recall, read_rows, risk_coverage

REPLAYS = Path(__file__).parent.parent / "replays"

ALL = Account("e", "none", "", languages=languages.available())


@pytest.fixture(scope="module")
def evaluator() -> Evaluator:
    def make(hours: str, zone: str, holidays: object) -> object:
        return policy_of(replace(ALL, hours=hours, zone=zone, holidays=tuple(holidays)))  # type: ignore[arg-type]

    return Evaluator(replace(policy_of(ALL), region="US"), make)  # type: ignore[arg-type]


def test_precision_and_recall_are_counted_with_their_n() -> None:
    figures = precision_recall([(True, True), (True, False), (False, True), (False, False), (True, True)])
    assert (figures["precision"], figures["precision_n"]) == (2 / 3, 3)
    assert (figures["recall"], figures["recall_n"]) == (2 / 3, 3)


def test_a_missing_class_counts_in_the_macro_mean() -> None:
    assert macro_f1([("a", "a"), ("b", "missing")]) == 0.5


def test_an_interval_of_nothing_says_nothing() -> None:
    assert interval(0, 0) == (0.0, 1.0)
    low, high = interval(9, 10)
    assert 0.55 < low < 0.6
    assert 0.98 < high < 0.99


def test_commitments_are_measured_as_defined(evaluator: Evaluator) -> None:
    rows = read_rows("\n".join(map(json.dumps, [
        {"id": "1", "lang": "en", "text": "We will call you back tomorrow before noon.", "label": "F",
         "quote": "We will call you back tomorrow before noon", "kind": "call", "due": "tomorrow before noon"},
        {"id": "2", "lang": "en", "text": "Please send us your number and we will call you.", "label": "K"},
        {"id": "3", "lang": "en", "text": "We will never call you about this.", "label": "N"},
    ])))  # fmt: skip
    report = evaluator.run("commitments", rows)
    assert report.errors == []
    assert report.overall["f1"] == report.overall["quote_overlap"] == report.overall["due_exact"] == 1
    assert report.by_lang["en"]["recall_n"] == 1
    assert [p["label"] for p in report.predictions] == ["F", "K", "N"]
    assert json.loads(report.as_json())["n"] == 3


def test_an_exact_window_is_right_at_both_ends(evaluator: Evaluator) -> None:
    row = {"id": "1", "lang": "en", "text": "I'll ring you on Friday between 10 and 12.", "zone": "Europe/Riga",
           "said_at": "2026-03-04T10:00:00+02:00", "hours": "Mon-Fri 09:00-17:00", "holidays": [],
           "due_start": "2026-03-06T10:00:00+02:00", "due_end": "2026-03-06T12:00:00+02:00"}  # fmt: skip
    assert evaluator.run("deadlines", [row]).overall["exact"] == 1
    assert evaluator.run("deadlines", [{**row, "due_start": None}]).overall == {
        "exact": 0.0, "exact_n": 1, "end_exact": 1.0, "end_exact_n": 1,
    }  # fmt: skip


def test_an_entry_is_exact_in_channel_polarity_and_point(evaluator: Evaluator) -> None:
    row = {"id": "1", "lang": "en", "text": "Please call me on 202-555-0143, do not email me.", "label": "P",
           "prefs": [{"channel": "call", "polarity": "want", "point": "(202) 555-0143"},
                     {"channel": "email", "polarity": "refuse"}]}  # fmt: skip
    assert evaluator.run("preferences", [row]).overall["entry_exact"] == 1


@pytest.mark.parametrize("text", ["{", "[1]", '{"id": 1}\nnonsense'])
def test_a_line_that_is_no_row_is_named(text: str) -> None:
    with pytest.raises(Rejected, match="line"):
        read_rows(text)


def test_a_row_without_its_fields_is_named(evaluator: Evaluator) -> None:
    with pytest.raises(Rejected, match="text"):
        evaluator.run("commitments", [{"id": "1", "lang": "en", "label": "F"}])


FLOORS = {"en": 0.95, "fr": 0.65, "tr": 0.80, "lv": 0.80, "ar": 0.65}
"""Macro-F1 of states over the fifteen histories of each language; written before the code, used while building it."""


@pytest.mark.parametrize("lang", sorted(FLOORS))
def test_histories_are_judged_as_their_writers_judged_them(evaluator: Evaluator, lang: str) -> None:
    report = evaluator.run("threads", read_rows((REPLAYS / f"{lang}.jsonl").read_text("utf-8")))
    assert report.n == 15
    assert report.overall["macro_f1"] >= FLOORS[lang], report.errors
    assert report.overall["recall"] >= 0.85


def test_every_history_is_whole() -> None:
    for file in set(REPLAYS.glob("*.jsonl")) - set(REPLAYS.glob("*_signs.jsonl")):
        for row in read_rows(file.read_text("utf-8")):
            datetime.fromisoformat(row["as_of"])
            for promise in row["commitments"]:
                assert promise["quote"] in row["messages"][promise["message"]]["text"]


# --- risk and coverage -----------------------------------------------------------------------------------------------


def test_a_perfect_order_closes_the_whole_gap_and_the_worst_opens_it() -> None:
    perfect, worst = risk_coverage([True] * 8 + [False] * 2), risk_coverage([False] * 2 + [True] * 8)
    assert perfect["risk_coverage_closed"] == pytest.approx(1.0)
    assert worst["risk_coverage_closed"] < 0
    assert perfect["risk_coverage_area"] == pytest.approx((1 / 9 + 2 / 10) / 10)


def test_errors_among_the_least_sure_stand_beside_the_most_that_can() -> None:
    figures = risk_coverage([True] * 15 + [False] * 3 + [True, False])
    assert (figures["errors_last_tenth"], figures["errors_last_tenth_most"]) == (0.25, 0.5)
    assert figures["errors_last_tenth_n"] == 4


@pytest.mark.parametrize("right", [[], [True], [False], [True] * 5])
def test_where_there_is_nothing_to_order_nothing_is_divided_by_nothing(right: list[bool]) -> None:
    assert set(risk_coverage(right)) >= {"risk_coverage_area", "risk_coverage_closed", "errors_last_tenth"}
