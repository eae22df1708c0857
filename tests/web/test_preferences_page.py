"""A customer's own page: theirs alone, in their language, and what they say there counts from then on."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from plugin.domain.findings import Evidence, Preference
from plugin.domain.statements import Statement
from plugin.domain.ticket import Channel, Person, Role
from plugin.ports import Rejected
from plugin.web import preferences_page
from plugin.work.preference_links import make_link
from tests.web.inside import NOW, TICKET, Inside, a_ticket, an_account, make_inside

EVIL = 'Do not call me "><script>alert(1)</script><img src=x onerror=alert(1)> \u202e ever.'


@dataclass
class Page:
    """A customer's browser on their page; it keeps no cookies."""

    inside: Inside
    token: str

    def open(self, path: str = "") -> Any:
        return self.inside.client.get(f"/p/{self.token}{path}")

    def send(self, path: str, key: str | None = None, **fields: str) -> Any:
        found = re.search(r'name="form" value="([^"]+)"', self.open("/erase" if path == "/erase" else "").text)
        key = (found.group(1) if found else "") if key is None else key
        return self.inside.client.post(f"/p/{self.token}{path}", data={"form": key, **fields})

    def ids(self) -> list[str]:
        return re.findall(r'name="id" value="(\d+)"', self.open().text)


def look(inside: Inside, ticket: str = TICKET) -> None:
    with inside.house.storage.unit() as u:
        u.queue.put("acme", "analyse", f"ticket:{ticket}", inside.clock.now())
    inside.work()


def page_of(inside: Inside, ticket: str = TICKET, account: str = "acme") -> Page:
    with inside.house.storage.unit(reading=True) as u:
        found = u.accounts.get(account)
    assert found is not None
    return Page(inside, make_link(inside.house.storage, found, ticket, inside.clock.now()))


@pytest.fixture
def inside(tmp_path: Path) -> Iterator[Inside]:
    made = make_inside(tmp_path / "home")
    with made.house.storage.unit() as u:
        u.accounts.update("acme", region="LV", languages=("en", "lv", "ar"))
    look(made)
    yield made
    made.house.close()


@pytest.fixture
def page(inside: Inside) -> Page:
    return page_of(inside)


def plain(text: str) -> str:
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", text).split()))


def held(inside: Inside) -> list[tuple[str, bool, str]]:
    look(inside)
    return [(p.channel.value, p.refuse, p.point) for p in inside.findings().preferences]


# --- what is shown ---------------------------------------------------------------------------------------------------


def test_the_page_shows_what_counts_with_the_customers_own_words(page: Page) -> None:
    answer = page.open()
    assert answer.status_code == 200
    assert "Contact wish: e-mail, ilze@example.org" in plain(answer.text)
    assert "Write to me at ilze@example.org" in answer.text
    assert "You wrote this: Mon 2 Mar 14:00 · It counts until March 1, 2028" in plain(answer.text)


def test_it_sets_no_cookie_runs_no_script_and_wants_no_search_engine(page: Page) -> None:
    answer = page.open()
    assert "Set-Cookie" not in answer.headers
    assert "<script" not in answer.text
    assert "noindex" in answer.headers["X-Robots-Tag"]
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "script-src" not in answer.headers["Content-Security-Policy"]


def test_hostile_words_are_only_words(inside: Inside) -> None:
    inside.save(a_ticket("66", ((-3, Role.CUSTOMER, EVIL),)), an_account())
    look(inside, "66")
    text = page_of(inside, "66").open().text
    assert "<script>" not in text
    assert "<img" not in text
    assert "\u202e" not in text


@pytest.mark.parametrize(
    ("words", "lang", "direction"),
    [("Please do not call me, write to me.", "en", "ltr"), ("أرجو عدم الاتصال بي، راسلوني على البريد.", "ar", "rtl")],
)
def test_the_page_speaks_the_language_the_customer_wrote(inside: Inside, words: str, lang: str, direction: str) -> None:
    inside.save(a_ticket("70", ((-3, Role.CUSTOMER, words),)), an_account(languages=("en", "ar")))
    look(inside, "70")
    assert f'<html lang="{lang}" dir="{direction}">' in page_of(inside, "70").open().text


