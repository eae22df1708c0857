"""Freshdesk's list of tags is only replaced: what is lost between our reading and our writing, and nothing else."""

from __future__ import annotations

import random
import threading
import time
from datetime import timedelta

import pytest

from plugin import connectors
from plugin.ports import Changes
from plugin.sandbox import MovedClock, open_sandbox
from tests.journey.helpdesks import AtFreshdesk

CAUSES = ("ft_cause_billing_error", "ft_cause_delivery_late")


def write_while_others_tag(latency: float, rounds: int, pause: float) -> tuple[AtFreshdesk, set[str], int]:
    """Change our tags on one ticket `rounds` times while an agent adds a tag every `pause` seconds or so, each request
    taking `latency`; the foreign tags that were added, and the ticket."""
    clock = MovedClock()
    with open_sandbox(clock) as sandbox:
        line = AtFreshdesk(sandbox, "http://127.0.0.1:9", summaries=True, app=False)
        for name, value in {**line.limits, "latency": latency}.items():
            setattr(line.desk.desk.state.settings, name, value)
        line.desk.turn(stop=True)
        do = line.desk.do
        ticket = do.customer_writes(do.customer("Mara", "mara@example.org"), "Hello", subject="Hi")
        connector = connectors.connect(line.account, clock, pause=lambda s: clock.advance(timedelta(seconds=s)))
        known = connector.fetch_ticket(str(ticket))
        added: set[str] = set()
        done, chance = threading.Event(), random.Random(5)

        def others() -> None:
            while not done.wait(chance.uniform(0, 2 * pause)):
                added.add(f"foreign{len(added)}")
                do.tag(ticket, [f"foreign{len(added) - 1}"])

        agent = threading.Thread(target=others, daemon=True)
        agent.start()
        for number in range(rounds):
            changes = Changes(f"m{number}", add_tags=(CAUSES[number % 2],), remove_tags=(CAUSES[1 - number % 2],))
            connector.write(known, changes)
            clock.advance(timedelta(seconds=10))  # our share of the rate limit is not what is looked at
            time.sleep(0.001)
        done.set()
        agent.join(5)
        return line, added, ticket


@pytest.mark.parametrize("latency", [0.0, 0.02])
def test_only_what_was_written_between_our_reading_and_our_writing_is_lost(
    latency: float, capsys: pytest.CaptureFixture[str]
) -> None:
    rounds = 60 if not latency else 30
    line, added, ticket = write_while_others_tag(latency, rounds, pause=0.01)
    tags = set(line.desk.tags(ticket))
    raced = {tag for _ticket, tag in line.lost_in_the_race()}
    with capsys.disabled():
        print(f"\n{latency * 1000:.0f} ms a request: {rounds} writes of ours beside {len(added)} foreign ones, "
              f"{len(added - tags)} lost")  # fmt: skip
    assert added - tags <= raced
    assert not [row for row in line.desk.desk.overwritten if row.seen and not row.tag.startswith("ft_")]
    assert tags & set(CAUSES) == {CAUSES[(rounds - 1) % 2]}


def test_nobody_elses_tag_is_lost_while_nobody_else_writes() -> None:
    line, added, ticket = write_while_others_tag(0.0, 10, pause=60)
    assert not added
    line.desk.do.tag(ticket, ["vip"])
    assert line.desk.desk.overwritten
    assert {row.tag for row in line.desk.desk.overwritten} <= set(CAUSES)
