"""Read stories: ticket histories as data, with what should be found in them written beside them.

A story is a TOML file in `stories/<language>/`; `stories/accounts.toml` holds the accounts they play in.

    title, industry, account, lang, monday (a date: day 0), start ("+0d 09:10"); `also`: further accounts it plays in,
    of another helpdesk
    [customer]   name, email, phone, numbers, locale, zone
    [[steps]]    at, do (a deed of deeds.Deeds, or "wait"), and the deed's own words; `as` names its comment or ticket
    [expected]   cause, journey, flags, effort, unsupported, card, notes, as_of
    [[expected.commitments]] step, quote, kind, due, assumed, conditional, state
    [[expected.preferences]] step, channel, polarity, point, window, lang, purpose, quote
    [[expected.blocked]] step, channel, point          [[expected.breaches]] step, why

Moments are "+2d 09:30" (that wall time, two days after `monday`, in the account's zone) or "+45m" / "+3h" after the
step before. Steps are counted from 1. Expected values follow the project's definitions and were written by reading.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from plugin.sandbox.account import Setup
from plugin.sandbox.deeds import ACTIONS
from plugin.sandbox.freshdesk.deeds import FRESH_ACTIONS

STORIES = Path(__file__).parent / "stories"

_WALL = re.compile(r"\+(\d+)d (\d\d):(\d\d)")
_SPAN = re.compile(r"\+(\d+)([mh])")


@dataclass(frozen=True, slots=True)
class Step:
    """One deed at one moment. `words` are the deed's arguments; `name` is what later steps call its result."""

    number: int
    at: datetime
    do: str
    words: dict[str, Any] = field(default_factory=dict)
    name: str = ""


@dataclass(frozen=True, slots=True)
class Promise:
    """An expected commitment. `due`: aware, or None where no time is named. `assumed`: nobody said when, and the
    account's follow-up time counts; no due time is compared then. `unseen`: the helpdesk cannot show how it ended, so
    "unverifiable" is right as well."""

    step: int
    quote: str
    kind: str
    due: datetime | None
    state: str
    assumed: bool = False
    conditional: bool = False
    unseen: bool = False


@dataclass(frozen=True, slots=True)
class Wish:
    """An expected contact preference."""

    step: int
    channel: str
    polarity: str
    quote: str
    point: str = ""
    window: str = ""
    lang: str = ""
    purpose: str = ""


@dataclass(frozen=True, slots=True)
class Expected:
    """What should be found when the story is over, at `as_of`.

    `journey`: empty is not compared, since it can be read in two ways. `effort`: counts by signal; only those named
    are compared, and `transfer` counts moves from one team to another, not the first assignment. `flags`: all that are
    present. `card`: fragments that stand in the newest note. `notes`: (fewest, most) notes of ours on the ticket;
    (0, 0) means that it deserves no card. `unsupported`: languages that must be named as not supported."""

    as_of: datetime
    cause: str
    journey: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    effort: dict[str, int] = field(default_factory=dict)
    unsupported: tuple[str, ...] = ()
    card: tuple[str, ...] = ()
    notes: tuple[int, int] = (0, 0)
    commitments: tuple[Promise, ...] = ()
    preferences: tuple[Wish, ...] = ()
    blocked: tuple[tuple[int, str, str], ...] = ()
    """(step, channel, point in the customer's words)"""
    breaches: tuple[tuple[int, str], ...] = ()
    """(step, why)"""


@dataclass(frozen=True, slots=True)
class Story:
    """One ticket's history, ready to be played in one account. `id` is the file's name, with "@account" behind it where
    the account is not the story's first."""

    id: str
    title: str
    industry: str
    lang: str
    setup: Setup
    customer: dict[str, Any]
    steps: tuple[Step, ...]
    expected: Expected


def load_setups(folder: Path = STORIES) -> dict[str, Setup]:
    """The accounts of the stories by key."""
    raw = tomllib.loads((folder / "accounts.toml").read_text(encoding="utf-8"))
    return {key: Setup(key, **_tuples(value)) for key, value in raw.items()}


