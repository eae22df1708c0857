"""Learn from what people corrected, causes and promises alike, and use it only where it does better than before."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import structlog

from plugin.domain.analysis import MOST_TEXT, Policy, language_of
from plugin.domain.calm import calm
from plugin.domain.causes import tag_cause
from plugin.domain.corrections import CONFIRM, CORRECT, last_words, plain
from plugin.domain.learned import Trained, text_of
from plugin.domain.lessons import QUIET, STORY, TAGS, Aim, Answer, Lesson, compare, is_lopsided
from plugin.domain.phrases import Pack, Read
from plugin.domain.reading import own_words
from plugin.domain.second_look import VETO
from plugin.domain.taxonomy import Taxonomy
from plugin.domain.ticket import Message, Role
from plugin.ports import Account, Correction, Job, Rejected, Temporary, Unit
from plugin.work.learn_promises import PROMISES, read_disputes, read_undisputed, when_to_ask
from plugin.work.tools import Tools

log = structlog.get_logger()

KIND = "learn"
TOPIC = "causes"

FIRST = datetime.min.replace(tzinfo=UTC)
"""When a text was said that is read alone: it decides nothing."""

FEWEST = 10
"""Different corrected texts below which nothing is learned."""

MOST = 5_000
"""The newest corrections that are learned from: a bound on time and memory."""

MOST_FETCHED = 100
"""Tickets that are asked for anew in one run, because their correction quotes no words (the cause was unsure)."""

QUIET_FOR = timedelta(days=180)
"""How far back tickets that nobody corrected are learned from."""

MOST_QUIET = 15
"""Of them, for each cause."""

KEEP = 5
"""Versions that are kept, the one in use among them."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a run: `used` is the new version, 0 where the present one stays for the reason `why`."""

    why: str
    used: int = 0
    figures: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """Something that is learned: where its texts come from, and how sure the result must be."""

    lessons: Callable[[Account, Tools], list[Lesson]]
    stories: Callable[[Account, Tools], list[Lesson]]
    quiet: Callable[[Account, Sequence[Lesson], Tools], list[Lesson]]
    aim: Aim
    more: Callable[[Sequence[Answer]], Mapping[str, float]] = lambda _: {}


def subjects() -> Mapping[str, Subject]:
    """By the topic of the corrections."""
    return {
        TOPIC: Subject(read_lessons, read_stories, read_quiet, TAGS),
        PROMISES: Subject(read_disputes, lambda *_: [], read_undisputed, VETO, when_to_ask),
    }


def ring_learning(tools: Tools) -> int:
    """Queue a learning job for each account and topic that people corrected since the last; returns how many were
    added."""
    now = tools.clock.now()
    with tools.storage.unit() as u:
        pairs = [(a, topic) for a in u.accounts.all() if not a.paused for topic in subjects()]
        fresh = [(a, topic) for a, topic in pairs if _newest(u, a, topic) > int(_heard(u, a, topic) or 0)]
        return sum(u.queue.put(a.id, KIND, f"{KIND}:{topic}", now) for a, topic in fresh)


def _newest(u: Unit, account: Account, topic: str) -> int:
    return max((c.id for c in u.corrections.all(account.id, topic, 1)), default=0)


def _heard(u: Unit, account: Account, topic: str) -> str:
    """Number of the newest correction that a learning job has looked at."""
    return u.history.cursor(account.id, f"learned_{topic}")


def learn_job(job: Job, account: Account, tools: Tools) -> None:
    """A run of the queue. What cannot be learned is no failure: it is said in the log, and the phrases go on."""
    topic = job.lane.partition(":")[2]

    def go_on() -> None:
        with tools.storage.unit() as u:
            u.queue.renew(job, tools.clock.now(), tools.limits.lease)

    try:
        why = learn(account, tools, topic, go_on=go_on).why
    except Rejected as error:
        why = str(error)
    with tools.storage.unit() as u:
        _look_at(u, account, topic, tools)
        u.queue.done(job, tools.clock.now())
    log.info("learn.done", account=account.id, topic=topic, outcome=why)


def learn_by_hand(account: Account, tools: Tools, topic: str = TOPIC, *, dry_run: bool = False) -> Outcome:
    """`learn`, and the corrections count as looked at."""
    outcome = learn(account, tools, topic, dry_run=dry_run)
    if not dry_run:
        with tools.storage.unit() as u:
            _look_at(u, account, topic, tools)
    return outcome


def _look_at(u: Unit, account: Account, topic: str, tools: Tools) -> None:
    u.history.set_cursor(account.id, f"learned_{topic}", str(_newest(u, account, topic)), tools.clock.now())


