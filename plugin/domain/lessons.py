"""Hold what was learned against what is in use, on texts that neither has seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from math import exp, log
from typing import Any

from plugin.domain.findings import UNSURE, Cause
from plugin.domain.learned import KNOWN_FROM_FACTS, REPLACES, Learner, Trained, needed

FOLDS = 5

STORY, QUIET = 0, -1
"""Numbers of lessons that no person gave: a story of ours, and a ticket of the account that nobody corrected."""

TRUST = 3.0
"""How much more a correction weighs than a story of ours."""

STORIES_TELL = 0.25
"""What all stories together weigh beside the corrections when the threshold is chosen: their authors are not the
account's customers, and the phrases look better on them than on anybody else's words, having learned from them."""

LOPSIDED = 0.5
"""Share of the corrections that name one cause from which tickets that nobody corrected are learned from too. Fifty
corrections of one cause of Banking77's bank made everything that speaks of cards this cause (F1 0.00 to 0.35, five
others fell); beside 300 such tickets 0.00 became 0.80 and none fell. Where corrections name many causes they tell
each other apart, and the tickets, wrong half the time there, only held them back."""

CAREFUL, NEARLY = 0.9, 0.7
"""A threshold from which the model is right so often is taken where it gains this share of what the best one gains:
others then lose less (of nine weak causes three lost others more than 2 points without it, one with it)."""

PRECISION = 0.6
"""Share of the model's own tags, where it says otherwise than the phrases, that must be right on unseen corrections."""

LEAST = 2
"""Texts that must be gained: one may be chance."""

SHOWN = 2
"""Corrections that must show, unseen, that the model is right where the phrases name a cause before it may overrule
that cause. What people never corrected it leaves alone, however sure it is: a cause with few tickets gives no warning
before it is spoiled."""

LOSS = 0.02
"""How much of what was right for one cause may be lost while the whole gains; one text is always allowed."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """A text with the cause that people named for it, and what the phrases alone make of it."""

    number: int
    """Of the correction; STORY or QUIET where there was none."""
    text: str
    label: str
    found: Cause

    @property
    def fold(self) -> int:
        """Always the same for the same words, so that no text is learned from and measured with at once."""
        return blake2b(self.text.encode(), digest_size=4).digest()[0] % FOLDS


@dataclass(frozen=True, slots=True)
class Aim:
    """What a model must reach on what it has not seen: the share of its own tags that are right, and texts gained."""

    precision: float = PRECISION
    least: int = LEAST
    needed: Callable[[str], float] = lambda _: 0.0
    """The least share of an answer where the phrases found this."""


TAGS = Aim(needed=needed)
"""For causes."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model said about a lesson that it had not seen."""

    lesson: Lesson
    key: str
    share: float


def compare(
    lessons: Sequence[Lesson], stories: Sequence[Lesson], learner: Learner, present: Trained | None,
    go_on: Callable[[], None] = lambda: None, quiet: Sequence[Lesson] = (),
    aim: Aim = TAGS, more: Callable[[Sequence[Answer]], Mapping[str, float]] = lambda _: {},
) -> tuple[Trained, dict[str, Any]]:  # fmt: skip
    """(a model of everything, how it does on corrections it has not seen). The present one is measured the same way: a
    twin of it is trained on what it had learned from, and asked about what the twin has not seen. `quiet` are tickets
    that nobody corrected, with what the phrases say of them; `aim` is what the model must reach, and `more` makes
    further facts of its answers."""
    if is_lopsided(lessons):
        stories = [*stories, *quiet]
    answers = ask_unseen(lessons, stories, learner, go_on)
    heat = _heat(answers)
    taught = {label for label, n in Counter(x.label for x in lessons).items() if n >= 2}
    shares = [_answer(lesson, scores, heat) for lesson, scores in answers]
    mine = [a if a.key in taught else Answer(a.lesson, "", 0.0) for a in shares]
    replaces = replaceable(mine)
    mine = _where_allowed(mine, replaces, aim)
    threshold = choose_threshold(mine, aim)
    before = _present_answers(lessons, stories, learner, present, go_on, aim)
    now = {a.lesson.number: _joined(a, threshold) for a in mine if a.lesson.number > 0}
    figures = _figures(lessons, before, now, aim.least) | {"threshold": round(threshold, 4)}
    go_on()
    everything = [*lessons, *stories]
    made = learner.train([x.text for x in everything], [x.label for x in everything], _trust(everything))
    facts = {"last": max(x.number for x in lessons), "heat": heat, REPLACES: sorted(replaces), **more(mine)}
    return made.adjusted(heat, threshold, taught, facts), figures


