"""Print how good each language pack is on its own examples that nobody built phrases from, as in docs/figures.md.

These rows are few, and written by us: the intervals are wide, and real messages differ. `python3 dev.py bench figures`
"""

from __future__ import annotations

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


def main() -> None:
    print("| topic | language | n | " + " | ".join(("figures, with the 95 % interval of shares",)) + " |")
    print("|---|---|---|---|")
    for topic, metrics in SHOWN.items():
        for lang in languages.available():
            policy = policy_of(Account("figures", "none", "", languages=languages.available()))
            evaluator = Evaluator(policy, lambda h, z, d: policy_of(_account(h, z, tuple(d))))
            rows = [
                {"id": str(n), "lang": lang, **row}
                for n, row in enumerate(languages.load_examples(lang, topic))
                if row.get("held")
            ]
            overall = evaluator.run(topic, rows).overall
            print(f"| {topic} | {lang} | {len(rows)} | {'; '.join(_tell(overall, m) for m in metrics)} |", flush=True)


def _account(hours: str, zone: str, holidays: tuple[str, ...]) -> Account:
    return Account("figures", "none", "", zone=zone, hours=hours, holidays=holidays, languages=languages.available())


def _tell(figures: dict[str, float], metric: str) -> str:
    value, n = figures[metric], figures.get(f"{metric}_n", 0)
    if metric in ("f1", "macro_f1"):
        return f"{metric} {value:.2f}"
    low, high = interval(value * n, n)
    return f"{metric} {value:.2f} [{low:.2f}–{high:.2f}] of {n:.0f}"


if __name__ == "__main__":
    main()
