"""Gather what people confirmed and dismissed of an account's promises, and hand out the second look it teaches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from plugin.domain.corrections import DISMISS, last_words, plain
from plugin.domain.findings import State
from plugin.domain.learned import LONGEST, Trained
from plugin.domain.lessons import QUIET, Answer, Lesson, choose_threshold, is_lopsided
from plugin.domain.second_look import ASK, FOUND, NOTHING, PROMISE, SecondLook
from plugin.ports import Account, Correction, Storage
from plugin.work.tools import Tools

PROMISES = "commitments"

MOST = 5_000
"""The newest corrections that are learned from."""

MOST_QUIET = 300
"""The newest promises that nobody disputed, learned from where mostly dismissals teach."""

MOST_LOOKED_AT = 2_000

ASK_FROM = "ask"
"""Name of the fact that holds the share from which people are asked."""


def second_look(model: Trained | None, account_id: str, storage: Storage) -> SecondLook | None:
    """The second look at an account's promises; None where nothing was learned."""
    if model is None:
        return None

    def is_confirmed(words: str) -> bool:
        with storage.unit(reading=True) as u:
            said = u.corrections.about(account_id, PROMISES, words)
        return bool(said) and said[-1].act != DISMISS

    return SecondLook(model, float(model.facts.get(ASK_FROM, 2.0)), is_confirmed)


def read_disputes(account: Account, tools: Tools) -> list[Lesson]:
    """The last word on each promise, each text once: the newest word about it counts."""
    with tools.storage.unit(reading=True) as u:
        said = u.corrections.all(account.id, PROMISES, MOST)
    by_ticket: dict[str, list[Correction]] = {}
    for correction in said:
        by_ticket.setdefault(correction.ticket_id, []).append(correction)
    words = sorted((w for of_one in by_ticket.values() for w in last_words(of_one)), key=lambda c: c.id)
    told = [Lesson(c.id, c.words[:LONGEST], NOTHING if c.act == DISMISS else PROMISE, FOUND) for c in words]
    return list({plain(x.text): x for x in told if plain(x.text)}.values())


def read_undisputed(account: Account, lessons: Sequence[Lesson], tools: Tools) -> list[Lesson]:
    """Promises that nobody dismissed, in the words they were given in. None where they are not needed."""
    if not is_lopsided(lessons):
        return []
    with tools.storage.unit(reading=True) as u:
        kept = [c for _, _, c in u.ledger.commitments(account.id, limit=MOST_LOOKED_AT)]
    known = {plain(x.text) for x in lessons}
    quotes = {
        plain(c.evidence.quote): c.evidence.quote[:LONGEST]
        for c in sorted(kept, key=lambda c: c.said_at, reverse=True)
        if c.state is not State.DISMISSED and not c.asked
    }
    fit = [words for key, words in quotes.items() if key and key not in known]
    return [Lesson(QUIET, words, PROMISE, FOUND) for words in fit[:MOST_QUIET]]


def when_to_ask(answers: Sequence[Answer]) -> Mapping[str, float]:
    """From which share people are asked: more are right to be asked about than are surely none."""
    return {ASK_FROM: choose_threshold(answers, ASK)}
