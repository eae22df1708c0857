"""Measure how fast promises are found: messages per CPU-second, reading included, and growth with the text's length.

    python bench/commitments.py             all seven languages; a minute or two
    python bench/commitments.py --lang en   one language

Texts are those of the packs' own examples; the long ones repeat them with and without ends of sentences. What nobody
writes and somebody may send (one letter for a megabyte, nothing but digits, brackets in brackets) comes last.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from datetime import UTC, datetime

from plugin.domain.calendar import open_calendar
from plugin.domain.commitments import find_commitments
from plugin.domain.phrases import Pack
from plugin.domain.ticket import Message, Role
from plugin.languages import available, load, load_examples

CALENDAR = open_calendar("UTC", "Mon-Fri 09:00-17:00")
SAID = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
LEAST = 1.0
"""CPU seconds that a measurement lasts at least."""

GROWTH = (128, 256, 512, 1024)
"""Kilobytes of the texts whose times are compared."""

ODD = {
    "one letter": "a",
    "only digits": "7",
    "digits and blanks": "12 ",
    "newlines": "\n",
    "brackets in brackets": "((([[[{{{",
    "quotation marks": '"«„',
    "full stops": ".",
    "no blanks": "wewillcallyou",
    "only frames": "we will ",
    "only a deed": "call you ",
    "only times": "by Friday at 5 ",
    "only conditions": "if you ",
    "links": "https://example.com/a?b=c ",
    "pictures": "😀",
    "combining marks": "e\u0301\u0301",
}
"""Texts that break what grows with the square of the length."""


def find(pack: Pack, text: str) -> int:
    """Read one message and find its promises; how many there are."""
    message = Message("m", Role.AGENT, SAID, text)
    return len(find_commitments(pack.read(text), message, CALENDAR, pack, 8))


def cpu(work: Callable[[], object]) -> float:
    """CPU seconds of one call."""
    start = time.process_time()
    work()
    return time.process_time() - start


def show_rate(pack: Pack, texts: list[str]) -> None:
    """Messages per CPU-second, warm."""
    for text in texts:
        find(pack, text)
    done, spent = 0, 0.0
    while spent < LEAST:
        spent += cpu(lambda: [find(pack, t) for t in texts])
        done += len(texts)
    letters = sum(map(len, texts)) / len(texts)
    print(f"{pack.lang}: {done / spent:>7,.0f} messages per CPU-second ({letters:.0f} letters on average)")


def show_growth(pack: Pack, name: str, unit: str, sizes: tuple[int, ...] = GROWTH) -> None:
    """CPU seconds at each size, and how many times more than the size before: with the length, not with its square."""
    said, before = [], 0.0
    for kilobytes in sizes:
        text = (unit * (kilobytes * 1024 // len(unit.encode()) + 1))[: kilobytes * 1024]
        spent = cpu(lambda text=text: find(pack, text))
        times = f" (x{spent / before:.2f})" if before else ""
        said.append(f"{kilobytes} KB {spent:.2f} s{times}")
        before = spent
    print(f"  {name:<28} " + "  ".join(said))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lang", default="", help="only this language")
    only = parser.parse_args().lang
    packs = {name: load(name) for name in available()}
    texts = {name: [row["text"] for row in load_examples(name, "commitments")] for name in packs}
    print(f"{len(packs)} packs loaded")
    for name, pack in packs.items():
        if only in ("", name):
            show_rate(pack, texts[name])
    pack, mine = packs[only or "en"], texts[only or "en"]
    print(f"growth, {pack.lang}:")
    show_growth(pack, "all examples, as they are", "\n".join(mine) + "\n")
    endless = " ".join(t.replace(".", "").replace("!", "").replace("?", "") for t in mine)
    show_growth(pack, "one sentence without an end", endless + " ")
    show_growth(pack, "requests and promises", "send us and we will call you ")
    print(f"odd texts, {pack.lang}:")
    for name, unit in ODD.items():
        show_growth(pack, name, unit, (256, 1024))


if __name__ == "__main__":
    main()
