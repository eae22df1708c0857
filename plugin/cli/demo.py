"""Play ticket stories through a sandbox helpdesk, show each card as it lands, and check every finding."""

from __future__ import annotations

import tempfile
import threading
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import click
from inscriptis import get_text

from plugin.app import House, build
from plugin.cli import log_to_stderr
from plugin.cli.server import make_server
from plugin.domain.findings import State
from plugin.ports import Account, Mode
from plugin.sandbox import MovedClock, Sandbox, Story, load_stories, open_sandbox, play_all
from plugin.sandbox.compare import differences
from plugin.sandbox.play import Performance
from plugin.settings import Settings
from plugin.work.remind import remind

IDLE_SECONDS = 60.0
"""How long one step may take until the plugin has nothing left to do."""


@click.command()
@click.option("--serve", is_flag=True, help="Keep sandbox and plugin running afterwards, to look at the tickets.")
@click.option("--story", "only", multiple=True, help="Only stories whose name contains this.")
@click.option("--quiet", is_flag=True, help="Only the summary.")
def demo(serve: bool, only: tuple[str, ...], quiet: bool) -> int:
    """Play ticket stories through a sandbox helpdesk and show the cards.

    \b
    Example: followthrough demo
             followthrough demo --story parcel --serve
    Exit code 0 when every story's findings are as written beside it, else 1.
    """
    log_to_stderr("ERROR")
    stories = [s for s in load_stories() if not only or any(part in s.id for part in only)]
    if not stories:
        raise click.UsageError("no story is called so")
    clock = MovedClock(min(step.at for story in stories for step in story.steps) - timedelta(minutes=1))
    with tempfile.TemporaryDirectory(prefix="followthrough-demo-") as folder, open_sandbox(clock) as sandbox:
        stage = _open_stage(Path(folder), sandbox, clock, quiet)
        try:
            code = stage.play(stories)
            if serve:
                stage.keep_up()
        finally:
            stage.close()
    return code


