"""Sandbox and plugin side by side, with one clock: what the demo plays on."""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import click
from inscriptis import get_text

from plugin.app import House
from plugin.cli.people import invite_first
from plugin.domain.digest import LEAD
from plugin.domain.findings import State
from plugin.ports import Account, Mode
from plugin.sandbox import FreshAccount, MovedClock, Sandbox, Story, play_all
from plugin.sandbox.compare import differences
from plugin.sandbox.play import Performance
from plugin.sandbox.server import AnyAccount
from plugin.sandbox.state import Json
from plugin.work.remind import remind
from plugin.work.report import ring_digests

IDLE_SECONDS = 60.0
"""How long one step may take until the plugin has nothing left to do."""

DIGEST_HOUR = 15
"""UTC: eight in the morning is over for every account of the stories."""


@dataclass
class Stage:
    """Sandbox and plugin side by side, with one clock."""

    sandbox: Sandbox
    house: House
    clock: MovedClock
    url: str
    quiet: bool
    seen: dict[tuple[str, int], list[Json]] = field(default_factory=dict)
    shown: int = 0
    digests: int = 0
    links: list[str] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    def play(self, stories: list[Story]) -> int:
        """All stories at once, in the order of their moments; returns the exit code."""
        for story in stories:
            self._connect(story)
        started = time.monotonic()
        ring_digests(self.house.tools)  # from here on digests are looked after
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
        self._end_the_week()
        return self._summary(results, time.monotonic() - started)

    def _connect(self, story: Story) -> None:
        """An account of the plugin for each account of the sandbox, with a signed webhook between them."""
        setup = story.setup
        with self.house.storage.unit() as u:
            if u.accounts.get(setup.key):
                return
        desk = self.sandbox.add_account(setup)
        account = Account(
            id=setup.key, helpdesk=setup.helpdesk, host=desk.url, mode=Mode.WRITE, zone=setup.zone, hours=setup.hours,
            holidays=setup.holidays, region=setup.region, locale=setup.locale, languages=setup.languages,
            own_user_id=str(desk.integration.id), external_id=str(desk.desk.state.settings.account_id),
            credentials=desk.credentials(),
        )  # fmt: skip
        account = hook_up(desk, account, self.url)
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
        for note in notes:
            if note not in self.seen.get(place, []):
                self.shown += 1
                self._show(performance.story.title, performance.account, performance.ticket, note)
        self.seen[place] = notes

    def _show(self, title: str, desk: AnyAccount, ticket: int, note: Json) -> None:
        if not self.quiet:
            click.echo(f"\n{title} · {desk.helpdesk} · {desk.page_of(ticket)}")
            click.echo("\n".join("    " + line for line in _as_text(note["html_body"]).splitlines()))

    def _judge(self, performance: Performance) -> list[str]:
        ticket, account = performance.ticket, performance.account
        with self.house.storage.unit() as u:
            found = u.ledger.findings(account.key, str(ticket))
        notes = [n["html_body"] for n in account.notes(ticket)]
        newest = _as_text(notes[-1]) if notes else ""
        return differences(performance.story.expected, found, performance.made, notes, newest)

    def _end_the_week(self) -> None:
        """The Monday after: each team's digest of the week lands in its helpdesk. One of each helpdesk is shown."""
        days = 7 - self.clock.now().weekday() if self.clock.now().weekday() else 0
        monday = (self.clock.now() + timedelta(days=days)).replace(hour=DIGEST_HOUR, minute=0, second=0, microsecond=0)
        self._let_time_pass(monday)
        self.clock.move_to(monday)
        ring_digests(self.house.tools)
        self._wait_until_idle()
        told: set[str] = set()
        with self.house.storage.unit(reading=True) as u:
            accounts = sorted(u.accounts.all(), key=lambda account: account.locale != "en")
        for key, desk in ((account.id, self.sandbox.accounts[account.id]) for account in accounts):
            with self.house.storage.unit(reading=True) as u:
                kept = [k for k in u.digests.newest(key) if k.state == "posted"]
                ticket, _ = u.digests.desk_ticket(key, LEAD)
            self.digests += len(kept)
            if ticket:
                self.links.append(desk.page_of(int(ticket)))
            if ticket and desk.helpdesk not in told:
                told.add(desk.helpdesk)
                self._show(f"The week's digest for the lead of {key}", desk, int(ticket), desk.notes(int(ticket))[-1])

    def _summary(self, results: list[tuple[Story, list[str]]], seconds: float) -> int:
        wrong = [(story, lines) for story, lines in results if lines]
        click.echo()
        for story, lines in wrong:
            click.echo(f"DIFFERS  {story.id}: {story.title}")
            for line in lines:
                click.echo(f"         {line}")
        languages = sorted({story.lang for story, _ in results})
        click.echo(
            f"{len(results) - len(wrong)} of {len(results)} stories as written, in {', '.join(languages)}, "
            f"{_by_helpdesk(results)}; {self.shown} cards on tickets, "
            f"{self.digests} digests in the helpdesks, {seconds:.0f} s."
        )
        return 1 if wrong else 0

    def keep_up(self) -> None:
        """Until Ctrl-C; the links of the tickets with cards, of the digests and of the lead's page."""
        for (key, ticket), notes in sorted(self.seen.items()):
            if notes:
                click.echo(f"Card: {self.sandbox.accounts[key].page_of(ticket)}")
        for link in self.links:
            click.echo(f"Digest: {link}")
        click.echo(f"Lead's page: {self.url}/")
        invite_first(self.house, self.url)
        click.echo(f"Plugin: {self.url}/readyz   stop with Ctrl-C")
        self.clock.run_on()
        try:
            self.stop.wait()
        except KeyboardInterrupt:
            click.echo("stopped")

    def close(self) -> None:
        self.stop.set()
        self.house.close()


def hook_up(desk: AnyAccount, account: Account, url: str) -> Account:
    """Let the sandbox ring our door as this helpdesk does; the account with what proves it. Freshdesk rings twice: by a
    rule, and by our app inside it."""
    if isinstance(desk, FreshAccount):
        path, door = f"demo-{account.id}", f"{url}/hooks/freshdesk/{account.id}"
        hook, app = desk.subscribe(f"{door}/{path}"), desk.subscribe(door, kind="app")
        secrets = {"hook_path": path, "app_secret": app.secret}
        return replace(account, signing=(hook.secret,), credentials={**account.credentials, **secrets})
    webhook = desk.subscribe(f"{url}/hooks/zendesk/{account.id}")
    return replace(account, signing=(webhook.secret,))


def _by_helpdesk(results: list[tuple[Story, list[str]]]) -> str:
    counts = Counter(story.setup.helpdesk for story, _ in results)
    return " and ".join(f"{count} on {name.capitalize()}" for name, count in counts.most_common())


def _as_text(html: str) -> str:
    return "\n".join(line.rstrip() for line in get_text(html).splitlines() if line.strip())
