"""The Freshdesk connector against the sandbox's Freshdesk: over real sockets, with its faults and its limits."""

from __future__ import annotations

import threading
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter

from plugin.connectors import connect, prepare
from plugin.connectors.checks import OUR_TAG
from plugin.connectors.freshdesk.digest import tag_of
from plugin.domain.ticket import Channel, Person, Role, Status, Ticket
from plugin.ports import Account, Changes, Connector, DigestNote, Disconnected, Rejected, Temporary
from plugin.sandbox import FreshAccount, MovedClock, Setup, open_sandbox
from plugin.sandbox.faults import Fault
from plugin.sandbox.freshdesk.changes import set_summary

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
V1, V2 = "0123456789abcdef", "fedcba9876543210"


@dataclass
class Desk:
    """One account of the sandbox, our line to it, and a ticket."""

    there: FreshAccount
    clock: MovedClock
    account: Account
    line: Connector
    ticket: int = 0

    def write(self, changes: Changes) -> None:
        self.line.write(self.seen(), changes)

    def seen(self) -> Ticket:
        """The ticket as far as a write needs it."""
        return Ticket(str(self.ticket), Status.OPEN, Person(""), NOON, NOON)

    def cards(self) -> list[str]:
        return [row["html_body"] for row in self.there.notes(self.ticket)]

    def fail(self, kind: str, methods: tuple[str, ...], path: str = "", times: int = 1, **more: Any) -> None:
        self.there.faults.order(Fault(kind, times, methods, path, **more))


def open_desk(clock: MovedClock, **settings: Any) -> Iterator[Desk]:
    with open_sandbox(clock, setup=Setup("fresh", helpdesk="freshdesk", zone="Europe/Riga", settings=settings)) as box:
        there = box.freshdesk
        account = Account(
            "fresh", "freshdesk", there.url, own_user_id=str(there.integration.id), credentials=there.credentials()
        )
        line = connect(account, clock, pause=lambda s: clock.advance(timedelta(seconds=s)))
        ana = there.do.customer("Ana Berg", "ana@example.org", "+371 6722 2333", mobile="+371 2000 0000", locale="lv")
        yield Desk(there, clock, account, line, there.do.customer_writes(ana, "Where is it?", subject="Parcel"))


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock(NOON)


@pytest.fixture
def desk(clock: MovedClock) -> Iterator[Desk]:
    yield from open_desk(clock)


@pytest.fixture
def poor_desk(clock: MovedClock) -> Iterator[Desk]:
    """A plan without summaries."""
    yield from open_desk(clock, plan="growth", summaries=False, generation="old", header_case="x-ratelimit")


# --- reading ---------------------------------------------------------------------------------------------------------


def test_everything_that_happened_on_a_ticket_is_read(desk: Desk) -> None:
    do, ticket = desk.there.do, desk.ticket
    do.bot_replies(ticket, "We got your mail.")
    desk.clock.advance(timedelta(minutes=5))
    do.agent_replies(ticket, "We will send it on Friday.", tags=["vip"])
    do.agent_notes(ticket, "Depot says it left.")
    desk.clock.advance(timedelta(minutes=5))
    do.reply_bounces(ticket, "It is on its way.")
    do.rate(ticket, 103, "Great")
    desk.write(Changes(V1, f"<b>Late</b> <code>card {V1}</code>"))
    do.transfer(ticket, group="Parcels")
    found = desk.line.fetch_ticket(str(ticket))
    assert [m.role for m in found.messages] == [
        Role.CUSTOMER, Role.BOT, Role.AGENT, Role.AGENT, Role.AGENT, Role.SYSTEM,
    ]  # fmt: skip
    assert [m.public for m in found.messages] == [True, True, True, False, False, True]
    assert found.group_name == "Parcels"
    assert found.requester.name == "Ana Berg"
    assert found.requester.zone == "Europe/Riga"
    assert found.channel is Channel.EMAIL
    assert "vip" in found.tags


def test_a_ticket_of_many_turns_is_read_whole(desk: Desk) -> None:
    ana = desk.there.do.customer("Ana Berg", "ana@example.org")
    for n in range(120):
        desk.there.do.customer_writes(ana, f"turn {n}", ticket=desk.ticket)
    texts = [m.text for m in desk.line.fetch_ticket(str(desk.ticket)).messages]
    assert texts[1:] == [f"turn {n}" for n in range(120)]


