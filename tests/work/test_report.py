"""Exactly one digest per audience and period: whatever crashes, however many schedulers, whatever the helpdesk says."""

from __future__ import annotations

import shutil
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from plugin.domain.card import Text
from plugin.domain.digest import LEAD, Chart, Digest
from plugin.domain.findings import State
from plugin.domain.taxonomy import CauseKind, Taxonomy
from plugin.domain.ticket import Status
from plugin.ports import Account, DigestNote, Disconnected, Mode, Rejected, Storage, Temporary, Unit
from plugin.rendering import say
from plugin.storage import open_storage
from plugin.storage.documents import from_json
from plugin.work import report as reporting
from plugin.work.drain import claim, drain, perform
from plugin.work.report import make, plan_of, ring_digests
from plugin.work.tools import Limits, Tools
from tests.made_up_week import CAUSES, promise, save, seen
from tests.toydesk import OWN_USER, ToyClock, ToyDesk, lost_answer

INSTALLED = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
MONDAY = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
"""08:00 in Riga: the digests of Friday and of week 47 are due."""

FRIDAY = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
AUDIENCES = (LEAD, "owner:finance", "owner:logistics")
EXPECTED = {(audience, period): 1 for audience in AUDIENCES for period in ("day:2026-11-20", "week:2026-W47")}
KINDS = {key: CauseKind(key, key, "", "", owner) for key, (owner, _) in CAUSES.items()}


class Killed(BaseException):
    """The process is gone: nothing after this line ran."""


@dataclass
class Fate:
    """Counts the steps of a run and ends it at one of them."""

    at: int = -1
    steps: list[str] = field(default_factory=list)

    def step(self, name: str) -> None:
        self.steps.append(name)
        if len(self.steps) - 1 == self.at:
            raise Killed(name)


class Mortal:
    """A storage whose every transaction may be the last thing that happened, before or after its commit."""

    def __init__(self, storage: Storage, fate: Fate) -> None:
        self._storage, self._fate = storage, fate

    @contextmanager
    def unit(self, *, reading: bool = False) -> Iterator[Unit]:
        with self._storage.unit(reading=reading) as u:
            yield u
            if not reading:
                self._fate.step("before commit")
        if not reading:
            self._fate.step("after commit")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._storage, name)


class Frail:
    """A helpdesk during whose every call the process may die, before it arrives there or after it was done."""

    def __init__(self, desk: ToyDesk, fate: Fate) -> None:
        self._desk, self._fate = desk, fate

    def __getattr__(self, name: str) -> Any:
        done = getattr(self._desk, name)
        if name not in ("find_digest_ticket", "open_digest_ticket", "post_digest", "find_marker"):
            return done

        def call(*given: Any) -> Any:
            self._fate.step(f"before {name}")
            result = done(*given)
            self._fate.step(f"after {name}")
            return result

        return call