def replaceable(answers: Sequence[Answer]) -> frozenset[str]:
    """What the phrases may name and the model still be followed: nothing at all, and what it was shown to put right."""
    told = (a for a in answers if a.lesson.number > 0 and a.key == a.lesson.label != a.lesson.found.key)
    shown = Counter(a.lesson.found.key for a in told)
    return frozenset({UNSURE.key, *(key for key, number in shown.items() if number >= SHOWN)})


def _where_allowed(answers: Sequence[Answer], replaces: Collection[str], aim: Aim) -> list[Answer]:
    """The answers, silent where the phrases name what may not be overruled, or only by a surer one."""

    def is_allowed(answer: Answer) -> bool:
        found = answer.lesson.found.key
        return found in replaces and answer.share >= aim.needed(found)

    return [a if is_allowed(a) else Answer(a.lesson, "", 0.0) for a in answers]


def is_lopsided(lessons: Sequence[Lesson]) -> bool:
    """Do they name one cause mostly?"""
    counts = Counter(x.label for x in lessons)
    return bool(counts) and max(counts.values()) >= LOPSIDED * len(lessons)


def ask_unseen(
    lessons: Sequence[Lesson], stories: Sequence[Lesson], learner: Learner, go_on: Callable[[], None],
    known: int | None = None,
) -> list[tuple[Lesson, Mapping[str, float]]]:  # fmt: skip
    """Each text with the scores of a model that was trained without it; with `known` on corrections up to that one."""
    answers = []
    everything = [*lessons, *stories]
    for fold in range(FOLDS):
        go_on()
        seen = [x for x in everything if x.fold != fold and (known is None or x.number <= known)]
        unseen = [x for x in everything if x.fold == fold]
        if len({x.label for x in seen}) < 2:
            continue  # too little in this fold to tell anything apart
        model = learner.train([x.text for x in seen], [x.label for x in seen], _trust(seen))
        answers += [(x, model.scores(x.text)) for x in unseen]
    return answers


def _trust(lessons: Sequence[Lesson]) -> list[float]:
    return [TRUST if x.number > 0 else 1.0 for x in lessons]


def _shares(scores: Mapping[str, float], heat: float) -> dict[str, float]:
    most = max(scores.values())
    parts = {key: exp(heat * (score - most)) for key, score in scores.items()}
    whole = sum(parts.values())
    return {key: part / whole for key, part in parts.items()}


def _heat(answers: Sequence[tuple[Lesson, Mapping[str, float]]]) -> float:
    """How strongly scores become shares, so that a share of 0.8 is right about eight times in ten."""

    def surprise(heat: float) -> float:
        told = (_shares(scores, heat).get(lesson.label, 0.0) for lesson, scores in answers)
        return -sum(log(max(share, 1e-6)) for share in told)

    return min((0.5, 0.7, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0), key=surprise)


def _answer(lesson: Lesson, scores: Mapping[str, float], heat: float) -> Answer:
    shares = _shares(scores, heat)
    key = max(shares, key=lambda k: shares[k])
    return Answer(lesson, key, shares[key])


def _joined(answer: Answer, threshold: float) -> str:
    """What would be tagged: as `domain.learned.follow` decides."""
    found = answer.lesson.found.key
    return answer.key if answer.share >= threshold and found not in KNOWN_FROM_FACTS else found


