"""Measure whether a new cause is noticed within a week, and how often nothing new is taken for something.

    python bench/emerging.py [--set banking77|new_topic|made_up] [--half 1|2] [--plants N] [--months 12] [--seed 1]

banking77: each intent in turn is the new cause among the other 76; many say nearly the same. new_topic: the intents
of an insurer (DSTC11) are the new cause among all of Banking77. made_up: our own stories, where there is no such data.

1. Planted: eight weeks of tickets without one intent, then a week with it at 3 % of volume. Noticed is it where a
   proposal of that week has most of its tickets and most of its quotes from it.
2. Shuffled: a year of looks at tickets in no order at all; every proposal is a false alarm. Each look draws its nine
   weeks anew and no text twice: texts that come back week after week hide false alarms.
3. Dismissed: the same intent in the week after, in other customers' words; it must not be proposed again.

Tickets go through the product's own tagging first: only what no cause explains, or none explains well, is looked at.
The constants of plugin/domain/emerging.py were set with the new causes of --half 1; the figures to tell are those of 2.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.data import read
from plugin.domain.calm import calm
from plugin.domain.causes import tag_cause
from plugin.domain.emerging import Doc, doc_of, find_emerging
from plugin.domain.ticket import Message, Role
from plugin.languages import load
from plugin.languages.stories import load_stories
from plugin.languages.taxonomy import load_taxonomy
from plugin.work.emerge import is_explained
from plugin.work.evaluate import interval

VOLUME = 1_000
"""Tickets a week."""

PLANTED = 30
WEEKS = 8
BANKING, INSURER = "rootcause_banking77_train", "clusters_dstc11_development"

INSURES = "insurer:"
"""Before the intents of the insurer."""

MOMENT = datetime(2026, 1, 5, tzinfo=UTC)


@dataclass(frozen=True)
class Text:
    """One text of the set, its intent, and how it is looked at; None where a cause explains it."""

    intent: str
    doc: Doc | None


def texts(name: str) -> list[Text]:
    """All texts of a set, tagged once."""
    if name == "made_up":
        rows = [(key, text) for key, text in load_stories("en")]
    else:
        rows = [(str(row["label"]), str(row["text"])) for row in read(BANKING)]
    if name == "new_topic":
        rows += [(INSURES + str(row["label"]), str(row["text"])) for row in read(INSURER)]
    pack, taxonomy = load("en"), load_taxonomy()
    told = []
    for number, (intent, text) in enumerate(rows):
        read_it = pack.read(text)
        message = Message("m", Role.CUSTOMER, MOMENT, text)
        cause, _, _ = tag_cause([(message, read_it, pack)], (), (), (), taxonomy)
        doc = None if is_explained(cause) else doc_of(str(number), "", calm(read_it, pack).words.text, 0)
        told.append(Text(intent, doc))
    return told


def week_of(rows: Sequence[Text], week: int, numbers: Iterator[int]) -> list[Doc]:
    """Those of a week's tickets that are looked at, each of a customer of its own."""
    return [replace(r.doc, ticket_id=f"{next(numbers)}:{r.intent}", customer=str(next(numbers)), week=week)
            for r in rows if r.doc]  # fmt: skip


def draw(rows: Sequence[Text], number: int, rng: random.Random) -> list[Text]:
    """So many of them, without repeats as far as there are enough."""
    if len(rows) >= number:
        return rng.sample(list(rows), number)
    return rng.choices(list(rows), k=number)


def counter() -> Iterator[int]:
    number = 0
    while True:
        number += 1
        yield number


def plant(rows: Sequence[Text], intent: str, rng: random.Random) -> tuple[int, bool, bool, int]:
    """(tickets of the intent that are looked at, noticed?, proposed again after being dismissed?, other proposals)."""
    others = [r for r in rows if r.intent != intent and not r.intent.startswith(INSURES)]
    mine = [r for r in rows if r.intent == intent]
    numbers, again = counter(), draw(mine, 2 * PLANTED, rng)
    drawn = draw(others, WEEKS * VOLUME + VOLUME - PLANTED, rng)
    rng.shuffle(drawn)
    before = [d for w in range(WEEKS) for d in week_of(drawn[w * VOLUME : (w + 1) * VOLUME], w + 1, numbers)]
    rest = drawn[WEEKS * VOLUME :]
    now = week_of([*rest, *again[:PLANTED]], 0, numbers)
    found = find_emerging(now, before)
    hits = [p for p in found if is_of(p.quotes, intent) and pure(p.profile.claims, now, intent)]
    oldest = drawn[(WEEKS - 1) * VOLUME : WEEKS * VOLUME - PLANTED]  # the texts of the week that is forgotten then
    after = week_of([*oldest, *again[PLANTED:]], 0, numbers)
    older = [replace(d, week=d.week + 1) for d in [*before, *week_of(rest, 0, numbers)] if d.week < WEEKS]
    repeated = find_emerging(after, older, [p.profile for p in found]) if hits else []
    twice = any(is_of(p.quotes, intent) for p in repeated)
    return sum(intent == intent_of(d.ticket_id) for d in now), bool(hits), twice, len(found) - len(hits)