@pytest.mark.parametrize("answer", ["shown", "404", "403"])
def test_a_deleted_ticket_is_one_whatever_freshdesk_answers(clock: MovedClock, answer: str) -> None:
    for desk in open_desk(clock, deleted_answer=answer):
        desk.there.do.delete(desk.ticket)
        assert desk.line.fetch_ticket(str(desk.ticket)).status is Status.DELETED


def test_every_end_of_a_ticket_is_seen(desk: Desk) -> None:
    do = desk.there.do
    ana = do.customer("Ana Berg", "ana@example.org")
    merged, spam, archived = (do.customer_writes(ana, f"Number {n}", subject="x") for n in range(3))
    do.merge(merged, desk.ticket)
    do.mark_spam(spam)
    do.close(archived)
    do.archive(archived)
    found = desk.line.fetch_ticket(str(merged))
    assert (found.status, found.merged_into) == (Status.MERGED, str(desk.ticket))
    assert desk.line.fetch_ticket(str(spam)).status is Status.SPAM
    assert desk.line.fetch_ticket(str(archived)).status is Status.ARCHIVED
    assert desk.line.fetch_ticket(str(desk.ticket)).status is Status.OPEN
    assert desk.line.fetch_ticket("999999").status is Status.DELETED


def test_a_key_that_is_refused_is_no_deleted_ticket(desk: Desk) -> None:
    desk.there.desk.state.settings.key_trouble = "account_suspended"
    with pytest.raises(Disconnected):
        desk.line.fetch_ticket(str(desk.ticket))


def test_an_agent_without_rights_still_reads_and_says_what_is_missing(desk: Desk) -> None:
    desk.there.integration.admin, desk.there.integration.scope = False, 2
    desk.there.do.agent_replies(desk.ticket, "We will send it on Friday.", agent="Vita")
    desk.there.integration.scope = 1
    roles = [m.role for m in desk.line.fetch_ticket(str(desk.ticket)).messages]
    assert roles == [Role.CUSTOMER, Role.AGENT]
    desk.there.integration.scope = 2
    me = desk.line.whoami()
    assert me.role == "agent"
    assert len(me.gaps) == 2
    assert all(what and remedy for what, remedy in me.gaps)
    assert desk.line.calendar() is None


def test_who_we_are_and_when_they_are_open(desk: Desk) -> None:
    me = desk.line.whoami()
    assert (me.user_id, me.role, me.limit, me.gaps) == (str(desk.there.integration.id), "admin", 400, ())
    hours = desk.line.calendar()
    assert hours is not None
    assert (hours.zone, hours.hours) == ("Europe/Riga", "Mon-Fri 09:00-17:00")


def test_the_documented_spelling_of_hours_is_read_too(clock: MovedClock) -> None:
    for desk in open_desk(clock, hours_spelling="long"):
        hours = desk.line.calendar()
        assert hours is not None
        assert hours.hours == "Mon-Fri 09:00-17:00"


# --- the card --------------------------------------------------------------------------------------------------------


def test_the_card_lives_in_the_summary_slot(desk: Desk) -> None:
    assert not desk.line.capabilities.summary_slot
    desk.write(Changes(V1, "<b>Late</b>"))
    assert desk.line.capabilities.summary_slot
    desk.write(Changes(V2, "<b>Later</b>"))
    (card,) = desk.cards()
    assert "Later" in card
    assert f"card {V2}" in card
    assert desk.line.find_marker(str(desk.ticket), V2, NOON)
    assert not desk.line.find_marker(str(desk.ticket), V1, NOON)
    desk.write(Changes("none", clear_note=True))
    assert desk.cards() == []


def test_without_a_slot_the_card_is_one_note_edited_in_place(poor_desk: Desk) -> None:
    desk = poor_desk
    for version, words in ((V1, "Late"), (V2, "Later")):
        desk.write(Changes(version, f"<b>{words}</b>"))
    (card,) = desk.cards()
    assert "Later" in card
    assert not desk.line.capabilities.summary_slot
    assert desk.line.find_marker(str(desk.ticket), V2, NOON)
    assert [m.role for m in desk.line.fetch_ticket(str(desk.ticket)).messages] == [Role.CUSTOMER, Role.SELF]
    desk.write(Changes("none", clear_note=True))
    assert desk.cards() == []


