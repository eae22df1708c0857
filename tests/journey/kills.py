"""Run the plugin as a process of its own against a sandbox, kill it at any moment, and judge what is left."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from plugin.app import House, build
from plugin.domain.findings import Findings
from plugin.ports import Account
from plugin.sandbox import MovedClock, Sandbox, open_sandbox
from plugin.sandbox.sending import Invocation
from plugin.sandbox.server import AnyAccount
from plugin.settings import Settings
from plugin.work.analyse import dump_card
from tests.journey.customers import Customers, Taggers
from tests.journey.helpdesks import Line, open_line

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Plan:
    """One run. `drop`: share of doorbells never sent; `lost_answers`: notes whose answer never arrives; `sabotage`:
    see sabotage.py."""

    seed: int = 1
    deliveries: int = 2000
    tickets: int = 120
    kills: int = 9
    uptime: tuple[float, float] = (4.0, 9.0)
    reconcile: float = 0.0
    drop: float = 0.0
    lost_answers: int = 20
    pause: float = 0.09
    lease: float = 3.0
    workers: int = 4
    latency: float = 0.0
    sabotage: str = ""
    patience: float = 110.0
    helpdesk: str = "zendesk"
    """See helpdesks.open_line."""


class Server:
    """`python -m plugin serve` on one port, started again after each kill."""

    def __init__(self, home: Path, plan: Plan) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.home, self.plan, self.starts = home, plan, 0
        self.process: subprocess.Popen[bytes] | None = None
        self.log = (home / "server.log").open("ab")

    def start(self) -> None:
        """Returns once it listens."""
        settings = {
            "HOME": str(self.home), "PORT": str(self.port), "QUIET_SECONDS": "0.3", "WORKERS": str(self.plan.workers),
            "LEASE_SECONDS": str(self.plan.lease), "RECONCILE_SECONDS": str(self.plan.reconcile),
            "MAX_ATTEMPTS": "100", "NOTES_PER_DAY": "1000", "NOTES_PER_TICKET": "1000", "LOG_LEVEL": "WARNING",
        }  # fmt: skip
        given = {f"FOLLOWTHROUGH_{name}": value for name, value in settings.items()}
        launcher = ["-m", "tests.journey.sabotage", self.plan.sabotage] if self.plan.sabotage else ["-m", "plugin"]
        self.process = subprocess.Popen([sys.executable, *launcher, "serve"], cwd=ROOT, env={**os.environ, **given},
                                        stdout=self.log, stderr=self.log)  # fmt: skip
        self.starts += 1
        end = time.monotonic() + 60
        while time.monotonic() < end and self.process.poll() is None:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 0.2):
                return
            time.sleep(0.05)
        self.stop()
        raise RuntimeError(f"the server did not start: {(self.home / 'server.log').read_text()[-2000:]}")

    def stop(self, number: int = signal.SIGKILL) -> None:
        if self.process is not None:
            self.process.send_signal(number)
            try:
                self.process.wait(30)
            finally:
                self.process.kill()


class Resender:
    """Sends again whatever was not answered with 202: the helpdesk would give up on a dead receiver too early for a
    test of the receiver."""

    def __init__(self, desk: AnyAccount) -> None:
        self.desk = desk
        self.seen = self.resent = 0
        self.waiting: list[Invocation] = []
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._stop.wait(1.0):
            self.once()

    def made(self) -> int:
        """Deliveries of the helpdesk's own making."""
        return len(self.desk.webhooks._sent) - self.resent

    def once(self) -> int:
        """Look once; how many are not accepted yet."""
        with self._lock:
            sent = list(self.desk.webhooks._sent)
            known = self.waiting + sent[self.seen :]
            self.seen = len(sent)
            self.waiting = [i for i in known if i.status == "waiting"]
            failed = [i for i in known if i.status in ("failed", "terminated")]
            for invocation in failed:
                self.resent += 1
                self.desk.webhooks.ring(invocation.webhook_id, invocation.body, invocation.event, invocation.ticket_id)
            return len(self.waiting) + len(failed)

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(10)


@dataclass
class Outcome:
    """What a run left, and everything that is wrong with it."""

    faults: list[str] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        told = ", ".join(f"{value} {name}" for name, value in self.figures.items())
        return told + "".join(f"\n  FAULT {fault}" for fault in self.faults[:20])


def run(home: Path, plan: Plan) -> Outcome:
    """Play, kill, wait until nothing is left to do, and judge."""
    begun = time.monotonic()
    with open_sandbox(MovedClock()) as sandbox:
        server = Server(home, plan)
        line = open_line(plan.helpdesk, sandbox, f"http://127.0.0.1:{server.port}", app=not plan.drop)
        for name, value in {**line.limits, "latency": plan.latency}.items():
            setattr(line.desk.desk.state.settings, name, value)
        line.desk.turn(duplicates=0.1, disorder=0.2, delay=0.02, drop=plan.drop, breaker=False)
        _install(home, line.account)
        customers = Customers(line.desk, plan.seed, plan.tickets)
        taggers, resender = Taggers(customers, line, plan.seed + 1), Resender(line.desk)
        try:
            server.start()
            taggers.start()
            _play(line, server, customers, plan, resender.made)
            taggers.stop()
            played = time.monotonic()
            if plan.reconcile:  # the export leaves the last minute out
                sandbox.clock.advance(timedelta(seconds=75))  # type: ignore[attr-defined]
            settled = _settle(home, sandbox, resender, plan)
        finally:
            resender.stop()
            server.stop(signal.SIGTERM)
        outcome = judge(home, line, taggers)
        if not settled:
            outcome.faults.append(f"work was left after {plan.patience} s")
        outcome.figures |= {"kills": server.starts - 1, "s playing": round(played - begun),
                            "s in all": round(time.monotonic() - begun)}  # fmt: skip
        return outcome


