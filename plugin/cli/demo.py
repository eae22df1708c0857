"""Play ticket stories through sandbox helpdesks, show each card as it lands, and check every finding."""

from __future__ import annotations

import tempfile
import threading
from datetime import timedelta
from pathlib import Path

import click

from plugin.app import build
from plugin.cli import log_to_stderr
from plugin.cli.server import make_server
from plugin.cli.stage import Stage
from plugin.sandbox import MovedClock, Sandbox, load_stories, open_sandbox
from plugin.settings import Settings


@click.command()
@click.option("--serve", is_flag=True, help="Keep sandbox and plugin running afterwards, to look at the tickets.")
@click.option("--story", "only", multiple=True, help="Only stories whose name contains this.")
@click.option("--quiet", is_flag=True, help="Only the summary.")
def demo(serve: bool, only: tuple[str, ...], quiet: bool) -> int:
    """Play ticket stories through a sandbox Zendesk and Freshdesk, side by side, and show the cards.

    \b
    Example: followthrough demo
             followthrough demo --story parcel --serve
             followthrough demo --story freshdesk
    Exit code 0 when every story's findings are as written beside it, else 1.
    """
    log_to_stderr("ERROR")
    stories = [s for s in load_stories(everywhere=True) if not only or any(part in s.id for part in only)]
    if not stories:
        raise click.UsageError("no story is called so")
    clock = MovedClock(min(step.at for story in stories for step in story.steps) - timedelta(minutes=1))
    with tempfile.TemporaryDirectory(prefix="followthrough-demo-") as folder, open_sandbox(clock) as sandbox:
        stage = open_stage(Path(folder), sandbox, clock, quiet)
        try:
            code = stage.play(stories)
            if serve:
                stage.keep_up()
        finally:
            stage.close()
    return code


def open_stage(folder: Path, sandbox: Sandbox, clock: MovedClock, quiet: bool) -> Stage:
    """The plugin on a free port of this machine, with its database in a folder that goes away."""
    settings = Settings(home=folder, quiet_seconds=0, sweep_seconds=60, reconcile_seconds=0, port=0, threads=16)
    house = build(settings, clock)
    house.pause = lambda seconds: clock.advance(timedelta(seconds=seconds))
    server = make_server(house, "127.0.0.1", 0)
    threading.Thread(target=server.run, daemon=True, name="web").start()
    house.start()
    return Stage(sandbox, house, clock, f"http://127.0.0.1:{server.effective_port}", quiet)