def test_a_note_that_somebody_deleted_is_made_anew(poor_desk: Desk) -> None:
    desk = poor_desk
    desk.write(Changes(V1, "<b>Late</b>"))
    note = desk.there.notes(desk.ticket)[0]["id"]
    requests.delete(
        f"{desk.there.url}/api/v2/conversations/{note}", auth=(desk.there.credentials()["api_key"], "X"), timeout=5
    ).raise_for_status()
    desk.write(Changes(V2, "<b>Later</b>"))
    assert len(desk.cards()) == 1


def test_a_note_about_a_card_by_the_person_who_lent_us_their_key_is_theirs(poor_desk: Desk) -> None:
    desk, words = poor_desk, "Her card declined twice, see digest today"
    requests.post(
        f"{desk.there.url}/api/v2/tickets/{desk.ticket}/notes", json={"body": words, "private": True},
        auth=(desk.there.credentials()["api_key"], "X"), timeout=5,
    ).raise_for_status()  # fmt: skip
    assert [m.role for m in desk.line.fetch_ticket(str(desk.ticket)).messages] == [Role.CUSTOMER, Role.AGENT]
    desk.write(Changes(V1, "<b>Late</b>"))
    desk.write(Changes("none", clear_note=True))
    assert [words in note for note in desk.cards()] == [True]


def test_a_summary_that_a_person_wrote_is_left_alone(desk: Desk) -> None:
    agent = desk.there.desk.agent("Vita")
    put_summary(desk, "<p>My own words</p>", agent.id)
    desk.write(Changes(V1, "<b>Late</b>"))
    slot = desk.there.desk.state.tickets[desk.ticket].summary
    assert slot is not None
    assert "My own words" in slot.body
    assert [f"card {V1}" in card for card in desk.cards()] == [True]
    desk.write(Changes("none", clear_note=True))
    assert "My own words" in slot.body


def test_a_card_that_a_person_edited_is_theirs(desk: Desk) -> None:
    desk.write(Changes(V1, "<b>Late</b>"))
    agent = desk.there.desk.agent("Vita")
    put_summary(desk, f"<p>I wrote more</p> card {V1}", agent.id)
    desk.write(Changes(V2, "<b>Later</b>"))
    slot = desk.there.desk.state.tickets[desk.ticket].summary
    assert slot is not None
    assert "I wrote more" in slot.body


def test_a_freed_slot_takes_the_card_and_the_note_goes(desk: Desk) -> None:
    agent = desk.there.desk.agent("Vita")
    put_summary(desk, "<p>My own words</p>", agent.id)
    desk.write(Changes(V1, "<b>Late</b>"))
    desk.there.desk.state.tickets[desk.ticket].summary = None
    desk.write(Changes(V2, "<b>Later</b>"))
    assert [row["id"] for row in desk.there.notes(desk.ticket)] == ["summary"]


def put_summary(desk: Desk, html: str, agent: int) -> None:
    set_summary(desk.there.desk, desk.there.desk.state.tickets[desk.ticket], html, agent)


def test_a_note_whose_answer_was_lost_is_found_again(poor_desk: Desk) -> None:
    desk = poor_desk
    desk.fail("drop", ("POST",), "/notes")
    with pytest.raises(Temporary) as error:
        desk.write(Changes(V1, "<b>Late</b>"))
    assert error.value.unknown
    assert desk.line.find_marker(str(desk.ticket), V1, NOON)
    assert len(desk.cards()) == 1


def test_a_note_that_never_arrived_is_not_found(poor_desk: Desk) -> None:
    desk = poor_desk
    desk.fail("reset", ("POST",), "/notes")
    with pytest.raises(Temporary):
        desk.write(Changes(V1, "<b>Late</b>"))
    assert not desk.line.find_marker(str(desk.ticket), V1, NOON)


def test_the_mark_in_a_customers_mouth_is_no_card(poor_desk: Desk) -> None:
    desk = poor_desk
    ana = desk.there.do.customer("Ana Berg", "ana@example.org")
    desk.there.do.customer_writes(ana, f"What is card {V1}?", ticket=desk.ticket)
    desk.there.do.agent_notes(desk.ticket, f"Look at card {V1}")
    assert not desk.line.find_marker(str(desk.ticket), V1, NOON)
    desk.write(Changes(V1, "<b>Late</b>"))
    assert len(desk.cards()) == 1


