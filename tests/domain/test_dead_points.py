"""A point that is itself the reported fault is blocked, in seven languages, and nothing that only sounds like one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from plugin.app import policy_of
from plugin.domain.analysis import analyse_ticket
from plugin.domain.faults import find_blocked
from plugin.domain.findings import BlockedPoint, Findings
from plugin.domain.guard import BLOCK, Party, may_contact
from plugin.domain.ticket import Call, Channel, Message, Person, Point, Role, Status, Ticket
from plugin.languages import load
from plugin.ports import Account

REGIONS = {"en": "GB", "lv": "LV", "de": "DE", "fr": "FR", "es": "ES", "tr": "TR", "ar": "SA"}
AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Row:
    lang: str
    kind: str
    blocked: str
    text: str


def read_rows() -> list[Row]:
    lines = Path(__file__).with_name("dead_points.txt").read_text("utf-8").splitlines()
    return [Row(*(part.strip() for part in line.split("|"))) for line in lines if line and line[0] != "#"]


ROWS = read_rows()
VARIANTS = [row for row in ROWS if row.kind != "miss"]
MISSES = [row for row in ROWS if row.kind == "miss"]


def blocked_in(row: Row) -> list[BlockedPoint]:
    pack = load(row.lang)
    message = Message("m", Role.CUSTOMER, AT, row.text)
    return find_blocked(pack.read(row.text), message, None, pack, REGIONS[row.lang])


def is_right(row: Row, found: list[BlockedPoint]) -> bool:
    channel, point = row.blocked.split(" ", 1)
    if [b.channel.value for b in found] != [channel]:
        return False
    only = found[0]
    named = only.point == point if point != "…" else bool(only.point) and not any(c.isdigit() for c in only.point)
    return named and only.evidence.quote == row.text[only.evidence.start :][: len(only.evidence.quote)]


def test_there_are_thirty_variants_of_every_kind_and_language_and_sixty_near_misses() -> None:
    assert len(VARIANTS) >= 30
    assert len(MISSES) >= 60
    assert {row.kind for row in VARIANTS} == {"line", "mailbox", "login", "app"}
    assert {row.lang for row in VARIANTS} == {row.lang for row in MISSES} == set(REGIONS)


@pytest.mark.parametrize("row", VARIANTS, ids=lambda row: f"{row.lang}-{row.kind}-{row.text[:24]}")
def test_what_is_broken_itself_is_blocked(row: Row) -> None:
    assert is_right(row, blocked_in(row)), blocked_in(row)


@pytest.mark.parametrize("row", MISSES, ids=lambda row: f"{row.lang}-{row.text[:24]}")
def test_what_only_sounds_like_it_blocks_nothing(row: Row) -> None:
    assert blocked_in(row) == []


# --- the seed story --------------------------------------------------------------------------------------------------

HOME, MOBILE = "+37167234567", "+37126123456"

LATVIAN = (
    "Labdien! Mūsu mājas tālrunis {home}kopš svētdienas ir pilnīgi kluss, nav pat toņa. Lūdzu, zvaniet man uz mobilo "
    "{mobile} 30 minūtes pirms meistara ierašanās, jo būšu pie kaimiņiem.",
    "Labdien! Meistars pie jums ieradīsies otrdien no plkst. 10 līdz 12.",
    "Zvanīts uz {home}, neviens neatbildēja.",
    "Visu dienu gaidīju, bet neviens neatnāca un nepiezvanīja.",
)
ENGLISH = (
    "Hello, our home line {home}has been dead since Sunday, there is not even a tone. Please call my mobile {mobile} "
    "30 minutes before the visit, I will be at the neighbours'.",
    "Hello, our engineer will come on Tuesday between 10 and 12.",
    "Called {home}, no answer.",
    "I waited all day, nobody came and nobody called me.",
)


def seed_story(words: tuple[str, ...], lang: str, home: str, profile: tuple[Point, ...] = ()) -> Ticket:
    """The home line is dead, the mobile is given, the company rings the home line before the visit and gives up."""
    first, answer, call, last = (w.format(home=home, mobile="26 123 456") for w in words)
    day = timedelta(days=1)
    said = (
        Message("1", Role.CUSTOMER, AT, first, channel=Channel.EMAIL, locale=lang),
        Message("2", Role.AGENT, AT + timedelta(hours=1), answer, channel=Channel.EMAIL, to=("anna@example.lv",)),
        Message("3", Role.AGENT, AT + day + timedelta(minutes=45), call, public=False, channel=Channel.CALL,
                call=Call(True, "+37160000000", HOME, answered=False)),
        Message("4", Role.CUSTOMER, AT + day + timedelta(hours=6), last, channel=Channel.EMAIL, locale=lang),
    )  # fmt: skip
    person = Person("c", "Anna", lang, "Europe/Riga", profile)
    return Ticket("1", Status.OPEN, person, AT, said[-1].at, messages=said)


def read(ticket: Ticket, lang: str) -> Findings:
    account = Account("lv", "zendesk", "https://lv.zendesk.com", zone="Europe/Riga", region="LV", languages=(lang,))
    return analyse_ticket(ticket, policy_of(account), AT + timedelta(days=2))


SEEDS = pytest.mark.parametrize(("words", "lang"), [(LATVIAN, "lv"), (ENGLISH, "en")], ids=["lv", "en"])
PROFILE = (Point(Channel.CALL, HOME), Point(Channel.CALL, MOBILE, "mobile"), Point(Channel.EMAIL, "anna@example.lv"))
TOLD = pytest.mark.parametrize(("home", "profile"), [("67 234 567 ", ()), ("", PROFILE)], ids=["written", "by-profile"])


@SEEDS
@TOLD
def test_the_seed_story_blocks_the_home_line_with_the_customers_words(
    words: tuple[str, ...], lang: str, home: str, profile: tuple[Point, ...]
) -> None:
    ticket = seed_story(words, lang, home, profile)
    (dead,) = read(ticket, lang).blocked
    assert (dead.channel, dead.point) == (Channel.CALL, HOME)
    assert ticket.messages[0].text[dead.evidence.start :].startswith(dead.evidence.quote)
    assert dead.evidence.message_id == "1"


@SEEDS
@TOLD
def test_the_seed_story_keeps_the_mobile_and_the_half_hour(
    words: tuple[str, ...], lang: str, home: str, profile: tuple[Point, ...]
) -> None:
    (wish,) = read(seed_story(words, lang, home, profile), lang).preferences
    assert (wish.channel, wish.refuse, wish.point) == (Channel.CALL, False, MOBILE)
    assert "30" in wish.window


@SEEDS
@TOLD
def test_ringing_the_dead_line_is_a_breach_and_no_answer_there_proves_nothing(
    words: tuple[str, ...], lang: str, home: str, profile: tuple[Point, ...]
) -> None:
    rows = [r for r in read(seed_story(words, lang, home, profile), lang).adherence if r.message_id == "3"]
    assert [(r.verdict, r.why) for r in rows] == [("breached", "blocked_point"), ("breached", "false_no_contact")]
    assert all(r.point == HOME and r.contact and r.preference for r in rows)


@SEEDS
@TOLD
def test_the_guard_stops_the_call_to_the_dead_line_and_names_the_mobile(
    words: tuple[str, ...], lang: str, home: str, profile: tuple[Point, ...]
) -> None:
    found = read(seed_story(words, lang, home, profile), lang)
    party = Party(policy_of(Account("x", "zendesk", "", zone="Europe/Riga")).calendar.zone, "LV", found.preferences,
                  found.blocked)  # fmt: skip
    stop = may_contact(party, Channel.CALL, "67 234 567", AT + timedelta(days=1))
    assert (stop.verdict, stop.reason) == (BLOCK, "blocked_point")
    assert stop.better is not None
    assert stop.better.point == MOBILE


def test_a_line_that_works_again_is_blocked_no_more() -> None:
    ticket = seed_story(ENGLISH, "en", "67 234 567 ")
    fixed = Message("5", Role.AGENT, ticket.updated_at + timedelta(hours=1), "The line 67 234 567 works again.")
    mended = Ticket("1", Status.OPEN, ticket.requester, AT, fixed.at, messages=(*ticket.messages, fixed))
    assert read(mended, "en").blocked == ()


def test_a_message_inside_an_account_that_is_locked_reaches_nobody() -> None:
    row = next(row for row in VARIANTS if row.kind == "login")
    party = Party(AT.tzinfo, "GB", (), blocked_in(row))  # type: ignore[arg-type] # UTC is a zone like any other
    assert may_contact(party, Channel.OTHER, "", AT).verdict == BLOCK
    assert may_contact(party, Channel.EMAIL, "pat@example.org", AT).verdict != BLOCK
