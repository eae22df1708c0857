"""The only file that knows everybody: it plugs the adapters into the ports and hands out an open house."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from plugin import charts, connectors, languages
from plugin.domain.analysis import Policy, analyse_ticket, language_of
from plugin.domain.calendar import open_calendar
from plugin.domain.card import Card, make_card
from plugin.domain.digest import Chart
from plugin.domain.findings import Findings
from plugin.domain.learned import Learned, Trained
from plugin.domain.taxonomy import Taxonomy
from plugin.domain.ticket import Message, Person, Role, Status, Ticket
from plugin.languages.marks import load_common_words, load_marks
from plugin.languages.stories import load_stories
from plugin.languages.taxonomy import load_taxonomy
from plugin.learning import causes
from plugin.learning.mood import Mood
from plugin.learning.semantic import Semantic, find_encoder
from plugin.ports import Account, Clock, Connector, Rejected, Storage
from plugin.rendering import render_note
from plugin.runners.embedded import Embedded
from plugin.runners.schedule import Chore, Schedule
from plugin.settings import Settings, SystemClock
from plugin.storage import open_storage
from plugin.work.causes import taxonomy_of
from plugin.work.emerge import ring_emerging
from plugin.work.learn import TOPIC, ring_learning
from plugin.work.learn_promises import PROMISES, second_look
from plugin.work.receive import Keep
from plugin.work.reconcile import reconcile_all
from plugin.work.remind import remind
from plugin.work.report import ring_digests
from plugin.work.retain import empty_old_bodies
from plugin.work.tools import Limits, Tools
from plugin.work.trouble import place_of

if TYPE_CHECKING:
    from flask import Flask

log = structlog.get_logger()

ACCOUNT_CACHE_SECONDS = 2.0
"""How long the webhook path trusts an account it has read: other processes' changes are seen within this time."""


ENCODER = "encoder"
"""The account's setting that names an installed sentence encoder; without it words alone are learned from."""

MOST_MODELS = 64
"""Models that are kept in memory: each takes some megabytes."""

MOST_TAXONOMIES = 1_000
"""Accounts whose lists of causes are kept in memory."""

LEARN_EVERY = timedelta(hours=6)
"""How often we look whether people corrected causes since we last learned."""

RETAIN_EVERY = timedelta(hours=1)
"""How often old webhooks are emptied."""

EMERGING_EVERY = timedelta(hours=1)
"""How often we look whether an account's week is over."""

DIGESTS_EVERY = timedelta(minutes=2)
"""How often we look whether a digest is due."""