# --- tags ------------------------------------------------------------------------------------------------------------


def test_tags_are_joined_to_those_of_others(desk: Desk) -> None:
    desk.there.do.tag(desk.ticket, ["vip", "FT_Old_Spelling"])
    desk.write(Changes(V1, add_tags=("ft_a", "ft_old_spelling")))
    assert set(desk.there.tags(desk.ticket)) == {"vip", "FT_Old_Spelling", "ft_a"}
    assert {"ft_a", "ft_old_spelling"} <= desk.line.fetch_ticket(str(desk.ticket)).tags
    desk.write(Changes(V2, add_tags=("ft_b",), remove_tags=("ft_a", "ft_old_spelling")))
    assert set(desk.there.tags(desk.ticket)) == {"vip", "ft_b"}


def test_a_tag_of_ours_that_was_replaced_away_is_set_again(desk: Desk) -> None:
    state, put = desk.there.desk.state.tickets[desk.ticket], []

    def overwrite() -> None:
        if "ft_a" in state.tags and not put:
            put.append(1)
            state.tags = ["vip"]

    watch = Watched(desk, overwrite)
    watch.write(Changes(V1, add_tags=("ft_a",)))
    assert put
    assert set(desk.there.tags(desk.ticket)) == {"vip", "ft_a"}


def test_others_who_never_stop_are_a_later_try(desk: Desk) -> None:
    state = desk.there.desk.state.tickets[desk.ticket]
    watch = Watched(desk, lambda: state.tags.clear())
    with pytest.raises(Temporary):
        watch.write(Changes(V1, add_tags=("ft_a",)))


class Watched:
    """A line before each of whose questions something happens over there."""

    def __init__(self, desk: Desk, before: Any) -> None:
        class Adapter(HTTPAdapter):
            def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
                if request.method == "GET":
                    before()
                return super().send(request, *args, **kwargs)

        self.desk = desk
        pause = lambda s: desk.clock.advance(timedelta(seconds=s))  # noqa: E731
        self.line = connect(desk.account, desk.clock, transport=Adapter(), pause=pause)

    def write(self, changes: Changes) -> None:
        self.line.write(self.desk.seen(), changes)


def test_a_required_field_is_explained_and_the_card_is_there_all_the_same(desk: Desk) -> None:
    desk.there.desk.state.settings.required = ["cf_order_number"]
    desk.there.desk.state.custom_fields.append("cf_order_number")
    with pytest.raises(Rejected, match=r"requires the field .*cf_order_number"):
        desk.write(Changes(V1, "<b>Late</b>", add_tags=("ft_a",)))
    assert len(desk.cards()) == 1


@pytest.mark.parametrize("kind", ["500", "drop", "reset"])
def test_a_tag_write_with_an_unknown_outcome_is_looked_at(desk: Desk, kind: str) -> None:
    desk.there.do.tag(desk.ticket, ["vip"])
    desk.fail(kind, ("PUT",), rf"/tickets/{desk.ticket}$")
    desk.write(Changes(V1, add_tags=("ft_a",)))
    assert set(desk.there.tags(desk.ticket)) == {"vip", "ft_a"}


def test_a_hidden_limit_is_waited_for_with_a_fresh_list(desk: Desk) -> None:
    state, seen = desk.there.desk.state.tickets[desk.ticket], []
    desk.fail("429-json", ("PUT",), rf"/tickets/{desk.ticket}$", retry_after=10)

    def pause(seconds: float) -> None:
        seen.append(seconds)
        state.tags = [*state.tags, "meanwhile"]
        desk.clock.advance(timedelta(seconds=seconds))

    line = connect(desk.account, desk.clock, pause=pause)
    line.write(desk.seen(), Changes(V1, add_tags=("ft_a",)))
    assert seen
    assert {"meanwhile", "ft_a"} <= set(desk.there.tags(desk.ticket))


def test_two_writers_of_ours_lose_nothing(desk: Desk) -> None:
    changes = [Changes(f"v{n}", add_tags=(f"ft_{n}",)) for n in range(6)]
    writers = [threading.Thread(target=desk.write, args=(change,)) for change in changes]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert {f"ft_{n}" for n in range(6)} <= set(desk.there.tags(desk.ticket))


