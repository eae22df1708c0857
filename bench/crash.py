"""Cut the power at every moment of a run, thousands of times, and count acknowledged deliveries that are gone.

A writer keeps deliveries with our storage while strace notes what it asks of the file system. From that trace the
folder is rebuilt as a disk may show it after a power cut: what was not synced yet is dropped, torn at 512 bytes, or
arrived in another order; names of files that were not synced in their folder are missing. SQLite opens every such
image, and every row that had been acknowledged before that moment must be in it.
`python3 dev.py bench crash [--rows 160] [--synchronous FULL|NORMAL]`
"""

from __future__ import annotations

import argparse
import os
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

DATABASE = "desk.sqlite3"
ACKS = "acks"
SECTOR = 512
KINDS = ("dropped", "torn", "reordered", "kept")
"""What a disk may have of the writes that were not synced: none, some sectors, some writes, or all."""

_CALLS = "openat,pwrite64,write,fsync,fdatasync,ftruncate,unlink,unlinkat,rename,renameat,renameat2,link,linkat"


# --- the writer, in a process of its own -----------------------------------------------------------------------------


def write(folder: Path, rows: int, synchronous: str) -> None:
    """Keep `rows` deliveries from two threads; each one's name goes to the file of acknowledgements afterwards."""
    from plugin.ports import Account, Delivery, Doorbell
    from plugin.storage import engine, open_storage

    engine._PRAGMAS = tuple(p.replace("synchronous=FULL", f"synchronous={synchronous}") for p in engine._PRAGMAS)
    moment = datetime(2026, 3, 2, 9, tzinfo=UTC)
    storage = open_storage(f"sqlite:///{folder / DATABASE}", clock=_Still(moment))
    with storage.unit() as u:
        u.accounts.add(Account("a", "zendesk", "https://a.example"))
    acks = os.open(folder / ACKS, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)

    def keep(first: int) -> None:
        for number in range(first, rows, 2):
            name = f"event-{number}"
            bell = Doorbell("ticket", str(number % 40), "ticket.created", name, f"inv-{number}", f"hash-{number}")
            if storage.keep(Delivery("a", {}, b"x" * 1500, moment), bell, moment):
                os.write(acks, name.encode() + b"\n")

    threads = [threading.Thread(target=keep, args=(first,)) for first in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    os._exit(0)  # as a machine stops: nothing is closed or tidied up


@dataclass(frozen=True)
class _Still:
    moment: datetime

    def now(self) -> datetime:
        return self.moment


# --- the trace -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Event:
    """One thing asked of the file system: made, link, gone (names); write, cut, sync (contents); syncdir; ack."""

    kind: str
    name: str = ""
    data: bytes = b""
    at: int = 0
    other: str = ""


def why_not_here() -> str:
    """Why no trace can be taken on this machine, "" where one can."""
    if shutil.which("strace") is None:
        return "strace is not installed (Debian package strace)"
    tried = subprocess.run(["strace", "-o", os.devnull, "true"], capture_output=True, check=False)
    return "" if tried.returncode == 0 else "this machine does not allow ptrace"


def trace(folder: Path, rows: int, synchronous: str) -> list[Event]:
    """Run the writer under strace in an empty folder; what it did, in order."""
    notes = folder.with_name(folder.name + ".trace")
    command = ["strace", "-f", "-y", "-xx", "-s", "70000", "-e", f"trace={_CALLS}", "-o", str(notes), sys.executable,
               __file__, "--write", str(folder), "--rows", str(rows), "--synchronous", synchronous]  # fmt: skip
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1]), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=240)
    if done.returncode:
        raise RuntimeError(f"the writer failed: {done.stderr[-2000:]}")
    with notes.open(encoding="ascii") as lines:
        return list(read_trace(lines, str(folder)))


_LINE = re.compile(r"(\d+) +(?:<\.\.\. )?(\w+)(\(| resumed>)(.*)")
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
_FILE = re.compile(r"\w+<((?:\\x[0-9a-f]{2})*)>")


def read_trace(lines: Iterator[str], folder: str) -> Iterator[Event]:
    """A write counts from when it was asked for, a sync only once it has come back."""
    open_calls: dict[str, str] = {}
    for line in lines:
        found = _LINE.match(line)
        if not found or "= -1 E" in line:
            continue
        process, call, opening, rest = found.groups()
        if opening == "(" and rest.endswith("<unfinished ...>"):
            open_calls[process] = rest
            if call in ("pwrite64", "write", "ftruncate"):
                yield from _events(call, rest, folder)
            continue
        resumed = opening != "("
        rest = open_calls.pop(process, "") + rest if resumed else rest
        if not (resumed and call in ("pwrite64", "write", "ftruncate")):
            yield from _events(call, rest, folder)