def test_somebody_elses_words_are_on_nobody_elses_page(inside: Inside, page: Page) -> None:
    stranger = Statement(
        Preference("s", Channel.SMS, False, Evidence("m", "text my sister"), NOW, point="+37129999999")
    )
    with inside.house.storage.unit() as u:
        number = u.preferences.add("acme", u.preferences.person("acme", "stranger"), stranger, NOW)
    assert "sister" not in page.open().text + page.open("/export").text
    page.send("/end", id=str(number))
    page.send("/end-all")
    with inside.house.storage.unit(reading=True) as u:
        (kept,) = u.preferences.of("acme", u.preferences.person("acme", "stranger"))
    assert kept.withdrawn_at is None


# --- changes ---------------------------------------------------------------------------------------------------------


def test_a_refusal_said_here_counts_at_once(inside: Inside, page: Page) -> None:
    answer = page.send("/add", wish="refuse", channel="sms")
    assert answer.status_code == 303
    assert "Saved." in page.open("?done=added").text
    assert "Contact refused: SMS" in plain(page.open().text)
    assert ("sms", True, "") in held(inside)


def test_a_number_with_hours_and_a_language_is_kept_as_meant(inside: Inside, page: Page) -> None:
    page.send(
        "/add", wish="want", channel="call", point="26 123 456", days="0-4", start="09:00", end="17:00", language="lv"
    )
    look(inside)
    wish = next(p for p in inside.findings().preferences if p.source == "page")
    assert (wish.channel, wish.point, wish.within, wish.lang) == (Channel.CALL, "+37126123456", "0-4 09:00-17:00", "lv")
    assert wish.window == "Mon–Fri 09:00–17:00"


def test_a_handle_is_kept_and_a_web_address_is_not(inside: Inside, page: Page) -> None:
    page.send("/add", wish="want", channel="dm", point="@ilze_k https://evil.example/x <b>www.evil.example")
    look(inside)
    wish = next(p for p in inside.findings().preferences if p.source == "page")
    assert wish.point == "@ilze_k b"


def test_what_is_said_here_is_kept_with_its_provenance(inside: Inside, page: Page) -> None:
    page.send("/add", wish="want", channel="email", point="New@Example.org")
    with inside.house.storage.unit(reading=True) as u:
        said = u.preferences.of("acme", u.preferences.person("acme", "c"))
    (kept,) = [s for s in said if s.preference.source == "page"]
    assert (kept.captured_by, kept.permission, kept.basis) == ("customer", "given", "consent")
    assert kept.preference.point == "new@example.org"
    assert kept.expires_at is not None


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"wish": "want", "channel": "call", "point": "12"}, "no complete telephone number"),
        ({"wish": "want", "channel": "email", "point": "ilze at home"}, "no complete e-mail address"),
        ({"wish": "want", "channel": "call", "start": "17:00", "end": "09:00"}, "end after they begin"),
        ({"wish": "want", "channel": "pigeon"}, "Choose a way of contact"),
        ({"wish": "perhaps", "channel": "call"}, "Choose a way of contact"),
        ({"wish": "want", "channel": "any"}, "or hours, or a language"),
        ({"wish": "want", "channel": "call", "days": "9-9"}, "from the lists"),
    ],
)
def test_what_cannot_be_is_told_and_nothing_is_kept(
    inside: Inside, page: Page, fields: dict[str, str], told: str
) -> None:
    before = page.ids()
    answer = page.send("/add", **fields)
    assert answer.status_code == 400
    assert told in answer.text
    assert page.ids() == before


def test_one_wish_is_withdrawn_and_the_others_stay(inside: Inside, page: Page) -> None:
    page.send("/add", wish="refuse", channel="sms")
    first = page.ids()
    page.send("/end", id=first[0])
    assert page.ids() == first[1:]
    assert ("sms", True, "") not in held(inside)


def test_all_is_withdrawn_at_once_and_stays_so_when_the_ticket_is_read_again(inside: Inside, page: Page) -> None:
    page.send("/add", wish="refuse", channel="sms")
    page.send("/end-all")
    assert page.ids() == []
    assert held(inside) == []
    assert page.ids() == []
    assert "You have not told us" in page.open().text


@pytest.mark.parametrize("number", ["0", "-1", "99999", "x", "1" * 40, ""])
def test_a_wish_that_is_not_there_cannot_be_withdrawn(page: Page, number: str) -> None:
    before = page.ids()
    assert page.send("/end", id=number).status_code == 303
    assert page.ids() == before