@dataclass
class Stage:
    """Sandbox and plugin side by side, with one clock."""

    sandbox: Sandbox
    house: House
    clock: MovedClock
    url: str
    quiet: bool
    seen: dict[tuple[str, int], int] = field(default_factory=dict)
    stop: threading.Event = field(default_factory=threading.Event)

    def play(self, stories: list[Story]) -> int:
        """All stories at once, in the order of their moments; returns the exit code."""
        for story in stories:
            self._connect(story)
        started = time.monotonic()
        results: list[tuple[Story, list[str]]] = []
        acts = play_all(self.sandbox, stories, self.clock, self._let_time_pass)
        with click.progressbar(
            length=sum(len(s.steps) + 1 for s in stories), label="playing", hidden=self.quiet
        ) as bar:
            for performance, step in acts:
                self._wait_until_idle()
                if step is None:
                    self._sweep()
                    results.append((performance.story, self._judge(performance)))
                self._show_new_notes(performance)
                bar.update(1)
        return self._summary(results, time.monotonic() - started)

    def _connect(self, story: Story) -> None:
        """An account of the plugin for each account of the sandbox, with a signed webhook between them."""
        setup = story.setup
        with self.house.storage.unit() as u:
            if u.accounts.get(setup.key):
                return
        desk = self.sandbox.add_account(setup)
        hook = desk.subscribe(f"{self.url}/hooks/zendesk/{setup.key}")
        account = Account(
            id=setup.key, helpdesk="zendesk", host=desk.url, mode=Mode.WRITE, zone=setup.zone, hours=setup.hours,
            holidays=setup.holidays, region=setup.region, locale=setup.locale, languages=setup.languages,
            own_user_id=str(desk.integration.id), external_id=str(desk.desk.state.settings.account_id),
            signing=(hook.secret,), credentials=desk.credentials(),
        )  # fmt: skip
        with self.house.storage.unit() as u:
            u.accounts.add(account)

    def _let_time_pass(self, until: datetime) -> None:
        """Stop at every moment on the way at which a promise becomes at risk or due, as a clock would."""
        while (moment := self._next_moment()) and moment <= until:
            self.clock.move_to(moment)
            self._sweep()

    def _next_moment(self) -> datetime | None:
        now = self.clock.now()
        with self.house.storage.unit() as u:
            owed = [c for _, _, c in u.ledger.commitments(None, [State.OPEN, State.AT_RISK], 100_000)]
        moments = [m for c in owed for m in (c.risk_at, c.due.end) if m is not None and m > now]
        return min(moments, default=None)

    def _sweep(self) -> None:
        self.clock.advance(timedelta(seconds=1))
        remind(self.house.tools)
        self._wait_until_idle()

    def _wait_until_idle(self) -> None:
        """Until every webhook is delivered and no job is due or in hand. Raises ClickException when it never is."""
        deadline = time.monotonic() + IDLE_SECONDS
        self.sandbox.flush(IDLE_SECONDS)
        while time.monotonic() < deadline:
            if self.house.runner:
                self.house.runner.ring()
            with self.house.storage.unit() as u:
                counts, due = u.queue.counts(), u.queue.next_due()
            if not counts.get("leased") and (due is None or due > self.clock.now()):
                return self._nothing_buried(counts)
            time.sleep(0.01)
        raise click.ClickException("the plugin did not become idle; see FOLLOWTHROUGH_LOG_LEVEL=INFO")

    def _nothing_buried(self, counts: dict[str, int]) -> None:
        if counts.get("buried"):
            with self.house.storage.unit() as u:
                job = u.queue.jobs(None, "buried", 1)[0]
            raise click.ClickException(f"a job was buried: {job.kind} {job.lane} of {job.account_id}: {job.reason}")

    def _show_new_notes(self, performance: Performance) -> None:
        """Print what landed on the ticket since we last looked."""
        place = (performance.account.key, performance.ticket)
        notes = performance.account.notes(performance.ticket)
        for note in notes[self.seen.get(place, 0) :]:
            if not self.quiet:
                link = f"{performance.account.url}/agent/tickets/{performance.ticket}"
                click.echo(f"\n{performance.story.title} · {link}")
                click.echo("\n".join("    " + line for line in _as_text(note["html_body"]).splitlines()))
        self.seen[place] = len(notes)

    def _judge(self, performance: Performance) -> list[str]:
        ticket, account = performance.ticket, performance.account
        with self.house.storage.unit() as u:
            found = u.ledger.findings(account.key, str(ticket))
        notes = [n["html_body"] for n in account.notes(ticket)]
        made = {step: int(message) for step, message in performance.made.items()}
        return differences(performance.story.expected, found, made, notes, _as_text(notes[-1]) if notes else "")

    def _summary(self, results: list[tuple[Story, list[str]]], seconds: float) -> int:
        wrong = [(story, lines) for story, lines in results if lines]
        click.echo()
        for story, lines in wrong:
            click.echo(f"DIFFERS  {story.id}: {story.title}")
            for line in lines:
                click.echo(f"         {line}")
        notes = sum(self.seen.values())
        languages = sorted({story.lang for story, _ in results})
        click.echo(
            f"{len(results) - len(wrong)} of {len(results)} stories as written, in {', '.join(languages)}; "
            f"{notes} cards on tickets, {seconds:.0f} s."
        )
        return 1 if wrong else 0

    def keep_up(self) -> None:
        """Until Ctrl-C; the links of the tickets with cards."""
        for (key, ticket), notes in sorted(self.seen.items()):
            if notes:
                click.echo(f"{self.sandbox.accounts[key].url}/agent/tickets/{ticket}")
        click.echo(f"Plugin: {self.url}/readyz   stop with Ctrl-C")
        try:
            self.stop.wait()
        except KeyboardInterrupt:
            click.echo("stopped")

    def close(self) -> None:
        self.stop.set()
        self.house.close()


def _as_text(html: str) -> str:
    return "\n".join(line.rstrip() for line in get_text(html).splitlines() if line.strip())


def _open_stage(folder: Path, sandbox: Sandbox, clock: MovedClock, quiet: bool) -> Stage:
    """The plugin on a free port of this machine, with its database in a folder that goes away."""
    settings = Settings(home=folder, quiet_seconds=0, sweep_seconds=60, reconcile_seconds=0, port=0, threads=16)
    house = build(settings, clock)
    house.pause = lambda seconds: clock.advance(timedelta(seconds=seconds))
    server = make_server(house, "127.0.0.1", 0)
    threading.Thread(target=server.run, daemon=True, name="web").start()
    house.start()
    return Stage(sandbox, house, clock, f"http://127.0.0.1:{server.effective_port}", quiet)