def learn(
    account: Account, tools: Tools, topic: str = TOPIC, *, dry_run: bool = False,
    go_on: Callable[[], None] = lambda: None,
) -> Outcome:  # fmt: skip
    """Train on the account's corrections, compare, and use the result if it is better. Rejected without scikit-learn.
    With `dry_run` nothing is stored."""
    learner, subject = tools.learner_of(account, topic), subjects()[topic]
    if learner is None:
        raise Rejected("this house has no learner")
    lessons = subject.lessons(account, tools)
    if len(lessons) < FEWEST:
        return Outcome(f"{len(lessons)} different corrected texts; learning begins with {FEWEST}")
    try:
        present = present_model(account, tools, topic)
    except Rejected:  # what cannot be read is in nobody's way
        present = None
    go_on()
    stories, quiet = subject.stories(account, tools), subject.quiet(account, lessons, tools)
    made, figures = compare(lessons, stories, learner, present, go_on, quiet, subject.aim, subject.more)
    if not figures["better"]:
        return Outcome("it would do no better than what is in use", figures=figures)
    if dry_run:
        return Outcome("it would be used", figures=figures)
    body, now = learner.dump(made), tools.clock.now()
    with tools.storage.unit() as u:
        version = u.models.add(account.id, topic, body, json.dumps(figures), now, KEEP)
    return Outcome("it is used from now on", version, figures)


def present_model(account: Account, tools: Tools, topic: str = TOPIC) -> Trained | None:
    """The model in use; None for none."""
    learner = tools.learner_of(account, topic)
    with tools.storage.unit(reading=True) as u:
        version = u.models.version(account.id, topic)
        kept = u.models.get(account.id, topic, version) if version else None
    return learner.load(kept.body) if kept and learner else None


# --- what is learned from --------------------------------------------------------------------------------------------


def read_lessons(account: Account, tools: Tools) -> list[Lesson]:
    """The last word on each ticket's cause, each text once: the newest word about it counts."""
    with tools.storage.unit(reading=True) as u:
        said = u.corrections.all(account.id, TOPIC, MOST)
    by_ticket: dict[str, list[Correction]] = {}
    for correction in said:
        by_ticket.setdefault(correction.ticket_id, []).append(correction)
    words = sorted((w for of_one in by_ticket.values() for w in last_words(of_one)), key=lambda c: c.id)
    policy, taxonomy = tools.policy(account), tools.taxonomy(account)
    lessons: dict[str, Lesson] = {}
    wordless = [c.id for c in words if not plain(c.words)][-MOST_FETCHED:]
    for correction in words:
        label = taxonomy.now({CONFIRM: correction.key, CORRECT: correction.value}.get(correction.act, ""))
        if label not in taxonomy.causes:
            continue
        texts = [correction.words] if plain(correction.words) else []
        if correction.id in wordless:
            texts = _fetch(account, correction.ticket_id, tools, policy)
        lesson = lesson_of(correction.id, texts, label, policy, taxonomy)
        if lesson is not None:
            lessons[plain(lesson.text)] = lesson
    return list(lessons.values())


def _fetch(account: Account, ticket_id: str, tools: Tools, policy: Policy) -> list[str]:
    """The customer's own words on a ticket; none where the helpdesk does not show it now."""
    try:
        ticket = tools.connect(account).fetch_ticket(ticket_id)
    except (Rejected, Temporary):
        return []
    said = [own_words(m.text[:MOST_TEXT], policy.marks) for m in ticket.said_by(Role.CUSTOMER)]
    return [*said[:1], *said[1:][-1:]]


def read_stories(account: Account, tools: Tools) -> list[Lesson]:
    """Our own stories: what the other causes sound like."""
    policy, taxonomy = tools.policy(account), tools.taxonomy(account)
    told = (lesson_of(STORY, [text], taxonomy.now(cause), policy, taxonomy) for cause, text in tools.stories(account))
    return [lesson for lesson in told if lesson and lesson.label in taxonomy.causes]


def read_quiet(account: Account, lessons: Sequence[Lesson], tools: Tools) -> list[Lesson]:
    """Words of tickets that nobody corrected, where the phrases alone say what stands there: how this account's
    customers speak of everything else. None where they are not needed."""
    if not is_lopsided(lessons):
        return []
    policy, taxonomy, now = tools.policy(account), tools.taxonomy(account), tools.clock.now()
    with tools.storage.unit(reading=True) as u:
        said = {c.ticket_id for c in u.corrections.all(account.id, TOPIC)}
        kept = {key: u.figures.quotes(account.id, now - QUIET_FOR, now, key) for key in taxonomy.causes}
    known = {plain(lesson.text) for lesson in lessons}
    quiet: dict[str, Lesson] = {}
    for key, quotes in kept.items():
        told = (lesson_of(QUIET, [q.quote], key, policy, taxonomy) for q in quotes if q.ticket_id not in said)
        fit = (x for x in told if x and x.found.key == key and plain(x.text) not in known)
        quiet |= {plain(x.text): x for x in islice(fit, MOST_QUIET)}
    return list(quiet.values())


def lesson_of(number: int, texts: Sequence[str], label: str, policy: Policy, taxonomy: Taxonomy) -> Lesson | None:
    """A customer's messages (oldest first) with a cause, as they are learned from; None where no word can be read."""
    said = _read(texts, policy)
    if not said:
        return None
    found = tag_cause(said, (), (), (), taxonomy)[0]
    text = text_of([calm(read, pack) for _, read, pack in said])
    return Lesson(number, text, label, found) if plain(text) else None


def _read(texts: Sequence[str], policy: Policy) -> list[tuple[Message, Read, Pack]]:
    said = []
    for at, text in enumerate(texts):
        lang, _ = language_of(text, "", policy)
        pack = policy.packs.get(lang)
        if pack is not None:
            said.append((Message(str(at), Role.CUSTOMER, FIRST, text), pack.read(text), pack))
    return said
