"""The guard decides as its cases say, which were written before it, and stops nobody who may go ahead."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from plugin.domain.findings import BlockedPoint, Evidence, Preference
from plugin.domain.guard import ALLOW, BLOCK, Party, may_contact
from plugin.domain.ticket import Channel
from plugin.languages.purposes import load_purposes

CASES = Path(__file__).with_name("guard_cases.txt")
MONDAY = datetime(2026, 11, 23, tzinfo=UTC)
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass
class Scene:
    name: str
    zone: str = "UTC"
    region: str = ""
    via: dict[str, Channel] = field(default_factory=dict)
    preferences: list[Preference] = field(default_factory=list)
    blocked: list[BlockedPoint] = field(default_factory=list)
    asks: list[list[str]] = field(default_factory=list)

    @property
    def party(self) -> Party:
        via = {f"m{day}": channel for day in range(9) for channel in self.via.values()}
        return Party(ZoneInfo(self.zone), self.region, self.preferences, self.blocked, via, load_purposes())


def read_scenes() -> list[Scene]:
    scenes: list[Scene] = []
    for line in CASES.read_text("utf-8").splitlines():
        if line.startswith("== "):
            scenes.append(Scene(line[3:]))
        elif line and not line.startswith("#"):
            read_line(scenes[-1], shlex.split(line))
    return scenes


def read_line(scene: Scene, words: list[str]) -> None:
    if words[0] == "zone":
        scene.zone = words[1]
    elif words[0] == "region":
        scene.region = words[1]
    elif words[0] == "via":
        scene.via["via"] = Channel(words[1])
    elif words[0] == "!":
        point = "" if words[2] == "-" else words[2]
        scene.blocked.append(BlockedPoint(Channel(words[1]), point, Evidence("m0", "it is dead")))
    elif words[0] == ">":
        scene.asks.append(words[1:])
    else:
        scene.preferences.append(statement(words, len(scene.preferences)))


def statement(words: list[str], number: int) -> Preference:
    facts = dict(w.split("=", 1) for w in words[2:] if re.match(r"(within|lang|purpose|window|day)=", w))
    points = [w for w in words[2:] if not re.match(r"(within|lang|purpose|window|day)=", w)]
    day = int(facts.get("day", 1))
    return Preference(
        key=str(number),
        channel=Channel(words[1]),
        refuse=words[0] == "-",
        evidence=Evidence(f"m{day}", "what the customer said"),
        said_at=datetime(2026, 11, day, 12, tzinfo=UTC),
        point=points[0] if points else "",
        window=facts.get("window", ""),
        within=facts.get("within", ""),
        lang=facts.get("lang", ""),
        purpose=facts.get("purpose", ""),
        withdrawn=words[0] == "~",
        lifts=words[0] == "^",
    )


def decide(scene: Scene, ask: list[str]) -> tuple[str, str, str]:
    channel, point, day, clock, lang, purpose = ("" if w == "-" else w for w in ask[:6])
    hour, minute = clock.split(":")
    at = MONDAY + timedelta(days=DAYS.index(day), hours=int(hour), minutes=int(minute))
    decision = may_contact(scene.party, Channel(channel), point, at.replace(tzinfo=ZoneInfo(scene.zone)), lang, purpose)
    better = decision.better.point or decision.better.channel.value if decision.better else ""
    return decision.verdict, decision.reason, better


ASKED = [(scene, ask) for scene in read_scenes() for ask in scene.asks]


@pytest.mark.parametrize(("scene", "ask"), ASKED, ids=[f"{s.name}: {' '.join(a)}" for s, a in ASKED])
def test_the_guard_decides_as_written(scene: Scene, ask: list[str]) -> None:
    wanted = ask[ask.index("=") + 1 :]
    got = decide(scene, ask)
    assert list(got)[: len(wanted)] == wanted


def test_there_are_four_hundred_cases_and_all_three_decisions_among_them() -> None:
    wanted = [ask[ask.index("=") + 1] for _, ask in ASKED]
    assert len(wanted) >= 400
    assert all(wanted.count(verdict) >= 60 for verdict in ("allow", "warn", "block"))


def test_nobody_is_stopped_who_may_go_ahead() -> None:
    false_stops = [a for s, a in ASKED if a[a.index("=") + 1] == ALLOW and decide(s, a)[0] == BLOCK]
    assert false_stops == []


def test_every_stop_and_warning_shows_the_customers_own_words() -> None:
    scene = next(s for s in read_scenes() if s.name.startswith("the seed story"))
    at = MONDAY + timedelta(hours=9)
    stopped = may_contact(scene.party, Channel.CALL, "+37167212345", at)
    warned = may_contact(scene.party, Channel.EMAIL, "anna@example.com", at)
    assert stopped.quote is not None
    assert stopped.quote.quote == "it is dead"
    assert warned.quote is not None
    assert warned.quote.quote == "what the customer said"
