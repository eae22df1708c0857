"""Run a sandbox as its own process: `python -m plugin.sandbox --port 8091 --state desk.json`."""

from __future__ import annotations

import argparse
import json
import signal
import threading
from datetime import datetime
from pathlib import Path

from plugin.sandbox.account import Setup
from plugin.sandbox.clocks import MovedClock
from plugin.sandbox.server import open_sandbox


def main() -> None:
    """Serve until SIGTERM or Ctrl-C; the first line printed is JSON with the URL and the credentials."""
    ask = argparse.ArgumentParser(prog="python -m plugin.sandbox", description=__doc__)
    ask.add_argument("--host", default="127.0.0.1")
    ask.add_argument("--port", type=int, default=0)
    ask.add_argument("--state", type=Path, help="keep the state in this file, and start from it when it exists")
    ask.add_argument("--helpdesk", choices=("zendesk", "freshdesk"), default="zendesk")
    ask.add_argument("--zone", default="Europe/London")
    ask.add_argument("--now", type=datetime.fromisoformat, help="begin at this moment instead of the computer's time")
    given = ask.parse_args()
    clock = MovedClock(given.now, ticking=True)
    done = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: done.set())
    setup = Setup("main", zone=given.zone, helpdesk=given.helpdesk)
    with open_sandbox(clock, host=given.host, port=given.port, setup=setup, state_file=given.state) as sandbox:
        sandbox.keep_saving()
        account = next(iter(sandbox.accounts.values()))
        about = {"url": account.url, "integration_id": account.integration.id, "credentials": account.credentials()}
        print(json.dumps(about), flush=True)
        done.wait()


if __name__ == "__main__":
    main()
