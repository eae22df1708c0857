"""How often the language of a message is found, by set and language, with and without a locale, and how fast.

    python bench/language.py            (FOLLOWTHROUGH_DATA names the folder of the data; skips visibly without it)

Exit code 1 when the support-like lines, without any locale, fall below 0.98 together or 0.96 in a language.
"""

from __future__ import annotations

import sys
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.data import Row
from bench.data import language as read_language
from plugin.domain.language import CommonWords, find_language
from plugin.languages.marks import load_common_words

ACCOUNT = ("en", "fr", "tr", "lv", "ar", "de", "es")
SUPPORT_LIKE = ("support/chat-like short", "ticket bodies (synthetic)")
TARGET, TARGET_EACH = 0.98, 0.96

Shares = dict[tuple[str, str], tuple[float, int]]


def ask(row: Row, locale: str, account: tuple[str, ...], common: CommonWords) -> str:
    found = find_language(row["text"], locale=locale, account_languages=account, supported=ACCOUNT, common=common)
    return found[0]


def measure(rows: list[Row], answer: Callable[[Row], str], good: Callable[[Row, str], bool]) -> Shares:
    """Share of good answers and number of rows by (set, language); "all" sums up."""
    right: defaultdict[tuple[str, str], int] = defaultdict(int)
    total: defaultdict[tuple[str, str], int] = defaultdict(int)
    for row in rows:
        hit = good(row, answer(row))
        names = [row["set"]] + (["support-like"] if row["set"] in SUPPORT_LIKE else [])
        for key in [(name, lang) for name in names for lang in ("all", row["lang"])]:
            right[key] += hit
            total[key] += 1
    return {key: (right[key] / n, n) for key, n in total.items()}


def show(title: str, shares: Shares) -> None:
    print(f"\n{title}")
    langs = sorted({lang for _, lang in shares if lang != "all"})
    print(f"{'set':32}{'n':>6}{'all':>8}" + "".join(f"{lang:>8}" for lang in langs))
    for name in sorted({name for name, _ in shares}):
        cells = "".join(f"{shares[name, lang][0]:8.3f}" if (name, lang) in shares else f"{'-':>8}" for lang in langs)
        share, n = shares[name, "all"]
        print(f"{name:32}{n:6}{share:8.3f}{cells}")


def speed(rows: list[Row], common: CommonWords) -> float:
    """Texts per CPU-second."""
    start = time.process_time()
    for row in rows:
        ask(row, "", ACCOUNT, common)
    return len(rows) / (time.process_time() - start)


def main() -> int:
    try:
        rows = list(read_language())
    except FileNotFoundError as absent:
        print(f"SKIPPED: no file {Path(absent.filename).name}; set FOLLOWTHROUGH_DATA to its folder")
        return 0
    words = load_common_words()

    def right(row: Row, found: str) -> bool:
        return found == row["lang"]

    bare = measure(rows, lambda r: ask(r, "", ACCOUNT, words), right)
    show("seven languages in the account, no locale", bare)
    show(
        "the same, the writer's locale known and right",
        measure(rows, lambda r: ask(r, r["lang"], ACCOUNT, words), right),
    )
    show("the same, every locale says English", measure(rows, lambda r: ask(r, "en-US", ACCOUNT, words), right))
    show(
        "without the table of small words, no locale",
        measure(rows, lambda r: ask(r, "", ACCOUNT, CommonWords()), right),
    )
    foreign = [row for row in rows if row["lang"] != "en"]
    alone = measure(foreign, lambda r: ask(r, "en", ("en",), words), lambda _, found: found != "en")
    show("account and locale know English only: share of foreign texts not taken for English", alone)

    support = [row for row in rows if row["set"] in SUPPORT_LIKE]
    letters = sum(len(row["text"]) for row in support) / len(support)
    print(f"\nsupport-like lines: {letters:.0f} letters each; {speed(support, words):,.0f} texts per CPU-second,")
    print(f"{speed(support, CommonWords()):,.0f} without the table of small words")

    below = {
        k: v for k, v in bare.items() if k[0] == "support-like" and v[0] < (TARGET if k[1] == "all" else TARGET_EACH)
    }
    verdict = f"missed {below}" if below else "met"
    print(f"\ntarget {TARGET} on support-like lines, {TARGET_EACH} in each language: {verdict}")
    return 1 if below else 0


if __name__ == "__main__":
    sys.exit(main())