def _events(call: str, rest: str, folder: str) -> Iterator[Event]:
    files = [_plain(f) for f in _FILE.findall(rest)]
    texts = [_bytes(t) for t in _TEXT.findall(rest)]
    if call == "openat":
        path = texts[0].decode()
        if "O_CREAT" in rest and _inside(path, folder):
            yield Event("made", _name(path))
        if "O_TRUNC" in rest and _inside(path, folder):
            yield Event("cut", _name(path))
    elif call in ("unlink", "unlinkat") and _inside(texts[0].decode(), folder):
        yield Event("gone", _name(texts[0].decode()))
    elif call in ("link", "linkat", "rename", "renameat", "renameat2") and _inside(texts[-1].decode(), folder):
        first, last = (_name(t.decode()) for t in texts[-2:])
        yield Event("link", last, other=first)
        if call.startswith("rename"):
            yield Event("gone", first)
    elif files and call in ("fsync", "fdatasync") and files[0] == folder:
        yield Event("syncdir")
    elif files and _inside(files[0], folder):
        yield from _content(call, _name(files[0]), texts, rest)


def _content(call: str, name: str, texts: list[bytes], rest: str) -> Iterator[Event]:
    if name == ACKS and call == "write":
        yield Event("ack", data=texts[0].strip())
    elif call == "pwrite64":
        yield Event("write", name, texts[0], int(re.findall(r", (\d+)(?:\)|  *<)", rest)[-1]))
    elif call == "write":
        yield Event("write", name, texts[0], -1)
    elif call == "ftruncate":
        yield Event("cut", name, at=int(re.findall(r", (\d+)", rest)[-1]))
    elif call in ("fsync", "fdatasync"):
        yield Event("sync", name)


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))


def _plain(text: str) -> str:
    return _bytes(text).decode().removesuffix(" (deleted)")


def _inside(path: str, folder: str) -> bool:
    return path.startswith(folder + "/") and not path.endswith("-shm")


def _name(path: str) -> str:
    return path.rpartition("/")[2]


# --- the disk --------------------------------------------------------------------------------------------------------


@dataclass
class _Content:
    """One file: what is on the platter, and what was asked for since (data at offset, or None: cut there)."""

    synced: bytearray = field(default_factory=bytearray)
    pending: list[tuple[int, bytes | None]] = field(default_factory=list)
    length: int = 0


@dataclass
class Disk:
    """The folder: contents by number, names as everybody sees them, and names as the platter has them."""

    contents: list[_Content] = field(default_factory=list)
    names: dict[str, int] = field(default_factory=dict)
    kept_names: dict[str, int] = field(default_factory=dict)
    steps: list[dict[str, int]] = field(default_factory=list)
    """The names after each change since the folder was synced."""

    def take(self, event: Event) -> None:
        """Let one event happen."""
        if event.kind == "syncdir":
            self.kept_names, self.steps = dict(self.names), []
        elif event.kind in ("made", "link", "gone"):
            self._rename(event)
        elif event.kind != "ack":
            self._change(self.contents[self.names[event.name]], event)

    def _rename(self, event: Event) -> None:
        if event.kind == "made" and event.name not in self.names:
            self.contents.append(_Content())
            self.names[event.name] = len(self.contents) - 1
        elif event.kind == "link":
            self.names[event.name] = self.names[event.other]
        elif event.kind == "gone":
            self.names.pop(event.name, None)
        self.steps.append(dict(self.names))

    def _change(self, content: _Content, event: Event) -> None:
        if event.kind == "sync":
            for at, data in content.pending:
                _apply(content.synced, at, data)
            content.pending = []
        elif event.kind == "cut":
            content.pending.append((event.at, None))
            content.length = event.at
        else:
            at = content.length if event.at < 0 else event.at
            content.pending.append((at, event.data))
            content.length = max(content.length, at + len(event.data))

    def image(self, kind: str, chance: random.Random) -> dict[str, bytes]:
        """The files as one power cut may leave them."""
        steps = [self.kept_names, *self.steps]
        names = steps[0] if kind == "dropped" else steps[-1] if kind == "kept" else chance.choice(steps)
        return {name: self._content(self.contents[number], kind, chance) for name, number in names.items()}

    def _content(self, content: _Content, kind: str, chance: random.Random) -> bytes:
        data = bytearray(content.synced)
        pending = list(content.pending)
        if kind == "dropped":
            pending = []
        elif kind == "torn":
            pending = [part for op in pending for part in _sectors(op) if chance.random() < 0.5]
        elif kind == "reordered":
            pending = [op for op in pending if chance.random() < 0.6]
            chance.shuffle(pending)
        for at, part in pending:
            _apply(data, at, part)
        return bytes(data)


