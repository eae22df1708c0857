"""How well and how fast causes are tagged: `python bench/causes.py [LANG …] [--held]`.

Without --held it uses the examples that may be learned from, which flatters (the words were learned from them); with
--held those that nobody built anything from. Also: 1,000 edits with words of anger, of which none may change a cause.
"""

from __future__ import annotations

import argparse
import math
import random
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from plugin.domain.causes import tag_cause
from plugin.domain.findings import Cause
from plugin.domain.flags import find_flags
from plugin.domain.phrases import Pack
from plugin.domain.ticket import Message, Role
from plugin.languages import load, load_examples
from plugin.languages.taxonomy import load_taxonomy

MOMENT = datetime(2026, 1, 1, tzinfo=UTC)


def tag(row: dict[str, Any], pack: Pack) -> Cause:
    message = Message("1", Role.CUSTOMER, MOMENT, row["text"])
    said = [(message, pack.read(row["text"]), pack)]
    return tag_cause(said, (), (), (), load_taxonomy(), row.get("subject") or "")[0]


def wilson(hits: float, n: int) -> str:
    z, p = 1.96, hits / n
    middle, half = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return f"{p:.3f} [{(middle - half) / (1 + z * z / n):.3f}–{(middle + half) / (1 + z * z / n):.3f}] n={n}"


def macro_f1(pairs: Sequence[tuple[str, str]]) -> float:
    figures = []
    for key in {expected for expected, _ in pairs}:
        both = sum(e == f == key for e, f in pairs)
        figures.append(2 * both / max(1, sum(e == key for e, _ in pairs) + sum(f == key for _, f in pairs)))
    return sum(figures) / len(figures)


def resampled(pairs: Sequence[tuple[str, str]]) -> tuple[float, float]:
    """95 % interval of macro-F1 over 1,000 samples drawn with replacement."""
    draw = random.Random(1)
    figures = sorted(macro_f1([draw.choice(pairs) for _ in pairs]) for _ in range(1000))
    return figures[25], figures[974]


def measure(lang: str, rows: list[dict[str, Any]], *, show: bool) -> None:
    pack = load(lang)
    causes = [tag(row, pack) for row in rows]
    pairs = [(row["cause"], cause.key) for row, cause in zip(rows, causes, strict=True)]
    low, high = resampled(pairs)
    right = [e == f for e, f in pairs]
    print(f"{lang}: macro-F1 {macro_f1(pairs):.3f} [{low:.3f}–{high:.3f}], accuracy {wilson(sum(right), len(right))}")
    print(f"    answered {wilson(sum(f != 'unsure' for _, f in pairs), len(pairs))}")
    for word in ("sure", "likely", "unsure"):
        mine = [r for r, c in zip(right, causes, strict=True) if c.confidence == word]
        if mine:
            print(f"    {word}: right {wilson(sum(mine), len(mine))}")
    if show:
        for row, cause in zip(rows, causes, strict=True):
            if row["cause"] != cause.key:
                print(f"      {row['cause']} taken for {cause.key} ({cause.weight:.2f}): {row['text'][:110]!r}")


ANGER = ("I am absolutely furious!", "This is totally unacceptable.", "What a joke.", "bloody", "damn", "ridiculous")


def edits(rows: list[dict[str, Any]], lang: str) -> None:
    """Words of anger put before, after and between: the cause must stay."""
    pack, draw, changed = load(lang), random.Random(2), 0
    for _ in range(1000):
        row, anger = draw.choice(rows), draw.choice(ANGER)
        words = row["text"].split(" ")
        at = draw.choice([0, len(words), draw.randrange(len(words) + 1) if " " not in anger else 0])
        edited = {**row, "text": " ".join([*words[:at], anger, *words[at:]])}
        changed += tag(edited, pack).key != tag(row, pack).key
    print(f"{lang}: causes changed by {changed} of 1000 edits with words of anger")


def speed(rows: list[dict[str, Any]], lang: str) -> None:
    pack, taxonomy = load(lang), load_taxonomy()
    messages = [Message(str(i), Role.CUSTOMER, MOMENT, row["text"]) for i, row in enumerate(rows)]
    said = [(m, pack.read(m.text), pack) for m in messages]
    letters = sum(len(m.text) for m in messages) / len(messages)
    for name, run in {
        "read": lambda m, r, p: p.read(m.text),
        "tag_cause": lambda m, r, p: tag_cause([(m, r, p)], (), (), (), taxonomy),
        "find_flags": lambda m, r, p: find_flags([(m, r)]),
    }.items():
        start = time.process_time()
        for _ in range(20):
            for one in said:
                run(*one)
        each = (time.process_time() - start) / (20 * len(said))
        print(f"{lang}: {name} {each * 1000:.3f} CPU-ms a message of {letters:.0f} letters")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("langs", nargs="*", default=["en"])
    parser.add_argument("--held", action="store_true")
    parser.add_argument("--errors", action="store_true")
    options = parser.parse_args()
    for lang in options.langs:
        rows = [row for row in load_examples(lang, "causes") if bool(row.get("held")) == options.held]
        measure(lang, rows, show=options.errors)
        edits(rows, lang)
        speed(rows, lang)


if __name__ == "__main__":
    main()
