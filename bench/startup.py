"""How long `followthrough serve` takes from the command to the first answer, and how much memory it then holds.

A fresh home folder for the first start (the database is made), the same folder for the next ones; then with an account
in English, whose pack and language detector are loaded in the background; then on what the demo leaves: its accounts at
both helpdesks, all their languages, its tickets and digests (it is played first, quietly).
`python3 dev.py bench startup [--rounds=5] [--no-demo]`
"""

from __future__ import annotations

import argparse
import io
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from contextlib import redirect_stdout
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from plugin.cli.demo import open_stage
from plugin.sandbox import MovedClock, load_stories, open_sandbox


def start(home: str) -> tuple[float, float, float]:
    """(seconds to the first answer, MB then, MB twenty seconds later)."""
    env = {**os.environ, "FOLLOWTHROUGH_HOME": home, "FOLLOWTHROUGH_RECONCILE_SECONDS": "0"}
    begun = time.perf_counter()
    command = [sys.executable, "-m", "plugin", "serve", "--port", "0"]
    with subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        found = next((m for line in server.stderr if (m := re.search(r"listens on (http://\S+)", line))), None)
        if found is None:
            raise SystemExit(f"the server ended with {server.wait()} before it listened")
        threading.Thread(target=server.stderr.read, daemon=True).start()
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


def add_english_account(home: str) -> None:
    command = [sys.executable, "-m", "plugin", "accounts", "add", "zendesk", "acme", "--url", "http://127.0.0.1:9"]
    subprocess.run(
        [*command, "--offline"],
        env={**os.environ, "FOLLOWTHROUGH_HOME": home},
        input="email=a@b.example\ntoken=t\nsigning=s\n",
        text=True,
        check=True,
        capture_output=True,
    )


def play_the_demo(home: str) -> None:
    """All stories of the demo, at both helpdesks, into this home folder."""
    stories = load_stories(everywhere=True)
    clock = MovedClock(min(step.at for story in stories for step in story.steps) - timedelta(minutes=1))
    with open_sandbox(clock) as sandbox, redirect_stdout(io.StringIO()):
        stage = open_stage(Path(home), sandbox, clock, quiet=True)
        try:
            stage.play(stories)
        finally:
            stage.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--no-demo", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        first = start(home)
        print(f"first start, new database: {first[0]:.2f} s, {first[1]:.0f} MB", flush=True)
        again = [start(home) for _ in range(options.rounds)]
        print(
            f"next starts: {statistics.median(a[0] for a in again):.2f} s, {again[0][1]:.0f} MB, no account", flush=True
        )
        add_english_account(home)
        one = start(home)
        print(f"with one English account: {one[0]:.2f} s, {one[1]:.0f} MB; {one[2]:.0f} MB once warm", flush=True)
    if options.no_demo:
        return
    with tempfile.TemporaryDirectory() as home:
        play_the_demo(home)
        after = start(home)
        print(f"after the demo, its accounts and languages: {after[0]:.2f} s, {after[2]:.0f} MB once warm")


if __name__ == "__main__":
    main()
