"""Messages a CPU-second through the whole analysis, the share of each part, and TextBlob's polarity as a yardstick.

The texts are the packs' own examples, put into tickets of a customer's message and an agent's reply. Both sides run in
alternating rounds of one run on the same texts; what counts is the ratio. The rounds repeat their texts, and the
automaton remembers the states that texts led to, so a text met for the first time is measured by itself, before them.
`python3 dev.py bench analyse [--rounds 5] [--lang en]`
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import statistics
import time
from datetime import UTC, datetime, timedelta

from plugin import languages
from plugin.app import policy_of
from plugin.domain.analysis import analyse_ticket
from plugin.domain.ticket import Channel, Message, Person, Role, Status, Ticket
from plugin.ports import Account

NOW = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)

PARTS = {
    "cutting quoted mail": "own_words",
    "language": "find_language",
    "phrases": "read",
    "commitments": "find_commitments",
    "judging": "judge",
    "preferences": "find_preferences",
    "points at fault": "find_blocked",
    "adherence": "judge_contacts",
    "causes": "tag_cause",
    "effort": "count_effort",
    "flags": "find_flags",
}
"""Part → the function whose cumulative time is its share."""


def make_tickets(lang: str) -> list[Ticket]:
    """A ticket for each pair of a customer's text and an agent's reply."""
    asked = [r["text"] for t in ("causes", "preferences") for r in languages.load_examples(lang, t)]
    said = [r["text"] for r in languages.load_examples(lang, "commitments")]
    tickets = []
    for n, text in enumerate(asked):
        turns = ((Role.CUSTOMER, text), (Role.AGENT, said[n % len(said)]))
        messages = tuple(
            Message(f"{n}-{k}", role, NOW + timedelta(minutes=k), words, channel=Channel.EMAIL)
            for k, (role, words) in enumerate(turns)
        )
        tickets.append(Ticket(str(n), Status.OPEN, Person("c", locale=lang), NOW, NOW, messages=messages))
    return tickets


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--lang", default="en")
    options = parser.parse_args()
    from textblob import TextBlob

    account = Account("bench", "none", "", region="US", languages=(options.lang,))
    policy = policy_of(account)
    tickets = make_tickets(options.lang)
    texts = [m.text for t in tickets for m in t.messages]
    print(f"{len(texts)} messages, {sum(map(len, texts)) / len(texts):.0f} letters on average, one thread")

    def analyse(these: list[Ticket]) -> None:
        for ticket in these:
            analyse_ticket(ticket, policy, NOW + timedelta(hours=1))

    def ours() -> None:
        analyse(tickets)

    def yardstick() -> None:
        for text in texts:
            _ = TextBlob(text).polarity

    analyse(tickets[::2])  # loads what is loaded once
    started = time.process_time()
    analyse(tickets[1::2])
    first_time = sum(len(t.messages) for t in tickets[1::2]) / (time.process_time() - started)
    ours()
    yardstick()
    rates: dict[str, list[float]] = {"whole analysis": [], "TextBlob polarity": []}
    for _ in range(options.rounds):
        for name, work in (("whole analysis", ours), ("TextBlob polarity", yardstick)):
            started = time.process_time()
            work()
            rates[name].append(len(texts) / (time.process_time() - started))
    for name, seen in rates.items():
        print(f"{name:18} {statistics.median(seen):7.0f} messages a CPU-second  ({min(seen):.0f}–{max(seen):.0f})")
    ratios = [a / b for a, b in zip(*rates.values(), strict=True)]
    print(f"ratio {statistics.median(ratios):.2f} (target: at least 1)")
    print(f"texts met for the first time: {first_time:.0f} messages a CPU-second")
    show_parts(ours)


def show_parts(work: object) -> None:
    """Shares by the profiler, which slows calls: read them as proportions."""
    profile = cProfile.Profile()
    profile.runcall(work)  # type: ignore[arg-type]
    stats = pstats.Stats(profile)
    total = stats.total_tt  # type: ignore[attr-defined] # pstats ships without types for it
    cumulative: dict[str, float] = {}
    for (file, _, function), row in stats.stats.items():  # type: ignore[attr-defined]
        if "plugin/domain" in file.replace("\\", "/"):
            cumulative[function] = max(cumulative.get(function, 0.0), row[3])
    for part, function in PARTS.items():
        print(f"  {part:20} {100 * cumulative.get(function, 0.0) / total:5.1f} %")


if __name__ == "__main__":
    main()
