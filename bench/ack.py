"""Durable acknowledgements a second: our receiver, against itself without a database and with a commit per request.

The servers run in interleaved rounds of one run; what counts are the ratios, since machines differ and are noisy.
The processor time a server spends on an answer is shown too: other work on the machine disturbs it less.
`python3 dev.py bench ack [--rounds 5] [--seconds 4] [--connections 64] [--threads 64]`
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from load import ACCOUNT_REF, SECRET, Result, fire, now, signed_request

from plugin import connectors
from plugin.ports import Account, Connector, Delivery, Doorbell, Storage
from plugin.settings import Settings, SystemClock
from plugin.storage import open_storage

KINDS = {
    "nothing": "without a database, webhooks taking turns",
    "nothing, threads": "without a database, a thread for each request",
    "grouped": "ours",
    "grouped, threads": "commits grouped, a thread waiting for each request",
    "each": "a commit for each request, a thread each",
}
ACCOUNT = Account(
    "bench",
    "zendesk",
    "http://127.0.0.1:1",
    signing=(SECRET,),
    external_id=ACCOUNT_REF,
    credentials={"email": "b@example.org", "token": "t"},
)


class Door:
    """What the web rooms need, with the storage under test."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.clock = SystemClock()
        self.settings = Settings()
        self.quiet = timedelta(seconds=3)
        self.opened = open_storage(f"sqlite:///{folder / 'bench.sqlite3'}", clock=self.clock)
        with self.opened.unit() as u:
            u.accounts.add(ACCOUNT)
        self.storage: Storage = _STORAGES.get(kind.split(",")[0], lambda opened: opened)(self.opened)
        self._connector = connectors.connect(ACCOUNT, self.clock)

    def account(self, account_id: str) -> Account | None:
        return ACCOUNT if account_id == ACCOUNT.id else None

    def connector(self, account: Account) -> Connector:
        return self._connector

    def workers_alive(self) -> bool:
        return True


class Nothing:
    """The same server, keeping nothing."""

    def __init__(self, storage: Storage) -> None:
        self.unit, self.close, self.secret = storage.unit, storage.close, storage.secret

    def keep(self, delivery: Delivery, doorbell: Doorbell, due_at: datetime | None) -> bool:
        return True


class Each(Nothing):
    """One transaction, and so one sync, for every delivery."""

    def __init__(self, storage: Storage) -> None:
        super().__init__(storage)
        self.storage, self.lock = storage, threading.Lock()

    def keep(self, delivery: Delivery, doorbell: Doorbell, due_at: datetime | None) -> bool:
        with self.lock:
            return self.storage.keep(delivery, doorbell, due_at)


_STORAGES: dict[str, Callable[[Storage], Storage]] = {"nothing": Nothing, "each": Each}


def serve(kind: str, threads: int) -> None:
    """Run one server until killed; prints its port first."""
    from waitress import create_server

    from plugin.cli import log_to_stderr
    from plugin.web.pages import make_web
    from plugin.web.turns import SEND_BYTES, SWITCH, Turns

    sys.setswitchinterval(SWITCH)
    log_to_stderr("ERROR")
    with tempfile.TemporaryDirectory() as folder:
        door = Door(kind, Path(folder))
        settings = {
            "host": "127.0.0.1",
            "port": 0,
            "connection_limit": 2000,
            "asyncore_use_poll": True,
            "backlog": 1024,
        }
        if kind in ("nothing", "grouped"):
            turns = Turns(door.opened, threads)
            web = make_web(door, turns.keep if kind == "grouped" else door.storage.keep)
            server = create_server(web, _dispatcher=turns, send_bytes=SEND_BYTES, **settings)
        else:
            server = create_server(make_web(door), threads=threads, **settings)
        print(server.effective_port, flush=True)
        server.run()


def memory_mb(pid: int) -> float:
    """Resident memory of a process, MB; 0 where the system does not tell."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return 0.0
    return next(int(line.split()[1]) / 1024 for line in status.read_text().splitlines() if line.startswith("VmRSS"))


def cpu_seconds(pid: int) -> float:
    """Processor time that a process has used, its own and the system's for it; 0 where the system does not tell."""
    stat = Path(f"/proc/{pid}/stat")
    if not stat.exists():
        return 0.0
    user, system = stat.read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--serve", choices=list(KINDS))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--threads", type=int, default=64)
    options = parser.parse_args()
    if options.serve:
        return serve(options.serve, options.threads)
    results: dict[str, list[Result]] = {kind: [] for kind in KINDS}
    memory: dict[str, float] = {}
    spent: dict[str, list[float]] = {kind: [] for kind in KINDS}
    number = 0
    for _ in range(options.rounds):
        for kind in KINDS:
            command = [sys.executable, __file__, "--serve", kind, "--threads", str(options.threads)]
            with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
                assert server.stdout is not None
                port = int(server.stdout.readline())
                wanted = int(options.seconds * 4000)
                requests = [signed_request("/hooks/zendesk/bench", number + i, now()) for i in range(wanted)]
                number += wanted
                before = cpu_seconds(server.pid)
                results[kind].append(fire(port, requests, options.connections, options.seconds))
                spent[kind].append(1e6 * (cpu_seconds(server.pid) - before) / max(1, results[kind][-1].answered))
                memory[kind] = memory_mb(server.pid)
                server.kill()
    for kind in KINDS:
        r = results[kind]
        middle = {f: statistics.median(getattr(x, f) for x in r) for f in ("per_second", "p50", "p99")}
        wrong = sum(x.wrong for x in r)
        print(
            f"{kind:16} {middle['per_second']:7.0f}/s  p50 {middle['p50']:6.1f} ms  p99 {middle['p99']:6.1f} ms  "
            f"{statistics.median(spent[kind]):4.0f} µs of processor an answer  {memory[kind]:5.0f} MB  "
            f"not 202: {wrong}  ({len(r)} rounds, {options.connections} connections)"
        )
    best = {kind: statistics.median(r.per_second for r in results[kind]) for kind in KINDS}
    nothing = max(("nothing", "nothing, threads"), key=lambda kind: best[kind])
    ratios = [g.per_second / n.per_second for g, n in zip(results["grouped"], results[nothing], strict=True)]
    gains = [g.per_second / e.per_second for g, e in zip(results["grouped"], results["each"], strict=True)]
    print(f"grouped / {nothing} (the quicker one): {statistics.median(ratios):.2f} (target 0.85)")
    print(f"grouped / each: {statistics.median(gains):.2f}")
    return None


if __name__ == "__main__":
    main()
