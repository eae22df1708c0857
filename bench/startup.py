"""How long `followthrough serve` takes from the command to the first answer, and how much memory it then holds.

A fresh home folder for the first start (the database is made), the same folder for the others; the last one has an
account in English, whose pack and language detector are loaded in the background.
`python3 dev.py bench startup [--rounds 5]`
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path


def start(home: str) -> tuple[float, float, float]:
    """(seconds to the first answer, MB then, MB twenty seconds later)."""
    env = {**os.environ, "FOLLOWTHROUGH_HOME": home, "FOLLOWTHROUGH_RECONCILE_SECONDS": "0"}
    begun = time.perf_counter()
    command = [sys.executable, "-m", "plugin", "serve", "--port", "0"]
    with subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        while not (found := re.search(r"listens on (http://\S+)", server.stderr.readline())):
            pass
        with urllib.request.urlopen(f"{found[1]}/healthz") as answer:
            assert answer.status == 200
        took, small = time.perf_counter() - begun, memory_mb(server.pid)
        time.sleep(20)
        large = memory_mb(server.pid)
        server.terminate()
    return took, small, large


def memory_mb(pid: int) -> float:
    """Resident memory, MB (0 where the system does not tell)."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return 0.0
    return next(int(line.split()[1]) / 1024 for line in status.read_text().splitlines() if line.startswith("VmRSS"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        first = start(home)
        print(f"first start, new database: {first[0]:.2f} s, {first[1]:.0f} MB")
        again = [start(home) for _ in range(options.rounds)]
        print(f"next starts: {statistics.median(a[0] for a in again):.2f} s, {again[0][1]:.0f} MB, no account")
        command = [
            sys.executable,
            "-m",
            "plugin",
            "accounts",
            "add",
            "zendesk",
            "acme",
            "--url",
            "http://127.0.0.1:9",
            "--offline",
        ]
        env = {**os.environ, "FOLLOWTHROUGH_HOME": home}
        subprocess.run(
            command,
            env=env,
            input="email=a@b.example\ntoken=t\nsigning=s\n",
            text=True,
            check=True,
            capture_output=True,
        )
        one = start(home)
        print(f"with one English account: {one[0]:.2f} s, {one[1]:.0f} MB; {one[2]:.0f} MB once warm")


if __name__ == "__main__":
    main()