def _install(home: Path, account: Account) -> None:
    house = build(Settings(home=home))
    with house.storage.unit() as u:
        u.accounts.add(account)
    house.close()


def _play(line: Line, server: Server, customers: Customers, plan: Plan, made: Callable[[], int]) -> None:
    """Customers at work in a thread, and a kill every few seconds for as long as they are."""
    player = threading.Thread(target=customers.work, args=(made, plan.deliveries, plan.pause), daemon=True)
    player.start()
    chance = random.Random(plan.seed + 2)
    for number in range(plan.kills):
        if number < plan.lost_answers:
            line.lose_an_answer()
        time.sleep(chance.uniform(*plan.uptime))
        server.stop()
        server.start()
    for _ in range(plan.lost_answers - plan.kills):
        line.lose_an_answer()
    player.join()


def _settle(home: Path, sandbox: Sandbox, resender: Resender, plan: Plan) -> bool:
    """Wait until every webhook was accepted and no job is left, twice in a row."""
    end, quiet = time.monotonic() + plan.patience, 0
    while time.monotonic() < end:
        sandbox.flush(5)
        busy = resender.once() + _jobs(home)
        quiet = 0 if busy else quiet + 1
        if quiet * (plan.reconcile or 0.5) > (
            1.0 if not plan.reconcile else plan.reconcile + 20
        ):  # a dead holder's lease
            return True
        time.sleep(plan.reconcile or 0.5)
    return False


def _jobs(home: Path) -> int:
    import sqlite3

    with suppress(sqlite3.OperationalError):
        database = sqlite3.connect(f"file:{home}/followthrough.sqlite3?mode=ro", uri=True, timeout=5)
        try:
            number: int = database.execute("SELECT count(*) FROM jobs WHERE state <> 'buried'").fetchone()[0]
            return number
        finally:
            database.close()
    return 1


# --- the verdict -----------------------------------------------------------------------------------------------------


def judge(home: Path, line: Line, taggers: Taggers) -> Outcome:
    """Everything that must hold at the end; the plugin's process is gone."""
    outcome = Outcome()
    house = build(Settings(home=home))
    try:
        _judge_deliveries(house, line, outcome)
        _judge_jobs(house, outcome)
        for ticket in taggers.customers.tickets:
            _judge_notes(house, line, ticket, outcome)
            _judge_card(house, line.account, ticket, outcome)
        outcome.faults += taggers.missing(line.lost_in_the_race())
        outcome.figures["foreign tags"] = sum(map(len, taggers.wanted.values()))
    finally:
        house.close()
    return outcome


def _judge_deliveries(house: House, line: Line, outcome: Outcome) -> None:
    outcome.faults += line.wrong_deliveries(house, outcome.figures)
    rows = line.desk.webhooks.deliveries()
    outcome.figures |= {"deliveries": len(rows), "never sent": sum(row["status"] == "dropped" for row in rows),
                        "attempts": sum(len(row["attempts"]) for row in rows)}  # fmt: skip


def _judge_jobs(house: House, outcome: Outcome) -> None:
    with house.storage.unit() as u:
        jobs, counts = u.queue.jobs(None, None, 1000), u.queue.counts()
    outcome.faults += [f"job {job.kind} {job.lane} is {job.state}: {job.reason}" for job in jobs]
    outcome.figures["jobs done"] = counts["done"]


def _judge_notes(house: House, line: Line, ticket: int, outcome: Outcome) -> None:
    with house.storage.unit() as u:
        cards = u.ledger.cards("main", str(ticket))
    outcome.faults += line.wrong_notes(ticket, cards, outcome.figures)
    if cards and cards[-1].state not in ("posted", "skipped"):
        outcome.faults.append(f"ticket {ticket}: the newest card is {cards[-1].state}")


def _judge_card(house: House, account: Account, ticket: int, outcome: Outcome) -> None:
    """What we know and show is what the ticket says as it stands now."""
    tools = house.tools
    now_there = tools.connect(account).fetch_ticket(str(ticket))
    with house.storage.unit() as u:
        known, newest = u.ledger.findings("main", str(ticket)), u.ledger.newest_card("main", str(ticket))
    if known is None:
        outcome.faults.append(f"ticket {ticket} was never analysed")
        return
    fresh = tools.analyse(now_there, tools.policy(account), house.clock.now())
    card = tools.make_card(fresh, tools.taxonomy(account))
    if _essence(fresh) != _essence(known):
        outcome.faults.append(f"ticket {ticket}: findings are not those of the ticket as it is")
    if card and (newest is None or (newest.version, newest.items) != (card.version, dump_card(card))):
        outcome.faults.append(f"ticket {ticket}: the card is not that of the ticket as it is")
    outcome.figures["cards compared"] = outcome.figures.get("cards compared", 0) + bool(card)


def _essence(findings: Findings) -> Any:
    """Findings without the moments at which we looked."""
    promises = [(c.key, c.kind, c.state, c.due, c.evidence) for c in findings.commitments]
    return (findings.cause.key, findings.contributing and [c.key for c in findings.contributing], promises,
            findings.preferences, findings.blocked, findings.adherence, findings.effort, findings.flags,
            findings.spoken)  # fmt: skip