@pytest.mark.parametrize("end", ["delete", "mark_spam", "close"])
def test_a_ticket_that_ended_in_the_meantime_is_rejected(desk: Desk, end: str) -> None:
    getattr(desk.there.do, end)(desk.ticket)
    with pytest.raises(Rejected):
        desk.write(Changes(V1, add_tags=("ft_a",)))


# --- what changed ----------------------------------------------------------------------------------------------------


def walk(line: Connector, cursor: str = "", most: int = 60) -> tuple[list[str], str]:
    """Everything there is to see from `cursor` on, and the cursor after it."""
    seen: list[str] = []
    for _ in range(most):
        page = line.changed_since(cursor)
        seen += [ticket_id for ticket_id, _ in page.tickets]
        cursor = page.cursor
        if not page.more:
            return seen, cursor
    raise AssertionError("it never ends")


def test_a_walk_sees_every_ticket_and_the_next_one_only_what_is_new(desk: Desk) -> None:
    ana = desk.there.do.customer("Ana Berg", "ana@example.org")
    many = []
    for n in range(250):
        many.append(desk.there.do.customer_writes(ana, f"Number {n}", subject="x"))
        if n % 3 == 0:
            desk.clock.advance(timedelta(seconds=1))
    seen, cursor = walk(desk.line)
    assert {str(n) for n in many} <= set(seen)
    desk.clock.advance(timedelta(minutes=10))
    new = desk.there.do.customer_writes(ana, "Another", subject="x")
    later, cursor = walk(desk.line, cursor)
    assert str(new) in later
    desk.clock.advance(timedelta(minutes=10))
    assert set(walk(desk.line, cursor)[0]) == {str(new)}


def test_more_than_a_page_within_one_second_is_walked_through(desk: Desk) -> None:
    ana = desk.there.do.customer("Ana Berg", "ana@example.org")
    many = [desk.there.do.customer_writes(ana, f"Number {n}", subject="x") for n in range(230)]
    assert {str(n) for n in many} <= set(walk(desk.line)[0])


def test_tickets_that_change_while_we_walk_are_not_skipped(desk: Desk) -> None:
    ana = desk.there.do.customer("Ana Berg", "ana@example.org")
    many = []
    for n in range(220):
        many.append(desk.there.do.customer_writes(ana, f"Number {n}", subject="x"))
        desk.clock.advance(timedelta(seconds=1))
    page = desk.line.changed_since("")
    seen = {ticket_id for ticket_id, _ in page.tickets}
    for ticket in many[:50]:  # they move to the end, and all others forward
        desk.there.do.agent_notes(ticket, "x")
    seen |= set(walk(desk.line, page.cursor)[0])
    assert {str(n) for n in many} <= seen


def test_deleted_tickets_and_spam_are_found_at_a_slower_turn(desk: Desk) -> None:
    ana = desk.there.do.customer("Ana Berg", "ana@example.org")
    gone, spam = (desk.there.do.customer_writes(ana, f"Number {n}", subject="x") for n in range(2))
    cursor = walk(desk.line)[1]
    desk.clock.advance(timedelta(minutes=5))
    desk.there.do.delete(gone)
    desk.there.do.mark_spam(spam)
    soon, cursor = walk(desk.line, cursor)
    assert not {str(gone), str(spam)} & set(soon)
    desk.clock.advance(timedelta(minutes=15))
    assert {str(gone), str(spam)} <= set(walk(desk.line, cursor)[0])


@pytest.mark.parametrize("cursor", ["", "x", "{}", '{"walk":"no"}', "[1]", '{"walk":"live","page":"x"}', "9" * 5000])
def test_a_cursor_that_is_none_begins_a_day_ago(desk: Desk, cursor: str) -> None:
    assert str(desk.ticket) in walk(desk.line, cursor)[0]


def test_the_list_is_asked_no_more_often_than_its_hidden_limit_allows(poor_desk: Desk) -> None:
    desk = poor_desk
    waits: list[float] = []
    line = connect(
        desk.account, desk.clock, pause=lambda s: [waits.append(s), desk.clock.advance(timedelta(seconds=s))]
    )
    for _ in range(10):
        line.changed_since("")
    with pytest.raises(Temporary, match="share of the helpdesk's rate limit") as error:
        line.changed_since("")
    assert error.value.retry_after
    desk.clock.advance(timedelta(seconds=error.value.retry_after))
    line.changed_since("")
    assert not waits