@dataclass
class House:
    """Everything, plugged together. Also the `Door` of the web rooms."""

    settings: Settings
    clock: Clock
    storage: Storage
    quiet: timedelta
    runner: Embedded | None = None
    schedule: Schedule | None = None
    pause: Callable[[float], None] = time.sleep
    """How a connector waits; the demo moves its clock instead."""
    _accounts: dict[str, tuple[float, Account | None]] = field(default_factory=dict)
    _connectors: dict[str, tuple[Account, Connector]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _learned: dict[tuple[str, str], tuple[tuple[int, str], Trained | None]] = field(default_factory=dict)
    _taxonomies: dict[str, tuple[int, Taxonomy]] = field(default_factory=dict)
    _mood: Mood = field(default_factory=Mood)

    @property
    def tools(self) -> Tools:
        """What the verbs are handed."""
        s = self.settings
        limits = Limits(
            quiet=self.quiet,
            lease=timedelta(seconds=s.lease_seconds),
            max_attempts=s.max_attempts,
            notes_per_day=s.notes_per_day,
            notes_per_ticket=s.notes_per_ticket,
        )
        return Tools(
            self.storage, self.clock, self.connector, self.policy, analyse_ticket, card_of, render_note, limits,
            taxonomy=self.taxonomy, draw=self._draw, learner=causes, stories=self.stories, semantic=self.semantic,
        )  # fmt: skip

    def _draw(self, chart: Chart) -> bytes:
        return charts.draw(chart, self.settings.home / "matplotlib")

    def policy(self, account: Account) -> Policy:
        """How this account's tickets are read."""
        records = self.connector(account).capabilities.call_records
        learned = self.learned(account)
        made = replace(policy_of(account), mood=self._mood, call_records=records, learned=learned)
        made = replace(made, second=second_look(self.model(account, PROMISES), account.id, self.storage))
        return replace(made, taxonomy=self.taxonomy(account))

    def taxonomy(self, account: Account) -> Taxonomy:
        """The account's list of causes, loaded once a version."""
        with self.storage.unit(reading=True) as u:
            version = u.taxonomies.version(account.id)
            known = self._taxonomies.get(account.id)
            if known is None or known[0] != version:
                if len(self._taxonomies) >= MOST_TAXONOMIES:
                    self._taxonomies.clear()
                known = self._taxonomies[account.id] = (version, taxonomy_of(u, account.id, version))
        return known[1]

    def stories(self, account: Account) -> list[tuple[str, str]]:
        """What the account's customers may say, by cause."""
        return stories_of(account, self.taxonomy(account))

    def learned(self, account: Account) -> Learned | None:
        """What the account's corrections taught us about causes."""
        return self.model(account, TOPIC)

    def model(self, account: Account, topic: str) -> Trained | None:
        """What was learned, loaded once a version. A model that cannot be read is left out."""
        with self.storage.unit(reading=True) as u:
            version = u.models.version(account.id, topic)
        known, now = self._learned.get((account.id, topic)), (version, account.settings.get(ENCODER, ""))
        if known is None or known[0] != now:
            if len(self._learned) >= MOST_MODELS:
                self._learned.clear()
            known = self._learned[account.id, topic] = (now, self._load_model(account, topic, version))
        return known[1]

    def semantic(self, account: Account, topic: str) -> Semantic | None:
        """Learning with the encoder that the account's setting names; None where it names none. Promises are learned
        from words alone: meaning was measured to be worse there."""
        name = account.settings.get(ENCODER, "")
        if not name or topic != TOPIC:
            return None
        policy = policy_of(account)
        return Semantic(find_encoder(name), lambda text: language_of(text, "", policy)[0])

    def _load_model(self, account: Account, topic: str, version: int) -> Trained | None:
        with self.storage.unit(reading=True) as u:
            kept = u.models.get(account.id, topic, version) if version else None
        try:
            return (self.semantic(account, topic) or causes).load(kept.body) if kept else None
        except Rejected as error:
            log.error("model.unreadable", account=account.id, version=version, reason=str(error))
            return None

    def account(self, account_id: str) -> Account | None:
        """An account as the webhook path needs it: at most ACCOUNT_CACHE_SECONDS old."""
        known = self._accounts.get(account_id)
        if known and known[0] > time.monotonic():
            return known[1]
        with self.storage.unit(reading=True) as u:
            account = u.accounts.get(account_id)
        if len(self._accounts) > 10_000:
            self._accounts.clear()
        self._accounts[account_id] = (time.monotonic() + ACCOUNT_CACHE_SECONDS, account)
        return account

    def connector(self, account: Account) -> Connector:
        """The connector of an account, kept while the account stays as it is: it holds the token and the budget."""
        with self._lock:
            known = self._connectors.get(account.id)
            if known is None or not _same_connection(known[0], account):
                known = (account, connectors.connect(account, self.clock, pause=self.pause))
                self._connectors[account.id] = known
            return known[1]

    def warm_up(self) -> None:
        """Load packs, detector and calendars of all accounts by reading a made-up ticket: the first real one then takes
        milliseconds, not seconds."""
        with self.storage.unit(reading=True) as u:
            accounts = [a for a in u.accounts.all() if not a.paused]
        for account in accounts:
            try:
                analyse_ticket(_sample(self.clock.now()), self.policy(account), self.clock.now())
            except Exception as error:  # one account that cannot be read must not keep the others cold
                log.error("warm_up.failed", account=account.id, error=place_of(error))

    def workers_alive(self) -> bool:
        return self.runner is None or self.runner.alive

    def web(self, keep: Keep | None = None) -> Flask:
        """The web application; Flask is imported here, so that commands which need no pages start without it."""
        from plugin.web.pages import make_web

        return make_web(self, keep)

    def start(self) -> None:
        """Start the workers and the clock of this process, as the settings say."""
        s, tools = self.settings, self.tools
        if s.workers:
            self.runner = Embedded(tools, s.workers, warm=self.warm_up)
            self.runner.start()
        chores: dict[str, tuple[timedelta, Chore]] = {}
        chores["remind"] = (timedelta(seconds=s.sweep_seconds), lambda: remind(tools))
        if s.reconcile_seconds:
            chores["reconcile"] = (timedelta(seconds=s.reconcile_seconds), lambda: reconcile_all(tools))
        chores["digests"] = (DIGESTS_EVERY, lambda: ring_digests(tools))
        chores["learn"] = (LEARN_EVERY, lambda: ring_learning(tools))
        chores["retain"] = (RETAIN_EVERY, lambda: empty_old_bodies(tools, s.keep_days))
        chores["emerging"] = (EMERGING_EVERY, lambda: ring_emerging(tools))
        self.schedule = Schedule(self.storage, self.clock, chores)
        self.schedule.start()

    def close(self) -> None:
        """Stop the clock, let the workers finish or give back what they hold, close the database."""
        if self.schedule:
            self.schedule.stop()
        if self.runner:
            self.runner.stop()
        self.storage.close()


def _sample(now: datetime) -> Ticket:
    """A few words in no particular language, a number, a date: enough to make everything load."""
    words = "Ola 0123 456 789, 12.03. zx qwe rty uio pas dfg hjk lmn."
    said = tuple(Message(str(n), role, now, words) for n, role in enumerate((Role.CUSTOMER, Role.AGENT)))
    return Ticket("0", Status.OPEN, Person("0"), now, now, messages=said)


def stories_of(account: Account, taxonomy: Taxonomy) -> list[tuple[str, str]]:
    """(cause, text): the stories of the account's languages, the definitions where it has English, and the examples of
    its own causes."""
    told = [story for lang in account.languages for story in load_stories(lang)]
    if "en" in account.languages:
        told += [(kind.key, f"{kind.name}. {kind.definition}") for kind in taxonomy.causes.values()]
    known = load_taxonomy().causes
    return told + [(key, text) for key, kind in taxonomy.causes.items() if key not in known for text in kind.examples]


def _same_connection(one: Account, other: Account) -> bool:
    return (one.host, one.helpdesk, one.credentials, one.own_user_id, one.settings) == (
        other.host, other.helpdesk, other.credentials, other.own_user_id, other.settings,
    )  # fmt: skip


def policy_of(account: Account) -> Policy:
    """How this account's tickets are read: its calendar, languages, region and taxonomy."""
    packs = {lang: languages.load(lang) for lang in account.languages if lang in languages.available()}
    return Policy(
        calendar=open_calendar(account.zone, account.hours, account.holidays, account.region),
        packs=packs,
        marks=load_marks(),
        common=load_common_words(),
        languages=account.languages,
        region=account.region.partition("-")[0],
        follow_up_hours=account.follow_up_hours,
        taxonomy=load_taxonomy(),
    )


def card_of(findings: Findings, taxonomy: Taxonomy | None = None) -> Card | None:
    """The card with the plain names of causes and teams; without a list of causes those of the program."""
    taxonomy = taxonomy or load_taxonomy()
    return make_card(findings, taxonomy.owners, taxonomy.names)


def build(settings: Settings, clock: Clock | None = None) -> House:
    """Open everything. Raises WrongKey, Rejected or Temporary with what to do about it."""
    clock = clock or SystemClock()
    storage = open_storage(settings.database_url, settings.key_list, None, clock=clock)
    return House(settings, clock, storage, timedelta(seconds=settings.quiet_seconds))
