"""Measure how fast promises are found: messages per CPU-second, reading included, and growth with the text's length.

    python bench/commitments.py [--lang en]

Texts are those of the pack's own examples; the long ones repeat them with and without ends of sentences.
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
LEAST = 2.0
"""CPU seconds that a measurement lasts at least."""


def find(pack: Pack, text: str) -> int:
    """Read one message and find its promises; how many there are."""
    message = Message("m", Role.AGENT, SAID, text)
    return len(find_commitments(pack.read(text), message, CALENDAR, pack, 8))


def cpu(work: Callable[[], object]) -> float:
    """CPU seconds of one call."""
    start = time.process_time()
    work()
    return time.process_time() - start


def measure_rate(pack: Pack, texts: list[str]) -> float:
    """Messages per CPU-second, warm."""
    for text in texts:
        find(pack, text)
    done, spent = 0, 0.0
    while spent < LEAST:
        spent += cpu(lambda: [find(pack, t) for t in texts])
        done += len(texts)
    return done / spent


def show_growth(pack: Pack, name: str, unit: str) -> None:
    """CPU seconds at 128 KB … 1 MB: doubling the text should double the time, no more."""
    before = 0.0
    for kilobytes in (128, 256, 512, 1024):
        text = (unit * (kilobytes * 1024 // len(unit.encode()) + 1))[: kilobytes * 1024]
        spent = min(cpu(lambda text=text: find(pack, text)) for _ in range(2))
        times = f"x{spent / before:.2f}" if before else ""
        print(f"  {name:<28} {kilobytes:>5} KB {spent:>7.2f} s {times}")
        before = spent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lang", default="en")
    lang = parser.parse_args().lang
    packs = {name: load(name) for name in available()}
    pack = packs[lang]
    texts = [row["text"] for row in load_examples(lang, "commitments")]
    letters = sum(map(len, texts)) / len(texts)
    rate = measure_rate(pack, texts)
    print(f"{len(packs)} packs loaded; {lang}: {rate:,.0f} messages per CPU-second ({letters:.0f} letters on average)")
    show_growth(pack, "all examples, as they are", "\n".join(texts) + "\n")
    endless = " ".join(t.replace(".", "").replace("!", "").replace("?", "") for t in texts)
    show_growth(pack, "one sentence without an end", endless + " ")
    show_growth(pack, "frames and no deeds", "we will ")
    show_growth(pack, "requests and promises", "send us and we will call you ")


if __name__ == "__main__":
    main()