def test_what_we_are_not_told_we_make_ourselves() -> None:
    bare = Account("fresh", "freshdesk", "https://acme.freshdesk.com", credentials={"api_key": "k"})
    first, second = prepare(bare), prepare(bare)
    assert first.credentials["api_key"] == "k"
    assert len(first.credentials["hook_path"]) >= 32
    assert first.credentials["hook_path"] != second.credentials["hook_path"]
    assert first.signing != second.signing
    assert prepare(first) == first


@pytest.mark.parametrize(
    "host", ["https://help.acme.example", "https://freshdesk.com", "https://acme.freshdesk.com.evil.example"]
)
def test_a_portals_own_name_is_explained(host: str) -> None:
    with pytest.raises(Rejected, match=r"\.freshdesk\.com only"):
        prepare(Account("fresh", "freshdesk", host))


# --- digests ---------------------------------------------------------------------------------------------------------

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20


def test_a_digest_has_one_ticket_of_our_own_with_a_private_note_and_its_picture(desk: Desk) -> None:
    assert desk.line.find_digest_ticket("lead") == ""
    ticket = desk.line.open_digest_ticket("lead", "Digests <of> Acme")
    other = desk.line.open_digest_ticket("owner:product", "Digests of Product")
    assert desk.line.find_digest_ticket("lead") == ticket
    assert desk.line.find_digest_ticket("owner:product") == other
    desk.line.post_digest(ticket, DigestNote(V1, "<b>12 customers</b>", PICTURE))
    assert desk.line.find_marker(ticket, V1, NOON)
    assert not desk.line.find_marker(ticket, V1[:-1], NOON)
    (note,) = desk.there.desk.state.conversations[int(ticket)]
    assert note.private
    assert note.to_emails == []
    assert [b64decode(file.content) for file in note.attachments] == [PICTURE]
    found = desk.line.fetch_ticket(ticket)
    assert found.ours
    assert found.subject == "Digests <of> Acme"
    assert [m.role for m in found.messages][-1] is Role.SELF
    assert desk.there.desk.state.tickets[int(ticket)].requester_id == desk.there.integration.id


def test_a_digest_without_a_picture_is_a_plain_note(desk: Desk) -> None:
    ticket = desk.line.open_digest_ticket("lead", "Digests")
    desk.line.post_digest(ticket, DigestNote(V1, "<b>12</b>"))
    assert desk.line.find_marker(ticket, V1, NOON)


@pytest.mark.parametrize("end", ["close", "delete", "mark_spam"])
def test_a_digest_ticket_that_ended_is_refused_and_a_new_one_is_found(desk: Desk, end: str) -> None:
    ticket = desk.line.open_digest_ticket("lead", "Digests")
    getattr(desk.there.do, end)(int(ticket))
    with pytest.raises(Rejected):
        desk.line.post_digest(ticket, DigestNote(V1, "<b>12</b>"))
    desk.clock.advance(timedelta(seconds=1))
    again = desk.line.open_digest_ticket("lead", "Digests")
    assert desk.line.find_digest_ticket("lead") == again != ticket


def test_an_old_digest_ticket_is_found_after_months(desk: Desk) -> None:
    ticket = desk.line.open_digest_ticket("lead", "Digests")
    desk.clock.advance(timedelta(days=200))
    assert desk.line.find_digest_ticket("lead") == ticket


@pytest.mark.parametrize("kind", ["drop", "reset"])
def test_a_digest_ticket_whose_answer_was_lost_may_be_there(desk: Desk, kind: str) -> None:
    desk.fail(kind, ("POST",), r"/tickets$")
    with pytest.raises(Temporary) as error:
        desk.line.open_digest_ticket("lead", "Digests")
    assert error.value.unknown
    assert bool(desk.line.find_digest_ticket("lead")) is (kind == "drop")


def test_audiences_never_share_a_tag() -> None:
    names = ["lead", "owner:product", "owner_product", "owner:Product", "owner:a" + "b" * 60, "owner:a" + "b" * 61, "é"]
    tags = [tag_of(name) for name in names]
    assert len(set(tags)) == len(names)
    assert all(OUR_TAG.fullmatch(tag) and len(tag) <= 32 for tag in tags)
    assert tags[:2] == ["ft_digest_lead", "ft_digest_owner_product"]