@dataclass
class Newsroom:
    """One account with a made-up week, a helpdesk, and a clock that is moved by hand."""

    storage: Storage
    clock: ToyClock
    desk: ToyDesk

    def tools(self, fate: Fate | None = None, storage: Storage | None = None) -> Tools:
        storage, desk = storage or self.storage, self.desk
        if fate is not None:
            storage, desk = Mortal(storage, fate), Frail(desk, fate)  # type: ignore[assignment] # stand-ins
        nothing: Any = lambda *_: None  # noqa: E731 - what no digest asks for
        return Tools(
            storage, self.clock, lambda _: desk, nothing, nothing, nothing, nothing,
            Limits(lease=timedelta(minutes=5), max_attempts=20), taxonomy=lambda _: Taxonomy(KINDS, {}),
            draw=lambda chart: f"PNG of {len(chart.bars)}".encode(),
        )  # fmt: skip

    def go(self, fate: Fate | None = None) -> None:
        """What the clock of the house and a worker do at this moment."""
        tools = self.tools(fate)
        ring_digests(tools)
        drain(tools)

    def recover(self) -> None:
        """Another process takes over, looks now and again until leases have run out and everything is done."""
        for _ in range(3):
            self.go()
            self.clock.move(minutes=6)

    def set(self, **changes: object) -> None:
        with self.storage.unit() as u:
            u.accounts.update("toy", **changes)

    def account(self) -> Account:
        with self.storage.unit() as u:
            account = u.accounts.get("toy")
        assert account is not None
        return account

    def kept(self, audience: str = LEAD, account: str = "toy") -> dict[str, str]:
        """Period → state."""
        with self.storage.unit() as u:
            return {k.period: k.state for k in u.digests.newest(account, audience)}

    def posted(self) -> Counter[tuple[str, str]]:
        """How many notes stand in the helpdesk for each audience and period."""
        with self.storage.unit() as u:
            names = {k.version: (k.audience, k.period) for k in u.digests.newest("toy", limit=1000)}
        return Counter(names.get(note.marker, ("", note.marker)) for n in self.desk.notes.values() for note in n)

    def opened(self) -> Counter[str]:
        return Counter(audience for audience, _ in self.desk.digest_tickets)

    def jobs(self) -> dict[str, int]:
        with self.storage.unit() as u:
            return {k: n for k, n in u.queue.counts().items() if k != "done" and n}


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with an account that was installed three weeks ago and a week of tickets; copied for each test."""
    folder, clock = tmp_path_factory.mktemp("news"), ToyClock(INSTALLED)
    storage = open_storage(f"sqlite:///{folder / 'news.sqlite3'}", clock=clock)
    account = Account("toy", "toy", "https://toy.example", Mode.WRITE, own_user_id=OWN_USER, zone="Europe/Riga")
    with storage.unit() as u:
        u.accounts.add(account)
        u.history.set_cursor("toy", reporting.SINCE, INSTALLED.isoformat(), INSTALLED)
    late = FRIDAY + timedelta(hours=2)
    save(storage, "toy", [
        seen("1", FRIDAY), seen("2", FRIDAY, customer="c1"), seen("3", FRIDAY, "delivery_late"),
        seen("4", FRIDAY, promises=(promise("p", State.BROKEN, late),)), seen("5", FRIDAY, "unsure"),
    ], MONDAY)  # fmt: skip
    storage.close()
    return folder


@pytest.fixture
def room(filled: Path, tmp_path: Path) -> Iterator[Newsroom]:
    news = open_room(filled, tmp_path / "here")
    yield news
    news.storage.close()


def open_room(filled: Path, folder: Path) -> Newsroom:
    shutil.copytree(filled, folder)
    clock = ToyClock(MONDAY)
    return Newsroom(open_quickly(folder, clock), clock, ToyDesk(clock))


def open_quickly(folder: Path, clock: ToyClock) -> Storage:
    """Without waiting for the disk: what dies here is the process, not the power."""
    storage = open_storage(f"sqlite:///{folder / 'news.sqlite3'}", clock=clock)
    event.listen(storage.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
    storage.engine.dispose()
    return storage


# --- one of each -----------------------------------------------------------------------------------------------------


def test_each_audience_gets_one_digest_of_each_period(room: Newsroom) -> None:
    room.go()
    assert room.posted() == EXPECTED
    assert room.opened() == dict.fromkeys(AUDIENCES, 1)
    assert room.kept() == {"day:2026-11-20": "posted", "week:2026-W47": "posted"}
    assert room.jobs() == {}


def test_the_ticket_of_an_audience_is_named_in_the_accounts_language(room: Newsroom) -> None:
    room.set(locale="fr")
    room.go()
    lead = say(Text("Team lead"), "fr", "UTC")
    assert lead != "Team lead"
    assert f"Followthrough: {lead}" in {ticket.subject for ticket in room.desk.tickets.values()}


def test_asking_again_all_day_changes_nothing(room: Newsroom) -> None:
    for _ in range(9):
        room.go()
        room.clock.move(hours=1.7)
    assert room.posted() == EXPECTED


def test_the_note_carries_its_marker_and_the_picture(room: Newsroom) -> None:
    room.go()
    [day] = [n for n in room.desk.notes["digest-1"] if "Fri 20 Nov – Sun 22 Nov" in n.html]
    assert f"<code>digest {day.marker}</code>" in day.html
    assert room.desk.pictures[day.marker] == b"PNG of 2"
    assert '<a href="https://toy.example/tickets/4">#4</a>' in day.html


def test_before_its_hour_nothing_is_made(room: Newsroom) -> None:
    room.clock.at = MONDAY - timedelta(seconds=1)
    room.go()
    assert room.kept() == {}
    room.clock.move(seconds=1)
    room.go()
    assert room.posted() == EXPECTED


def test_a_process_that_was_down_at_eight_catches_up_within_the_day(room: Newsroom) -> None:
    room.clock.at = MONDAY + timedelta(hours=15)
    room.go()
    assert room.posted() == EXPECTED


def test_what_was_missed_for_longer_is_not_made_up_for(room: Newsroom) -> None:
    room.clock.at = MONDAY + timedelta(days=2)
    room.go()
    assert room.kept().keys() == {"day:2026-11-24", "week:2026-W47"}


def test_a_new_account_gets_nothing_about_the_time_before_it(room: Newsroom) -> None:
    with room.storage.unit() as u:
        u.history.set_cursor("toy", reporting.SINCE, "", MONDAY)
    room.go()
    room.clock.move(hours=1)
    room.go()
    assert (room.kept(), room.posted()) == ({}, {})
    room.clock.at = MONDAY + timedelta(days=1)
    room.go()
    assert room.kept().keys() == {"day:2026-11-23"}


@pytest.mark.parametrize("mode", [Mode.OBSERVE, Mode.SUGGEST])
def test_where_we_may_not_write_the_digest_is_made_for_its_page_only(room: Newsroom, mode: Mode) -> None:
    room.set(mode=mode)
    room.go()
    assert room.kept() == {"day:2026-11-20": "made", "week:2026-W47": "made"}
    assert room.desk.calls == []
    room.set(mode=Mode.WRITE)
    room.recover()
    assert room.posted() == {}, "what was only shown is not posted later"


def test_the_kill_switch_holds_back_what_was_already_due(room: Newsroom) -> None:
    room.desk.fail = [Temporary("busy")]
    ring_digests(room.tools())
    [first] = claim(room.tools(), 1)
    assert perform(first, room.tools()) == "again"
    room.set(stopped=True)
    room.recover()
    assert (room.posted(), room.opened()) == ({}, {})
    assert set(room.kept().values()) == {"made"}


def test_an_empty_period_posts_nothing_and_is_not_asked_for_again(room: Newsroom) -> None:
    room.set(paused="not this one")
    add_quiet(room)
    room.recover()
    assert room.kept(account="quiet") == {"day:2026-11-20": "empty", "week:2026-W47": "empty"}
    assert (room.posted(), room.desk.calls, room.jobs()) == ({}, [], {})


def add_quiet(room: Newsroom) -> None:
    """A second account, where nothing ever happened."""
    quiet = replace(room.account(), id="quiet", paused="")
    with room.storage.unit() as u:
        u.accounts.add(quiet)
        u.history.set_cursor("quiet", reporting.SINCE, INSTALLED.isoformat(), INSTALLED)


def test_a_plan_that_cannot_be_read_stops_only_this_account(room: Newsroom) -> None:
    room.set(settings={"digest_time": "eight"})
    room.go()
    assert room.kept() == {}
    with pytest.raises(Rejected, match=r"account toy: digest_time 'eight' is no time of day"):
        plan_of(room.account())


def test_a_paused_account_waits(room: Newsroom) -> None:
    room.set(paused="401")
    room.go()
    assert (room.kept(), room.jobs()) == ({}, {})
    room.set(paused="")
    room.go()
    assert room.posted() == EXPECTED


def test_digests_of_one_account_never_meet_those_of_another(room: Newsroom) -> None:
    add_quiet(room)
    room.go()
    assert set(room.kept(account="quiet").values()) == {"empty"}
    with room.storage.unit() as u:
        assert len({k.version for a in ("toy", "quiet") for k in u.digests.newest(a)}) == 8
    assert room.posted() == EXPECTED


# --- crashes ---------------------------------------------------------------------------------------------------------


def open_small(filled: Path, folder: Path) -> Newsroom:
    """The same with one audience and one period, so that a death at every step stays quick to try."""
    room = open_room(filled, folder)
    room.set(settings={"digest_days": "none"})
    with room.storage.unit() as u:
        for ticket in ("1", "2", "3", "4"):
            u.ledger.forget_ticket("toy", ticket)
    return room


SMALL = ({(LEAD, "week:2026-W47"): 1}, {LEAD: 1}, {}, {"week:2026-W47": "posted"})


def found_in(room: Newsroom) -> tuple[object, ...]:
    """Notes, tickets, jobs that are left, states; closes the room."""
    found = (room.posted(), room.opened(), room.jobs(), room.kept())
    room.storage.close()
    return found


def die(room: Newsroom, at: int) -> None:
    """Run until this step, or to the end where there are fewer."""
    with suppress(Killed):
        room.go(Fate(at))


def steps_of(filled: Path, folder: Path) -> list[str]:
    """The steps of a run that nothing happens to."""
    room, fate = open_small(filled, folder / "whole"), Fate()
    room.go(fate)
    assert found_in(room) == SMALL
    return fate.steps


def test_a_kill_between_any_two_steps_gives_exactly_one(filled: Path, tmp_path: Path) -> None:
    steps = steps_of(filled, tmp_path)
    assert {"before open_digest_ticket", "after open_digest_ticket", "before post_digest", "after post_digest"} <= {
        *steps
    }
    for at, name in enumerate(steps):
        room = open_small(filled, tmp_path / str(at))
        die(room, at)
        room.recover()
        assert found_in(room) == SMALL, (at, name)


def test_kills_one_after_the_other_give_exactly_one(filled: Path, tmp_path: Path) -> None:
    for at in range(1, len(steps_of(filled, tmp_path)), 5):
        room = open_small(filled, tmp_path / str(at))
        for again in (at, 9, 6, at):
            die(room, again)
            room.clock.move(minutes=6)
        room.recover()
        assert found_in(room) == SMALL, at


@pytest.mark.slow
def test_a_kill_at_any_step_of_all_audiences_gives_exactly_one_of_each(filled: Path, tmp_path: Path) -> None:
    room, fate = open_room(filled, tmp_path / "whole"), Fate()
    room.go(fate)
    room.storage.close()
    for at, name in enumerate(fate.steps):
        room = open_room(filled, tmp_path / str(at))
        die(room, at)
        room.recover()
        assert found_in(room)[:3] == (EXPECTED, dict.fromkeys(AUDIENCES, 1), {}), (at, name)


def test_without_looking_for_the_marker_a_kill_would_post_twice(
    filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the test above can fail."""
    at = steps_of(filled, tmp_path).index("after post_digest")
    room = open_small(filled, tmp_path / "again")
    monkeypatch.setattr(ToyDesk, "find_marker", lambda *_: False)
    die(room, at)
    room.recover()
    assert max(room.posted().values()) == 2
    room.storage.close()


