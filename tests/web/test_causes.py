"""A lead decides about what may be new, an admin changes the list of causes by forms and as a file, and undoes it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask

from plugin.app import House
from plugin.domain.emerging import Profile, Proposal
from plugin.domain.taxonomy import Taxonomy
from plugin.domain.taxonomy_toml import read_taxonomy
from plugin.languages.taxonomy import load_taxonomy
from plugin.storage.documents import to_json

from .filled import add_account, fill
from .test_admin import after, undo
from .visitor import Visitor, come_in

PAGE = "/accounts/shop/causes"
ADMIN = "/admin/accounts/shop/causes"
FOUND = Proposal(("snorbel", "amber"), 12, 13, 5, Profile((("snorb", 1.0),), 0.5), ("snorb*",))


@pytest.fixture
def boss(house: House, app: Flask) -> Visitor:
    add_account(house, "shop")
    fill(house, "shop")
    return come_in(app, house, "ada")


@pytest.fixture
def lead(house: House, app: Flask, boss: Visitor) -> Visitor:
    return come_in(app, house, "lea", "lead")


def propose(house: House) -> None:
    with house.storage.unit() as u:
        quotes = [("shop-1", "The snorbel <blinks>"), ("shop-2", "Amber again")]
        u.emerging.propose("shop", to_json(FOUND), quotes, house.clock.now())


def taxonomy(house: House) -> Taxonomy:
    with house.storage.unit(reading=True) as u:
        account = u.accounts.get("shop")
    assert account is not None
    return house.taxonomy(account)


def states(house: House) -> list[str]:
    with house.storage.unit(reading=True) as u:
        return [p.state for p in u.emerging.proposals("shop")]


def send(visitor: Visitor, path: str, **fields: str) -> str:
    """The page after a form of the page of causes."""
    answer = visitor.send(path, fields, from_page=PAGE)
    return after(visitor, answer) if answer.status_code == 302 else answer.text


# --- what may be new -------------------------------------------------------------------------------------------------


def test_a_lead_sees_what_may_be_new_with_words_customers_and_quotes(house: House, lead: Visitor) -> None:
    assert "Nothing new was noticed" in lead.open(PAGE).text
    propose(house)
    page = lead.open(PAGE).text
    assert "snorbel, amber" in page
    assert "Customers: 12, a week before: 0.5" in page
    assert "The snorbel &lt;blinks&gt;" in page
    assert ADMIN not in page, "a lead changes nothing of the list"


def test_a_lead_makes_a_cause_of_it(house: House, lead: Visitor) -> None:
    propose(house)
    page = send(lead, "/accounts/shop/emerging/1/accept", name="Amber light", definition="It blinks.", owner="product")
    assert "A new cause: Amber light" in page
    kind = taxonomy(house).causes["amber_light"]
    assert (kind.definition, kind.owner, kind.phrases) == ("It blinks.", "product", ("snorb*",))
    assert states(house) == ["accepted"]


def test_a_lead_merges_dismisses_and_takes_it_back(house: House, lead: Visitor) -> None:
    propose(house)
    page = send(lead, "/accounts/shop/emerging/1/dismiss")
    assert states(house) == ["dismissed"]
    undo(lead, page)
    assert states(house) == ["open"]
    send(lead, "/accounts/shop/emerging/1/merge", key="outage")
    assert (states(house), taxonomy(house).causes["outage"].phrases) == (["merged"], ("snorb*",))
    send(lead, "/accounts/shop/emerging/1/reopen")
    assert states(house) == ["open"]


@pytest.mark.parametrize(("path", "fields", "hint"), [
    ("1/accept", {"name": ""}, "name"), ("1/accept", {"name": "x", "owner": "nobody"}, "name it in [owners]"),
    ("1/merge", {"key": "nothing"}, "no cause"), ("9/dismiss", {}, "no open proposal"),
    ("9/reopen", {}, "no proposal"),
])  # fmt: skip
def test_what_cannot_be_decided_says_why_and_changes_nothing(
    house: House, lead: Visitor, path: str, fields: dict[str, str], hint: str
) -> None:
    propose(house)
    answer = lead.send(f"/accounts/shop/emerging/{path}", fields, from_page=PAGE)
    assert answer.status_code == 400
    assert hint in answer.text
    assert (states(house), taxonomy(house)) == (["open"], load_taxonomy())


# --- the list --------------------------------------------------------------------------------------------------------


def test_the_page_tells_of_each_cause_what_it_is_and_is_not(boss: Visitor) -> None:
    page = boss.open(PAGE).text
    kind = load_taxonomy().causes["outage"]
    for text in (kind.definition, *kind.examples, *(c.text for c in kind.counter_examples)):
        assert text.replace("'", "&#39;") in page
    assert "The list: 24 of at most 40" in page


def test_a_lead_may_not_change_the_list(lead: Visitor) -> None:
    for path in ("add", "change", "merge", "split", "retire", "reinstate", "import", "restore"):
        assert lead.send(f"{ADMIN}/{path}", {"key": "outage"}, from_page=PAGE).status_code == 403
    assert lead.open(f"{ADMIN}/file.toml").status_code == 403


def test_an_admin_renames_and_undoes_it(house: House, boss: Visitor) -> None:
    page = send(boss, f"{ADMIN}/change", key="outage", name="Nothing works", owner="operations")
    assert taxonomy(house).names["outage"] == "Nothing works"
    assert "Nothing works" in page
    undo(boss, page)
    assert taxonomy(house) == load_taxonomy()


def test_a_cause_without_a_team_ages_on_the_page(house: House, boss: Visitor) -> None:
    send(boss, f"{ADMIN}/change", key="outage", name=load_taxonomy().names["outage"], owner="")
    assert "No team for 0 days" in boss.open(PAGE).text
    house.clock.move(days=3)  # type: ignore[attr-defined]
    boss.sign_in("ada")
    assert "No team for 3 days" in boss.open(PAGE).text


def test_an_admin_adds_merges_splits_retires_and_tags_again(house: House, boss: Visitor) -> None:
    send(boss, f"{ADMIN}/add", name="Meter reading", definition="A meter.", owner="", phrases="meter*\n\nread* meter")
    send(boss, f"{ADMIN}/merge", key="wait_time", into="outage")
    send(boss, f"{ADMIN}/split", key="billing_error", first="Twice", second="Too much")
    page = send(boss, f"{ADMIN}/retire", key="missing_feature")
    made = taxonomy(house)
    assert made.causes["meter_reading"].phrases == ("meter*", "read* meter")
    assert (made.now("wait_time"), made.past["billing_error"].rest) == ("outage", "twice")
    assert (made.past["missing_feature"].act, "Causes that once were" in page) == ("retired", True)
    send(boss, f"{ADMIN}/reinstate", key="missing_feature")
    assert "missing_feature" in taxonomy(house).causes


def test_a_file_is_tried_before_it_changes_anything(house: House, boss: Visitor) -> None:
    text = boss.open(f"{ADMIN}/file.toml").text
    assert read_taxonomy(text) == load_taxonomy()
    mine = text.replace("The service is down", "Nothing works")
    page = send(boss, f"{ADMIN}/import", text=mine, sure="no")
    assert "~ outage.name: The service is down -&gt; Nothing works" in page
    assert taxonomy(house) == load_taxonomy()
    send(boss, f"{ADMIN}/import", text=mine, sure="yes")
    assert taxonomy(house).names["outage"] == "Nothing works"


def test_a_bad_file_comes_back_with_line_key_and_remedy(house: House, boss: Visitor) -> None:
    text = boss.open(f"{ADMIN}/file.toml").text.replace('owner = "operations"', 'owner = "operatons"', 1)
    page = send(boss, f"{ADMIN}/import", text=text, sure="yes")
    assert re.search(r"line \d+, causes.outage.owner: .*did you mean", page)
    assert "operatons" in page[page.index("<textarea") :], "what was typed is not lost"
    assert taxonomy(house) == load_taxonomy()


def test_an_earlier_version_is_gone_back_to(house: House, boss: Visitor) -> None:
    send(boss, f"{ADMIN}/change", key="outage", name="One", owner="operations")
    send(boss, f"{ADMIN}/change", key="outage", name="Two", owner="operations")
    assert "Go back to it" in boss.open(PAGE).text
    send(boss, f"{ADMIN}/restore", version="1")
    assert taxonomy(house).names["outage"] == "One"
    assert boss.send(f"{ADMIN}/restore", {"version": "x"}, from_page=PAGE).status_code == 400


def test_the_page_of_tickets_shows_a_merged_cause_by_its_new_name(house: House, boss: Visitor) -> None:
    keys = [c.key for c in impact(house)]
    send(boss, f"{ADMIN}/merge", key=keys[0], into="outage")
    page = boss.open("/accounts/shop").text
    assert load_taxonomy().names["outage"] in page
    assert f"/accounts/shop/causes/{keys[0]}" not in page
    assert boss.open("/accounts/shop/causes/outage").status_code == 200


def impact(house: House) -> list:  # type: ignore[type-arg]
    now = house.clock.now()
    with house.storage.unit(reading=True) as u:
        return [c for c in u.figures.impact("shop", now - timedelta(7), now).causes if c.key != "outage"]