def _apply(data: bytearray, at: int, part: bytes | None) -> None:
    if part is None:
        del data[at:]
        return
    if len(data) < at:
        data.extend(bytes(at - len(data)))
    data[at : at + len(part)] = part


def _sectors(op: tuple[int, bytes | None]) -> Iterator[tuple[int, bytes | None]]:
    at, data = op
    if data is None:
        yield op
        return
    while data:
        size = SECTOR - at % SECTOR
        yield at, data[:size]
        at, data = at + size, data[size:]


# --- the verdict -----------------------------------------------------------------------------------------------------


@dataclass
class Tally:
    """What became of all images. `commits`: syncs of the log; `moments`: points in time that were tried."""

    images: int = 0
    moments: int = 0
    commits: int = 0
    checkpoints: int = 0
    acked: int = 0
    corrupt: int = 0
    losing: int = 0
    worst: int = 0
    keyless: int = 0

    def __str__(self) -> str:
        return (
            f"{self.images} images at {self.moments} moments of {self.commits} commits and {self.checkpoints} "
            f"checkpoints: {self.losing} lose acknowledged rows (worst: {self.worst} of {self.acked}), "
            f"{self.corrupt} corrupt, {self.keyless} without their key"
        )


def try_all(events: list[Event], scratch: Path, seed: int = 1) -> Tally:
    """Cut the power before every sync and after every acknowledgement, in every kind of way."""
    disk, tally, chance, acked = Disk(), Tally(), random.Random(seed), set[bytes]()
    key = next((e.data for e in events if e.kind == "write" and e.name.startswith(f"{DATABASE}.key")), b"")
    for event in events:
        if event.kind == "sync":
            tally.commits += event.name.endswith("-wal")
            tally.checkpoints += event.name == DATABASE
            _cut_power(disk, acked, key, scratch, tally, chance)
        disk.take(event)
        if event.kind == "ack":
            acked |= set(event.data.split(b"\n"))
            _cut_power(disk, acked, key, scratch, tally, chance)
    tally.acked = len(acked)
    return tally


def _cut_power(
    disk: Disk, acked: set[bytes], key: bytes, scratch: Path, tally: Tally, chance: random.Random
) -> None:  # fmt: skip
    tally.moments += 1
    for kind in KINDS:
        files = disk.image(kind, chance)
        tally.images += 1
        found = _rows_of(files, scratch)
        if found is None:
            tally.corrupt += 1
            continue
        lost = len(acked - found)
        tally.losing += lost > 0
        tally.worst = max(tally.worst, lost)
        tally.keyless += bool(acked) and files.get(f"{DATABASE}.key") != key


def _rows_of(files: dict[str, bytes], scratch: Path) -> set[bytes] | None:
    """The events in the database of this image, or None when it is damaged."""
    for old in scratch.iterdir():
        old.unlink()
    for name, data in files.items():
        (scratch / name).write_bytes(data)
    connection = sqlite3.connect(scratch / DATABASE)
    try:
        if connection.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
            return None
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'deliveries'").fetchone():
            return set()
        return {row[0].encode() for row in connection.execute("SELECT event_id FROM deliveries")}
    except sqlite3.DatabaseError:
        return None
    finally:
        connection.close()


def measure(rows: int, synchronous: str) -> Tally:
    """One traced run and all its images."""
    with tempfile.TemporaryDirectory() as place:
        folder, scratch = Path(place).resolve() / "run", Path(place).resolve() / "image"
        folder.mkdir()
        scratch.mkdir()
        return try_all(trace(folder, rows, synchronous), scratch)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path)
    parser.add_argument("--rows", type=int, default=160)
    parser.add_argument("--synchronous", choices=("FULL", "NORMAL"))
    options = parser.parse_args()
    if options.write:
        write(options.write, options.rows, options.synchronous or "FULL")
    if reason := why_not_here():
        print(f"NOT RUN: {reason}")
        return 0
    for setting in [options.synchronous] if options.synchronous else ["FULL", "NORMAL"]:
        print(f"synchronous={setting}: {measure(options.rows, setting)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
