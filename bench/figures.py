"""Print how good each language pack is on its own examples that nobody built phrases from, as in docs/figures.md.

These rows are few, and written by us: the intervals are wide, and real messages differ. `python3 dev.py bench figures`;
with `--exam` on the messages of tests/exam, which were written apart from the packs.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from plugin import languages
from plugin.app import policy_of
from plugin.ports import Account
from plugin.work.evaluate import Evaluator, interval

SHOWN = {
    "commitments": ("precision", "recall", "f1"),
    "deadlines": ("exact",),
    "preferences": ("precision", "recall", "f1", "entry_exact"),
    "causes": ("macro_f1", "accuracy", "answered"),
}
EXAM = Path(__file__).parent.parent / "tests" / "exam"
EXAM_SHOWN = {**SHOWN, "threads": ("macro_f1", "precision", "recall", "false_kept")}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--exam", action="store_true", help="the messages of tests/exam instead")
    exam = parser.parse_args().exam
    print("| topic | language | n | figures, with the 95 % interval of shares |")
    print("|---|---|---|---|")
    for topic, metrics in (EXAM_SHOWN if exam else SHOWN).items():
        for lang in languages.available():
            rows = list(_exam_rows(topic, lang) if exam else _held_rows(topic, lang))
            if rows:
                policy = policy_of(Account("figures", "none", "", languages=languages.available()))
                evaluator = Evaluator(policy, lambda h, z, d: policy_of(_account(h, z, tuple(d))))
                overall = evaluator.run(topic, rows).overall
                print(
                    f"| {topic} | {lang} | {len(rows)} | {'; '.join(_tell(overall, m) for m in metrics)} |", flush=True
                )


def _held_rows(topic: str, lang: str) -> Iterator[dict[str, Any]]:
    for number, row in enumerate(languages.load_examples(lang, topic)):
        if row.get("held"):
            yield {"id": str(number), "lang": lang, **row}


def _exam_rows(topic: str, lang: str) -> Iterator[dict[str, Any]]:
    file = EXAM / f"{topic}_{lang}.jsonl"
    if file.exists():
        yield from (json.loads(line) for line in file.read_text("utf-8").splitlines())


def _account(hours: str, zone: str, holidays: tuple[str, ...]) -> Account:
    return Account("figures", "none", "", zone=zone, hours=hours, holidays=holidays, languages=languages.available())


def _tell(figures: dict[str, float], metric: str) -> str:
    value, n = figures[metric], figures.get(f"{metric}_n", 0)
    if metric == "false_kept":
        return f"kept wrongly {value:.0f}"
    if metric in ("f1", "macro_f1"):
        return f"{metric} {value:.2f}"
    low, high = interval(value * n, n)
    return f"{metric} {value:.2f} [{low:.2f}–{high:.2f}] of {n:.0f}"


if __name__ == "__main__":
    main()