def test_nobody_piles_up_wishes_without_end(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plugin.work.prefer.MOST_ON_PAGE", 2)
    codes = [page.send("/add", wish="want", channel="sms", point=f"+3712612345{n}").status_code for n in range(3)]
    assert codes == [303, 303, 400]


# --- taking along and erasing ----------------------------------------------------------------------------------------


def test_the_export_holds_what_we_keep_of_this_person(inside: Inside, page: Page) -> None:
    answer = page.open("/export")
    assert answer.headers["Content-Disposition"] == "attachment; filename=contact-preferences.json"
    body = json.loads(answer.text)
    (mail,) = [p for p in body["preferences"] if p["channel"] == "email"]
    assert (mail["wanted"], mail["number_or_address"], mail["legal_basis"]) == (True, "ilze@example.org", "contract")
    assert (mail["source"], mail["captured_by"], mail["ticket"]) == ("text", "reading", TICKET)
    assert any("refund" in p["words"] for p in body["promises"])


def test_erasing_takes_two_steps(inside: Inside, page: Page) -> None:
    asked = page.open("/erase").text
    assert "What stays, and why" in asked
    assert page.ids()
    assert page.send("/erase").headers["Location"].endswith("/erase")  # without having been sure
    assert page.ids()
    assert page.send("/erase", sure="yes").status_code == 303
    assert page.ids() == []
    assert json.loads(page.open("/export").text)["preferences"] == []


def test_after_an_erasure_older_words_are_not_read_again(inside: Inside, page: Page) -> None:
    page.send("/erase", sure="yes")
    look(inside)
    assert inside.findings().preferences == ()
    assert any(c.state.owed for c in inside.findings().commitments)


# --- who may come in -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("token", ["x", "made.up", "a" * 2000, "..", "WyJhY21lIl0.sig"])
@pytest.mark.parametrize("path", ["", "/export", "/erase"])
def test_a_forged_link_gets_a_calm_page(inside: Inside, token: str, path: str) -> None:
    answer = Page(inside, token).open(path)
    assert answer.status_code == 404
    assert "ilze" not in answer.text
    assert "Traceback" not in answer.text


def test_a_link_is_over_after_two_weeks(inside: Inside, page: Page) -> None:
    inside.clock.move(days=13, hours=23)
    assert page.open().status_code == 200
    inside.clock.move(hours=2)
    answer = page.open()
    assert answer.status_code == 404
    assert "two weeks" in answer.text


def test_a_link_whose_letters_were_changed_opens_nothing(inside: Inside, page: Page) -> None:
    head, _, tail = page.token.rpartition(".")
    assert Page(inside, head[:-1] + ("A" if head[-1] != "A" else "B") + "." + tail).open().status_code == 404


@pytest.mark.parametrize("key", ["", "made.up"])
def test_only_a_form_of_this_page_changes_anything(inside: Inside, page: Page, key: str) -> None:
    before = page.ids()
    for path in ("/add", "/end-all", "/erase"):
        assert page.send(path, key=key, wish="refuse", channel="sms", sure="yes").status_code == 400
    assert page.ids() == before


def test_a_form_of_another_customers_page_changes_nothing_here(inside: Inside, page: Page) -> None:
    told = a_ticket("80", ((-3, Role.CUSTOMER, "Do not call me."),))
    inside.save(replace(told, requester=Person("somebody else")), an_account())
    key = re.search(r'name="form" value="([^"]+)"', page_of(inside, "80").open().text)
    assert key
    assert page.send("/end-all", key=key.group(1)).status_code == 400


def test_a_form_that_was_open_for_half_a_day_asks_to_be_loaded_again(inside: Inside, page: Page) -> None:
    key = re.search(r'name="form" value="([^"]+)"', page.open().text)
    assert key
    inside.clock.move(hours=5)
    assert page.send("/end-all", key=key.group(1)).status_code == 400


def test_who_comes_too_often_waits(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preferences_page, "PER_PERSON", preferences_page.RateLimitItemPerMinute(2))
    codes = [page.open().status_code for _ in range(3)]
    assert codes == [200, 200, 429]


def test_who_guesses_waits_and_keeps_nobody_waiting(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preferences_page, "PER_ADDRESS", preferences_page.RateLimitItemPerMinute(2))
    guess = "/p/" + "x" * 40
    assert [page.inside.client.get(guess).status_code for _ in range(3)] == [404, 404, 429]
    assert page.open().status_code == 200


def test_there_is_no_link_for_a_ticket_nobody_looked_at(inside: Inside) -> None:
    with pytest.raises(Rejected, match="has not been looked at"):
        page_of(inside, "4711")