def halved(intents: Sequence[str], half: int) -> list[str]:
    """One half of them, always the same; 0 is all."""
    mixed = sorted(intents)
    random.Random(77).shuffle(mixed)
    middle = (len(mixed) + 1) // 2
    return sorted({0: mixed, 1: mixed[:middle], 2: mixed[middle:]}[half])


def intent_of(ticket_id: str) -> str:
    return ticket_id.partition(":")[2]


def is_of(quotes: Sequence[tuple[str, str]], intent: str) -> bool:
    return 2 * sum(intent_of(ticket) == intent for ticket, _ in quotes) > len(quotes)


def pure(claims: object, now: Sequence[Doc], intent: str) -> bool:
    members = [intent_of(d.ticket_id) for d in now if claims(d)]  # type: ignore[operator]
    return 2 * Counter(members)[intent] > len(members)


def shuffled(rows: Sequence[Text], months: int, rng: random.Random) -> tuple[int, int]:
    """(proposals, weeks) of tickets in no order."""
    numbers, alarms, looked = counter(), 0, round(months * 52 / 12)
    for _ in range(looked):
        drawn = draw(rows, (WEEKS + 1) * VOLUME, rng)
        now, *before = [week_of(drawn[w * VOLUME : (w + 1) * VOLUME], w, numbers) for w in range(WEEKS + 1)]
        alarms += len(find_emerging(now, [doc for week in before for doc in week]))
    return alarms, looked


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", choices=["banking77", "new_topic", "made_up"], default="banking77", dest="name")
    parser.add_argument("--half", type=int, choices=[0, 1, 2], default=0)
    parser.add_argument("--plants", type=int, default=40)
    parser.add_argument("--months", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    try:
        rows = texts(options.name)
    except FileNotFoundError:
        print(f"SKIPPED {options.name}: no such data; set FOLLOWTHROUGH_DATA, or take the stories: --set made_up")
        return
    rng, seen = random.Random(options.seed), sum(r.doc is not None for r in rows)
    print(f"{options.name}: {len(rows)} texts, {seen} of them no cause explains or none explains well")
    many = Counter(r.intent for r in rows if options.name != "new_topic" or r.intent.startswith(INSURES))
    intents = sorted(i for i, n in many.items() if n >= 2 * PLANTED) if options.name == "banking77" else sorted(many)
    intents = halved(intents, options.half)
    chosen = rng.sample(intents, min(options.plants, len(intents)))
    start, noticed, twice, others, well, well_noticed = time.process_time(), 0, 0, 0, 0, 0
    for intent in chosen:
        looked_at, hit, again, more = plant(rows, intent, rng)
        noticed, twice, others = noticed + hit, twice + again, others + more
        well, well_noticed = well + (looked_at >= PLANTED / 2), well_noticed + (hit and looked_at >= PLANTED / 2)
        print(f"  {intent}: {looked_at} of {PLANTED} looked at, {'noticed' if hit else 'MISSED'}"
              f"{', PROPOSED AGAIN' if again else ''}{f', {more} others' if more else ''}", flush=True)  # fmt: skip
    spent = (time.process_time() - start) / max(1, 2 * len(chosen))
    low, high = interval(noticed, len(chosen))
    print(f"planted at 3 %: noticed within the week {noticed} of {len(chosen)} ({low:.0%}-{high:.0%}); proposed again "
          f"after being dismissed {twice}; other proposals {others}; {spent:.1f} CPU-s a week")  # fmt: skip
    print(f"of those of which known causes explain less than half: {well_noticed} of {well}")
    usual = [r for r in rows if not r.intent.startswith(INSURES)]
    if options.months > 0:
        alarms, weeks = shuffled(usual, options.months, rng)
        print(f"shuffled: {alarms} false alarms in {weeks} weeks, {alarms / options.months:.2f} a month")


if __name__ == "__main__":
    main()