def load_stories(
    folder: Path = STORIES, setups: dict[str, Setup] | None = None, *, everywhere: bool = False
) -> list[Story]:
    """All stories, by file name, in their first account or `everywhere` they play. Raises ValueError that names the
    file and what is wrong with it."""
    known = setups or load_setups(folder)
    stories = []
    for path in sorted(folder.glob("*/*.toml")):
        try:
            raw = tomllib.loads(path.read_text(encoding="utf-8"))
            stories.append(read_story(path.stem, raw, known))
            also = raw.get("also", []) if everywhere else []
            stories += [read_story(f"{path.stem}@{key}", {**raw, "account": key}, known) for key in also]
        except (ValueError, KeyError, TypeError) as wrong:
            raise ValueError(f"{path.parent.name}/{path.name}: {type(wrong).__name__}: {wrong}") from wrong
    return stories


def read_story(name: str, raw: dict[str, Any], setups: dict[str, Setup]) -> Story:
    """A story from its TOML."""
    setup = setups[raw["account"]]
    monday, zone = raw["monday"], ZoneInfo(setup.zone)
    steps: list[Step] = []
    for number, given in enumerate(raw["steps"], 1):
        words = dict(given)
        at = moment(words.pop("at"), monday, zone, steps[-1].at if steps else None)
        if steps and at < steps[-1].at:
            raise ValueError(f"step {number} goes back in time")
        steps.append(Step(number, at, _deed(words.pop("do"), setup.helpdesk), words, words.pop("as", "")))
    expected = _expected(dict(raw["expected"]), monday, zone, steps)
    if setup.helpdesk == "freshdesk":
        expected = on_freshdesk(expected, steps)
    customer = {"locale": raw["lang"], "zone": setup.zone, **raw["customer"]}
    return Story(name, raw["title"], raw["industry"], raw["lang"], setup, customer, tuple(steps), expected)


def moment(text: str, monday: date, zone: ZoneInfo, before: datetime | None = None) -> datetime:
    """ "+2d 09:30" or "+45m"; ValueError for anything else."""
    if found := _WALL.fullmatch(text):
        day = monday + timedelta(days=int(found[1]))
        return datetime.combine(day, time(int(found[2]), int(found[3])), zone)
    if (found := _SPAN.fullmatch(text)) and before is not None:
        span = timedelta(minutes=int(found[1]) * (60 if found[2] == "h" else 1))
        return (before.astimezone(ZoneInfo("UTC")) + span).astimezone(zone)
    raise ValueError(f"{text!r} is no moment")


def on_freshdesk(expected: Expected, steps: list[Step]) -> Expected:
    """What Freshdesk can show of it: calls are invisible, so that a promised one cannot be verified and a wrong one not
    seen; neither does its API tell who had a ticket before; our card lives in one place instead of coming anew."""
    promises = tuple(replace(p, unseen=p.kind == "call") for p in expected.commitments)
    breaches = tuple((step, why) for step, why in expected.breaches if steps[step - 1].do != "call")
    notes = (min(expected.notes[0], 1), min(expected.notes[1], 1))
    effort = {kind: count for kind, count in expected.effort.items() if kind != "transfer"}
    return replace(expected, commitments=promises, breaches=breaches, notes=notes, effort=effort)


def _deed(name: str, helpdesk: str) -> str:
    if name not in ("wait", *(FRESH_ACTIONS if helpdesk == "freshdesk" else ACTIONS)):
        raise ValueError(f"no deed is called {name} on {helpdesk}")
    return name


def _expected(raw: dict[str, Any], monday: date, zone: ZoneInfo, steps: list[Step]) -> Expected:
    promises = tuple(_promise(dict(p), monday, zone, steps) for p in raw.pop("commitments", []))
    wishes = tuple(Wish(**wish) for wish in raw.pop("preferences", []))
    for step, quote in [(p.step, p.quote) for p in promises] + [(w.step, w.quote) for w in wishes]:
        if quote not in steps[step - 1].words.get("text", ""):
            raise ValueError(f"step {step} does not say {quote!r}")
    blocked = tuple((b["step"], b["channel"], b["point"]) for b in raw.pop("blocked", []))
    breaches = tuple((b["step"], b["why"]) for b in raw.pop("breaches", []))
    as_of = moment(raw.pop("as_of"), monday, zone, steps[-1].at)
    return Expected(as_of, commitments=promises, preferences=wishes, blocked=blocked, breaches=breaches, **_tuples(raw))


def _promise(raw: dict[str, Any], monday: date, zone: ZoneInfo, steps: list[Step]) -> Promise:
    due = raw.pop("due", "")
    after = steps[raw["step"] - 1].at
    return Promise(due=moment(due, monday, zone, after) if due else None, **raw)


def _tuples(raw: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in raw.items()}