def choose_threshold(answers: Sequence[Answer], aim: Aim = TAGS) -> float:
    """The share from which following the model gains most on what it had not seen, is right often enough, and spoils
    no cause; above 1 where there is none. A share from which it is right CAREFUL often is taken instead where it gains
    nearly as much. Tickets that nobody corrected count together as much as the corrections, and stories less: both tell
    what it must not spoil."""
    weights, counts = _weights(answers), Counter(a.lesson.label for a in answers if a.lesson.number > 0)
    lost: Counter[str] = Counter()
    best, careful = (2.0, aim.least - 0.5), (2.0, aim.least - 0.5)
    gain, right, told = 0.0, 0.0, 0.0
    differing = [a for a in answers if a.key and _joined(a, 0.0) == a.key != a.lesson.found.key]
    for answer in sorted(differing, key=lambda a: -a.share):
        label, weight = answer.lesson.label, weights[answer.lesson.number]
        now, before = answer.key == label, answer.lesson.found.key == label
        told, right, gain = told + weight, right + weight * now, gain + weight * (now - before)
        if answer.lesson.number > 0:
            lost[label] += before - now
        if any(is_spoiled(lost[key], counts[key]) for key in lost):
            continue
        if gain > best[1] and right >= aim.precision * told:
            best = answer.share, gain
        if gain > careful[1] and right >= max(CAREFUL, aim.precision) * told:
            careful = answer.share, gain
    return careful[0] if careful[0] <= 1 and careful[1] >= NEARLY * best[1] else best[0]


def _weights(answers: Sequence[Answer]) -> dict[int, float]:
    """What one answer counts, by the number of its lesson."""
    of = Counter(min(a.lesson.number, 1) for a in answers)
    one_quiet, one_story = (
        min(1.0, share * of[1] / max(1, of[n])) for n, share in ((QUIET, 1.0), (STORY, STORIES_TELL))
    )
    return {a.lesson.number: 1.0 for a in answers} | {QUIET: one_quiet, STORY: one_story}


def is_spoiled(lost: int, texts: int) -> bool:
    """Are so many fewer of a cause's corrections right that the whole may gain no more?"""
    return lost > max(1.0, LOSS * texts)


def _present_answers(
    lessons: Sequence[Lesson], stories: Sequence[Lesson], learner: Learner, present: Trained | None,
    go_on: Callable[[], None], aim: Aim,
) -> dict[int, str]:  # fmt: skip
    if present is None or present.threshold > 1:
        return {x.number: x.found.key for x in lessons}
    heat, last = float(present.facts["heat"]), int(present.facts["last"])
    answers = [_answer(x, scores, heat) for x, scores in ask_unseen(lessons, stories, learner, go_on, last)]
    if REPLACES in present.facts:
        answers = _where_allowed(answers, present.facts[REPLACES], aim)
    told = {a.lesson.number: _joined(a, present.threshold) for a in answers if a.lesson.number > 0}
    return {x.number: told.get(x.number, x.found.key) for x in lessons}


def _figures(
    lessons: Sequence[Lesson], before: Mapping[int, str], now: Mapping[int, str], least: int
) -> dict[str, Any]:
    """Numbers only: how many texts of each cause were right before, and would be now."""
    causes: dict[str, list[int]] = {}
    for x in lessons:
        row = causes.setdefault(x.label, [0, 0, 0])
        row[0] += 1
        row[1] += before.get(x.number, x.found.key) == x.label
        row[2] += now.get(x.number, x.found.key) == x.label
    was, is_now = (sum(row[at] for row in causes.values()) for at in (1, 2))
    spoiled = [key for key, (n, old, new) in causes.items() if is_spoiled(old - new, n)]
    better = is_now >= was + least and not spoiled
    return {"texts": len(lessons), "right_before": was, "right_now": is_now, "better": better, "causes": causes}
