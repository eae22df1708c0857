"""When reminders come: promises that nobody keeps, on a sandbox with a moved clock. `python bench/reminders.py`.

Each promise is given on a ticket of its own, at several hours of a week that ends in a holiday, in two accounts of
different zones and hours. Sweeps stand on a grid of 15 seconds, as in the running house. The moment that is set is
when the promise becomes at risk, or is due; where nobody is at work then, the next opening. Said are: the share warned
before it was due, reminders within 60 seconds of the set moment, those at night, more than one a state, and whether the
card of a promise with two owners names the other one.
"""

from __future__ import annotations

import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).parent.parent))

from plugin.app import build, policy_of
from plugin.cli import log_to_stderr
from plugin.cli.server import make_server
from plugin.cli.stage import Stage
from plugin.domain.findings import Commitment, State
from plugin.domain.impact import interval
from plugin.sandbox import MovedClock, Story, load_setups, open_sandbox, play_all
from plugin.sandbox.account import Account as Desk
from plugin.sandbox.script import read_story
from plugin.settings import Settings
from plugin.work.remind import STILL_THERE

SWEEP = timedelta(seconds=15)
LATEST = timedelta(seconds=60)
MONDAY = date(2026, 3, 30)
"""Good Friday, 3 April, is closed all over Britain."""

AS_OF = "+10d 12:00"
ACCOUNTS = ("uk", "us")
SAID = ("+0d 09:20", "+0d 14:05", "+1d 10:40", "+1d 16:35", "+2d 11:15", "+2d 19:30", "+3d 12:10", "+5d 10:00")
PROMISES = (
    "I'll call you by 4:30 pm today.",
    "I'll get back to you within 3 hours.",
    "I'll call you tomorrow before noon.",
    "I will get back to you by the end of the day.",
    "You will hear from us by Thursday.",
    "I'll get back to you within two business days.",
    "I'll call you next Monday.",
    "Our warehouse will call you by Friday at 3 pm.",
)
PARTY = "Our warehouse"
AT_RISK, OVERDUE = "ft_promise_at_risk", "ft_promise_overdue"


def stories() -> Iterator[Story]:
    setups = load_setups()
    for account in ACCOUNTS:
        for at in SAID:
            for words in PROMISES:
                asked = {
                    "at": at,
                    "do": "customer_writes",
                    "subject": "My order",
                    "text": "Please tell me what is wrong.",
                }
                yield read_story(f"{account} {at} {words}", {
                    "title": words, "industry": "shop", "account": account, "lang": "en", "monday": MONDAY,
                    "customer": {"name": "Ann Lee", "email": "ann@example.org"},
                    "steps": [asked, {"at": "+5m", "do": "agent_replies", "text": f"Hello Ann, thanks. {words}"}],
                    "expected": {"as_of": AS_OF, "cause": "none"},
                }, setups)  # fmt: skip


