"""A lead sees what is owed and why customers wrote, and can get from every figure to its tickets."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from flask import Flask

from plugin.app import House
from plugin.domain.findings import Cause, Evidence, Findings
from plugin.domain.ticket import Person, Status, Ticket
from plugin.ports import KeptDigest
from tests.toydesk import ToyClock

from .filled import PICTURE, add_account, causes, fill
from .visitor import Visitor, come_in


@pytest.fixture
def lead(house: House, app: Flask) -> Visitor:
    """A lead of one account with twelve tickets."""
    add_account(house, "shop")
    fill(house, "shop", 12)
    return come_in(app, house, "lea", "lead", ("shop",))


EMPTY = (
    "Nothing has been read yet.", "Nothing is overdue.", "No root cause was found in this period.",
    "There is no digest yet.", "No contact against a customer's wish", "it writes nothing",
)  # fmt: skip


def plain(page: str) -> str:
    """The words of a page, tags left out."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_a_lead_of_one_account_is_led_to_it(lead: Visitor) -> None:
    assert lead.open("/").headers["Location"] == "/accounts/shop"


def test_what_is_owed_stands_first_with_its_words_and_its_ticket(lead: Visitor) -> None:
    page = lead.open("/accounts/shop").text
    overdue = page[page.index('id="overdue"') : page.index('id="soon"')]
    assert overdue.count("Overdue since Mon 2 Mar 08:00: a call") == 4
    assert "“we will call you about shop number 3”" in overdue
    assert 'href="https://shop.example/agent/tickets/shop-3"' in overdue
    soon = page[page.index('id="soon"') : page.index('id="causes"')]
    assert (soon.count("Due soon"), soon.count("Promised for")) == (4, 4)


def test_a_promise_that_is_overdue_for_months_does_not_hide_todays(
    house: House, app: Flask, lead: Visitor, clock: ToyClock
) -> None:
    clock.move(days=40)
    lead.sign_in("lea")
    page = plain(lead.open("/accounts/shop").text)
    assert "Nothing is overdue." in page
    assert "Overdue for more than 30 days: 4" in page
    assert "shop number 3" in lead.open("/accounts/shop/promises").text


def test_causes_count_customers_and_lead_to_their_tickets(lead: Visitor) -> None:
    page = lead.open("/accounts/shop?days=28").text
    (key, *_) = re.findall(r'href="/accounts/shop/causes/(\w+)\?days=28"', page)
    tickets = lead.open(f"/accounts/shop/causes/{key}?days=28").text
    assert "“my parcel of shop number" in tickets
    assert "likely" in tickets
    assert 'href="https://shop.example/agent/tickets/shop-' in tickets


def test_a_change_is_shown_only_where_there_is_something_to_compare_with(
    house: House, lead: Visitor, clock: ToyClock
) -> None:
    assert "±" not in lead.open("/accounts/shop").text
    clock.move(days=6)
    with house.storage.unit() as u:
        key = causes()[1]
        ticket = Ticket("shop-new", Status.OPEN, Person("customer-99"), clock.now(), clock.now())
        u.ledger.save(
            "shop", ticket, Findings("shop-new", clock.now(), cause=Cause(key, "product", "sure")), clock.now()
        )
    clock.move(hours=1)
    lead.sign_in("lea")
    assert re.search(r'<bdi dir="ltr">[+−±]\d', lead.open("/accounts/shop").text)


def test_contacts_against_a_wish_are_listed_with_the_wish(lead: Visitor) -> None:
    page = plain(lead.open("/accounts/shop").text)
    assert "Followed: 0 of 12 · cannot be known: 0" in page
    assert "Contacted against the customer&#39;s wish: telephone, Mon 2 Mar 10:00 · Ticket shop-1" in page


def test_what_the_figures_stand_on_is_said(lead: Visitor) -> None:
    page = plain(lead.open("/accounts/shop").text)
    assert "Tickets read in all 12 " in page
    assert "Last compared with the helpdesk Mon 2 Mar 11:00" in page
    assert "Stuck until an admin decides 1" in page
    assert "Language not supported, messages not read fi : 12" in page


def test_an_account_without_tickets_says_that_it_waits(house: House, app: Flask) -> None:
    page = plain(come_in(app, house, "lea", "lead").open("/accounts/acme").text)
    for sentence in EMPTY:
        assert sentence in page.replace("&#39;", "'")


def test_nobody_connected_says_how_to_connect(house: House, app: Flask) -> None:
    with house.storage.unit() as u:
        u.accounts.remove("acme")
    assert "followthrough accounts add --help" in come_in(app, house, "lea", "lead").open("/").text