def test_without_looking_for_the_ticket_a_kill_would_open_two(
    filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the test above can fail."""
    at = steps_of(filled, tmp_path).index("after open_digest_ticket")
    room = open_small(filled, tmp_path / "again")
    monkeypatch.setattr(ToyDesk, "find_digest_ticket", lambda *_: "")
    die(room, at)
    room.recover()
    assert max(room.opened().values()) == 2
    room.storage.close()


@pytest.mark.parametrize("times", [1, 2, 5])
def test_a_lost_answer_is_no_second_note_and_no_second_ticket(room: Newsroom, times: int) -> None:
    room.desk.fail_after_write = [lost_answer() for _ in range(times)]
    for _ in range(8):
        room.recover()
    assert (room.posted(), room.opened()) == (EXPECTED, dict.fromkeys(AUDIENCES, 1))


def test_a_search_that_lags_gets_time_before_another_ticket_is_opened(
    room: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    made_at: dict[str, datetime] = {}
    find, open_one = ToyDesk.find_digest_ticket, ToyDesk.open_digest_ticket

    def open_and_note(self: ToyDesk, audience: str, subject: str) -> str:
        made_at.setdefault(audience, room.clock.now())
        return open_one(self, audience, subject)

    def find_late(self: ToyDesk, audience: str) -> str:
        shown = audience in made_at and room.clock.now() - made_at[audience] >= timedelta(seconds=90)
        return find(self, audience) if shown else ""

    monkeypatch.setattr(ToyDesk, "open_digest_ticket", open_and_note)
    monkeypatch.setattr(ToyDesk, "find_digest_ticket", find_late)
    room.desk.fail_after_write = [lost_answer()]
    for _ in range(20):
        room.go()
        room.clock.move(seconds=20)
    assert (room.posted(), room.opened()) == (EXPECTED, dict.fromkeys(AUDIENCES, 1))


# --- several at once -------------------------------------------------------------------------------------------------


def test_two_schedulers_and_their_workers_give_exactly_one(filled: Path, tmp_path: Path) -> None:
    room = open_room(filled, tmp_path / "here")
    other = open_quickly(tmp_path / "here", room.clock)
    start, failed = threading.Barrier(4), []

    def work(storage: Storage) -> None:
        tools = room.tools(storage=storage)
        start.wait()
        try:
            for _ in range(5):
                ring_digests(tools)
                drain(tools)
        except Exception as error:  # shown below: a thread's own error fails no test
            failed.append(error)

    threads = [threading.Thread(target=work, args=(storage,)) for storage in (room.storage, other) * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = (failed, room.posted(), room.opened(), room.jobs())
    other.close()
    room.storage.close()
    assert found == ([], EXPECTED, dict.fromkeys(AUDIENCES, 1), {})


@pytest.mark.parametrize("call", ["find_digest_ticket", "open_digest_ticket"])
def test_a_worker_whose_lease_ran_out_posts_nothing(room: Newsroom, call: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the first one is held up in a call, its lease runs out and another does everything."""
    room.set(settings={"digest_days": "none"})
    original: Callable[..., str] = getattr(ToyDesk, call)

    def held_up(self: ToyDesk, *given: str) -> str:
        monkeypatch.setattr(ToyDesk, call, original)
        result = original(self, *given)
        room.clock.move(minutes=6)
        drain(room.tools())
        return result

    ring_digests(room.tools())
    monkeypatch.setattr(ToyDesk, call, held_up)
    [first] = claim(room.tools(), 1)
    assert perform(first, room.tools()) == "lost"
    room.recover()
    assert set(room.posted().values()) == {1}
    assert set(room.opened().values()) == {1}


# --- a helpdesk that says no -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [Status.CLOSED, Status.DELETED])
def test_a_ticket_that_takes_no_more_notes_is_replaced(room: Newsroom, status: Status) -> None:
    room.go()
    for audience, ticket in list(room.desk.digest_tickets):
        assert audience in AUDIENCES
        room.desk.add(replace(room.desk.tickets[ticket], status=status))
    save(room.storage, "toy", [seen("9", MONDAY)], room.clock.now())
    room.clock.at = MONDAY + timedelta(days=1)
    room.recover()
    assert room.opened()[LEAD] == 2
    assert room.posted()[LEAD, "day:2026-11-23"] == 1


def test_a_note_that_is_refused_on_a_good_ticket_opens_no_other(
    room: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: ToyDesk, ticket_id: str, note: DigestNote) -> None:
        raise Rejected("attachments are switched off")

    monkeypatch.setattr(ToyDesk, "post_digest", refuse)
    room.recover()
    assert room.opened() == dict.fromkeys(AUDIENCES, 1)
    assert room.jobs() == {"buried": 3}


def test_a_digest_that_was_buried_silences_its_audience_for_that_period_only(
    room: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(ToyDesk, "post_digest", lambda *_: (_ for _ in ()).throw(Rejected("switched off")))
        room.recover()
    assert room.jobs() == {"buried": 3}
    room.clock.at = MONDAY + timedelta(days=1)
    save(room.storage, "toy", [seen("9", MONDAY)], room.clock.now())
    room.recover()
    assert room.posted()[LEAD, "day:2026-11-23"] == 1


def test_refused_credentials_pause_the_account_and_the_digest_comes_afterwards(
    room: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.desk.fail = [Disconnected("401"), Disconnected("401")]
    room.go()
    assert room.account().paused == "401"
    room.set(paused="")
    room.recover()
    assert room.posted() == EXPECTED


def test_old_news_is_not_posted_late(room: Newsroom) -> None:
    room.desk.fail = [Temporary("down")] * 1000
    room.go()
    room.desk.fail = []
    room.clock.at = MONDAY + timedelta(days=1)
    save(room.storage, "toy", [seen("9", MONDAY)], room.clock.now())
    room.recover()
    assert room.kept() == {"day:2026-11-20": "made", "week:2026-W47": "posted", "day:2026-11-23": "posted"}


# --- what is in it ---------------------------------------------------------------------------------------------------


def test_the_kept_body_is_the_digest_and_can_be_told_again(room: Newsroom) -> None:
    room.go()
    with room.storage.unit() as u:
        kept = u.digests.get("toy", LEAD, "day:2026-11-20")
    assert kept is not None
    digest = from_json(Digest, kept.body)
    again = make(room.account(), LEAD, plan_day(room), room.tools(), kept.made_at)
    assert digest == replace(again, coverage=digest.coverage)
    assert [(c.key, c.customers, c.tickets) for c in digest.causes] == [
        ("billing_error", 2, 3),
        ("delivery_late", 1, 1),
    ]
    assert (digest.impact.broken, digest.owing.overdue, digest.impact.unsure) == (1, 1, 1)


def plan_day(room: Newsroom) -> Any:
    calendar, plan = plan_of(room.account())
    return reporting.due_periods(calendar, plan, MONDAY)[0]


def test_a_picture_that_cannot_be_drawn_does_not_hold_up_the_words(room: Newsroom) -> None:
    def break_down(_: Chart) -> bytes:
        raise OSError("no space left")

    tools = replace(room.tools(), draw=break_down)
    ring_digests(tools)
    drain(tools)
    assert room.posted() == EXPECTED
    assert set(room.desk.pictures.values()) == {b""}
    assert "picture" not in room.desk.notes["digest-1"][0].html


def test_nobody_is_named_in_anything_that_is_posted_or_kept(room: Newsroom) -> None:
    room.go()
    with room.storage.unit() as u:
        bodies = [k.body for k in u.digests.newest("toy")]
    shown = [note.html for notes in room.desk.notes.values() for note in notes]
    for text in (*bodies, *shown):
        assert "c1" not in text.replace("Europe", "")
        assert OWN_USER not in text.split()