@dataclass
class Watch(Stage):
    """Notes when each ticket was tagged."""

    tagged: dict[tuple[str, int], list[tuple[datetime, str]]] = field(default_factory=dict)
    had: dict[tuple[str, int], frozenset[str]] = field(default_factory=dict)
    swept: datetime | None = None

    def run(self, plays: list[Story]) -> dict[tuple[str, int], Story]:
        for story in plays:
            self._connect(story)
        tickets = {}
        for performance, _step in play_all(self.sandbox, plays, self.clock, self._let_time_pass):
            self._wait_until_idle()
            tickets[performance.account.key, performance.ticket] = performance.story
        return tickets

    def _let_time_pass(self, until: datetime) -> None:
        while (moment := self._next_sweep()) <= until:
            self.clock.move_to(moment)
            self._sweep()
            self._note()

    def _next_sweep(self) -> datetime:
        """The first turn of the grid after the next moment of a promise; while one waits for an opening, after each
        half hour."""
        now = self.clock.now()
        half = now.replace(minute=now.minute // 30 * 30, second=0, microsecond=0) + timedelta(minutes=30)
        with self.house.storage.unit(reading=True) as u:
            waiting = bool(u.ledger.due(now))
            owed = [c for _, _, c in u.ledger.commitments(None, [State.OPEN, State.AT_RISK], 100_000)]
        ahead = [m for c in owed for m in (c.risk_at, c.due.end) if m and m > (self.swept or c.said_at)]
        moment = max(now, min([*ahead, half] if waiting or not ahead else ahead))
        seconds = (moment - now.replace(hour=0, minute=0, second=0, microsecond=0)).total_seconds()
        day = now.replace(hour=0, minute=0, second=0, microsecond=0)
        return day + SWEEP * (int(seconds // SWEEP.total_seconds()) + 1)

    def _sweep(self) -> None:
        before = self.swept = self.clock.now()
        super()._sweep()
        assert self.clock.now() - before <= SWEEP

    def _note(self) -> None:
        now = self.clock.now()
        for key, desk in self.sandbox.accounts.items():
            assert isinstance(desk, Desk)
            for number, row in desk.desk.state.tickets.items():
                tags = frozenset(row.tags) & {AT_RISK, OVERDUE}
                for tag in tags - self.had.get((key, number), frozenset()):
                    self.tagged.setdefault((key, number), []).append((now, tag))
                self.had[key, number] = tags


@dataclass
class Tally:
    broken: int = 0
    warned: int = 0
    in_time: int = 0
    told: int = 0
    night: int = 0
    twice: int = 0
    two_owners: int = 0
    both: int = 0
    late: list[str] = field(default_factory=list)
    unwarned: Counter[str] = field(default_factory=Counter)


def judge(watch: Watch, tickets: dict[tuple[str, int], Story]) -> Tally:
    tally = Tally()
    for place, story in tickets.items():
        account = watch.house.storage
        with account.unit(reading=True) as u:
            kept, found = u.accounts.get(place[0]), u.ledger.findings(place[0], str(place[1]))
        assert kept is not None
        if found is None or len(found.commitments) != 1:
            tally.unwarned["not found as one promise: " + story.title] += 1
            continue
        calendar = policy_of(kept).calendar
        said = watch.tagged.get(place, [])
        notes = "".join(n["html_body"] for n in watch.sandbox.accounts[place[0]].notes(place[1]))
        _count(tally, found.commitments[0], said, notes, story, calendar)
    return tally


def _count(
    tally: Tally, promise: Commitment, said: list[tuple[datetime, str]], notes: str, story: Story, calendar: object
) -> None:
    due, risk = promise.due.end, promise.risk_at
    if promise.state is not State.BROKEN or due is None or risk is None or promise.due.assumed:
        tally.unwarned[f"left out, {promise.state}: {story.title}"] += 1
        return
    tally.broken += 1
    warned = [at for at, tag in said if tag == AT_RISK and at < due]
    tally.warned += bool(warned)
    if not warned:
        tally.unwarned[f"not warned: said {promise.said_at.astimezone(due.tzinfo):%a %H:%M}, due {due:%a %H:%M}"] += 1
    for at, tag in said:
        tally.told += 1
        expected = _first_open(risk if tag == AT_RISK else due, story)
        tally.in_time += timedelta() <= at - expected <= LATEST
        if not timedelta() <= at - expected <= LATEST:
            tally.late.append(
                f"{story.id}: {tag} at {at:%a %H:%M:%S}, set for {expected.astimezone(at.tzinfo):%a %H:%M:%S}"
            )
        tally.night += not _someone_there(at, story)
    tally.twice += any(n > 1 for n in Counter(tag for _, tag in said).values())
    if PARTY in story.title:
        tally.two_owners += 1
        tally.both += PARTY in notes


# --- when somebody is there, told from the account's hours without the product's calendar ----------------------------


HOURS = {"uk": (time(9), time(17)), "us": (time(8), time(18))}
CLOSED = {"uk": {date(2026, 4, 3)}, "us": set[date]()}


def _someone_there(moment: datetime, story: Story) -> bool:
    there = moment.astimezone(ZoneInfo(story.setup.zone))
    opens, closes = HOURS[story.setup.key]
    if there.weekday() > 4 or there.date() in CLOSED[story.setup.key]:
        return False
    end = datetime.combine(there.date(), closes, there.tzinfo) + STILL_THERE
    return datetime.combine(there.date(), opens, there.tzinfo) <= there <= end


def _first_open(moment: datetime, story: Story) -> datetime:
    """The moment itself, or the next opening."""
    opens = HOURS[story.setup.key][0]
    zone = ZoneInfo(story.setup.zone)
    there = moment.astimezone(zone)
    while not _someone_there(there, story):
        day = there.date() if there.time() < opens else there.date() + timedelta(days=1)
        there = datetime.combine(day, opens, zone)
    return there


def main() -> None:
    log_to_stderr("ERROR")
    plays = list(stories())
    clock = MovedClock(min(story.steps[0].at for story in plays) - timedelta(minutes=1))
    with tempfile.TemporaryDirectory(prefix="followthrough-reminders-") as folder, open_sandbox(clock) as sandbox:
        settings = Settings(home=Path(folder), quiet_seconds=0, sweep_seconds=60, reconcile_seconds=0, port=0)
        house = build(settings, clock)
        server = make_server(house, "127.0.0.1", 0)
        threading.Thread(target=server.run, daemon=True, name="web").start()
        house.start()
        watch = Watch(sandbox, house, clock, f"http://127.0.0.1:{server.effective_port}", quiet=True)
        try:
            tally = judge(watch, watch.run(plays))
        finally:
            watch.close()
    low, high = interval(tally.warned, tally.broken)
    print(f"promises that were broken later: {tally.broken} of {len(plays)} tickets")
    print(
        f"warned before due: {tally.warned} of {tally.broken} = {tally.warned / tally.broken:.3f} "
        f"[{low:.3f}-{high:.3f}]"
    )
    print(f"within 60 s of the set moment: {tally.in_time} of {tally.told} reminders")
    print(f"at night or on a day off: {tally.night}; tickets reminded twice of one state: {tally.twice}")
    print(f"two owners, the other one's name on the card: {tally.both} of {tally.two_owners}")
    for line, count in sorted(tally.unwarned.items()):
        print(f"    {count} {line}")
    for line in tally.late[:10]:
        print(f"    off: {line}")


if __name__ == "__main__":
    main()