def test_several_accounts_are_a_list_with_what_is_owed(house: House, app: Flask, lead: Visitor) -> None:
    page = plain(come_in(app, house, "ada").open("/").text)
    assert "acme 0 0 0 Not yet" in page
    assert "shop 4 4 4 Mon 2 Mar 10:59" in page


@pytest.mark.parametrize(("changes", "said"), [
    ({"paused": "the token was refused"}, "the token was refused"),
    ({"stopped": True}, "The kill switch is on"),
])  # fmt: skip
def test_an_account_that_stands_still_says_why(
    house: House, lead: Visitor, changes: dict[str, object], said: str
) -> None:
    with house.storage.unit() as u:
        u.accounts.update("shop", **changes)
    assert said in lead.open("/accounts/shop").text


def test_a_digest_is_shown_with_its_chart_and_the_way_to_the_tickets(lead: Visitor) -> None:
    assert "Most customers:" in lead.open("/accounts/shop").text
    page = lead.open("/accounts/shop/digests/lead/week:2026-W09")
    assert "Team lead" in page.text
    assert "What these figures stand on" in page.text
    (first, *_) = re.findall(r'href="(/accounts/shop/causes/[^"]+)"', page.text)
    assert first.endswith("?audience=lead&amp;period=week%3A2026-W09")
    assert "“my parcel of shop number" in lead.open(first.replace("&amp;", "&")).text
    picture = lead.open("/accounts/shop/digests/lead/week:2026-W09/chart.png")
    assert (picture.mimetype, picture.data) == ("image/png", PICTURE)


def test_a_cause_of_an_old_digest_leads_to_the_tickets_of_then(house: House, lead: Visitor, clock: ToyClock) -> None:
    page = lead.open("/accounts/shop/digests/lead/week:2026-W09").text
    (first, *_) = re.findall(r'href="(/accounts/shop/causes/[^"]+)"', page)
    clock.move(days=200)
    lead.sign_in("lea")
    assert "“my parcel of shop number" in lead.open(first.replace("&amp;", "&")).text
    assert "No ticket of this period" in lead.open(first.partition("?")[0] + "?days=90").text


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"audience": 1}', "null"])
def test_a_digest_that_cannot_be_read_is_left_out(house: House, lead: Visitor, body: str) -> None:
    with house.storage.unit() as u:
        u.digests.keep("shop", KeptDigest("owner:odd", "week:2026-W10", "v", house.clock.now(), body))
    assert lead.open("/accounts/shop").status_code == 200
    assert lead.open("/accounts/shop/digests/owner:odd/week:2026-W10").status_code == 404


@pytest.mark.parametrize("path", ["causes/nothing", "digests/lead/day:1", "digests/lead/day:1/chart.png", "nothing"])
def test_what_is_not_there_is_a_page_that_says_so(lead: Visitor, path: str) -> None:
    page = lead.open(f"/accounts/shop/{path}")
    assert page.status_code == 404


@pytest.mark.parametrize("days", ["0", "-1", "8", "x", "99999999999999999999", "7;--", ""])
def test_a_span_nobody_offers_is_the_shortest_one(lead: Visitor, days: str) -> None:
    page = lead.open(f"/accounts/shop?days={days}")
    assert page.status_code == 200
    assert '<a href="?days=7" aria-current="true">' in page.text


def test_words_of_a_customer_are_never_markup_nor_a_link(house: House, lead: Visitor) -> None:
    now, nasty = house.clock.now(), '</p><script>alert(1)</script><a href="https://evil.example">\u202e\x07 "quoted"'
    with house.storage.unit() as u:
        proof = Evidence("m0", nasty)
        found = Findings("<b>1", now, cause=Cause(causes()[0], "product", "sure", (proof,)))
        known = u.ledger.findings("shop", "shop-3")
        assert known is not None
        promise = replace(known.commitments[0], evidence=proof, lang='"><i')
        ticket = Ticket('"><script>', Status.OPEN, Person("c"), now, now)
        u.ledger.save("shop", ticket, replace(found, ticket_id=ticket.id, commitments=(promise,)), now)
        u.accounts.update("shop", paused=nasty)
    for path in ("", "/promises", f"/causes/{causes()[0]}"):
        page = lead.open(f"/accounts/shop{path}").text
        assert "<script" not in page
        assert '<a href="https://evil' not in page
        assert "<i" not in page.replace("<img", "").replace("<input", "")
        assert not set("\u202e\x07") & set(page)


def test_a_page_in_arabic_runs_from_the_right(house: House, app: Flask, lead: Visitor) -> None:
    lead.headers["Accept-Language"] = "ar"
    assert '<html lang="ar" dir="rtl">' in lead.open("/accounts/shop").text
