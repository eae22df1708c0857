"""The server is killed again and again while digests are due: each audience finds exactly one, whatever was cut off."""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from plugin.app import build
from plugin.domain.digest import LEAD
from plugin.domain.digest_periods import latest_period
from plugin.ports import Account
from plugin.sandbox import FreshAccount, Sandbox, Setup, open_sandbox
from plugin.sandbox.server import AnyAccount
from plugin.settings import Settings, SystemClock
from plugin.work.report import SINCE, plan_of, ring_digests
from tests.journey.kills import Plan, Server
from tests.journey.test_digest import connected
from tests.made_up_week import save, week

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

AUDIENCES = {LEAD, "owner:finance", "owner:logistics", "owner:operations", "owner:service"}
KILLS = 8
"""At most so many, until all digests are done."""


def kill_while_digests_are_due(home: Path, helpdesk: str, launcher: str, seed: int) -> tuple[int, list[str]]:
    """(kills that cut something off, faults) of one installation."""
    chance = random.Random(seed)
    with open_sandbox(SystemClock(), setup=Setup("desk", helpdesk=helpdesk, zone="UTC")) as sandbox:
        desk = sandbox.accounts["desk"]
        desk.desk.state.settings.latency = 0.15
        if isinstance(desk, FreshAccount):
            desk.desk.state.settings.search_lag = 1.0
        install(home, desk, sandbox)
        server, cut = Server(home, Plan(sabotage=launcher, workers=2, lease=1.0)), 0
        try:
            for _ in range(KILLS):
                server.start()
                before = written(desk)
                wait(lambda: written(desk) > before or posted(home) == len(AUDIENCES), 20)  # noqa: B023
                time.sleep(chance.uniform(0.0, 0.4))
                server.stop()
                if posted(home) == len(AUDIENCES):
                    break
                cut += written(desk) > before
            server.start()
            wait(lambda: posted(home) == len(AUDIENCES), 60)
        finally:
            server.stop()
        return cut, judge(home, desk)


def written(desk: AnyAccount) -> int:
    """Tickets and notes that the helpdesk has so far."""
    return sum(1 + len(desk.notes(ticket)) for ticket in list(desk.desk.state.tickets))


def wait(for_what: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not for_what() and time.monotonic() < end:
        time.sleep(0.02)


def install(home: Path, desk: AnyAccount, sandbox: Sandbox) -> None:
    """An account whose digests of last week are due now and whose tickets have been read."""
    house = build(Settings(home=home, log_level="ERROR"))
    now = house.clock.now()
    plan = {"digest_days": "none", "digest_time": "00:00"}
    account: Account = replace(connected(desk, sandbox), zone="UTC", hours="Mon-Sun 00:00-23:59", settings=plan)
    last = latest_period(*plan_of(account), now, "week")
    with house.storage.unit() as u:
        u.accounts.add(account)
        u.history.set_cursor("main", SINCE, (now - timedelta(days=30)).isoformat(), now)
    save(house.storage, "main", week(last.start, last.end), now)
    assert ring_digests(house.tools) == len(AUDIENCES)  # the server's own clock asks once a minute only
    house.close()


def posted(home: Path) -> int:
    """How many digests count as posted."""
    with closing(sqlite3.connect(f"file:{home}/followthrough.sqlite3?mode=ro", uri=True, timeout=5)) as database:
        return int(database.execute("SELECT count(*) FROM digests WHERE state = 'posted'").fetchone()[0])


def judge(home: Path, desk: AnyAccount) -> list[str]:
    """One ticket for each audience and one digest on it, whole."""
    faults = [] if posted(home) == len(AUDIENCES) else [f"{posted(home)} of {len(AUDIENCES)} digests were posted"]
    tickets = list(desk.desk.state.tickets)
    if len(tickets) != len(AUDIENCES):
        faults.append(f"{len(tickets)} digest tickets for {len(AUDIENCES)} audiences")
    for ticket in tickets:
        shown = [note.get("html_body") or note["body"] for note in desk.notes(ticket)]
        number = sum("<code>digest " in html for html in shown)
        if number != 1:
            faults.append(f"ticket {ticket} has {number} digests")
    return faults


@pytest.mark.parametrize("helpdesk", ["zendesk", "freshdesk"])
def test_each_audience_finds_exactly_one_digest(
    helpdesk: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cut, faults = kill_while_digests_are_due(tmp_path, helpdesk, "quick_search", 1)
    with capsys.disabled():
        print(f"\ndigests on {helpdesk}: {cut} kills that cut something off, {len(faults)} faults")
    assert faults == []
    assert cut >= 2


def test_the_check_notices_when_nobody_looks_before_posting(tmp_path: Path) -> None:
    for seed in range(4):
        home = tmp_path / str(seed)
        home.mkdir()
        _, faults = kill_while_digests_are_due(home, "zendesk", "forget_our_digests", seed)
        if faults:
            return
    pytest.fail("digests were made twice and nobody noticed")
