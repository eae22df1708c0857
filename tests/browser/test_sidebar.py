"""The card in a real browser, inside windows that play the helpdesks' client protocols."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from plugin.domain.card import Text
from plugin.domain.findings import State
from plugin.rendering import say
from tests.browser.conftest import SHOTS
from tests.browser.desks import APP_SECRET, HERE, Desk, freshdesk_desk, zendesk_desk

pytestmark = pytest.mark.browser

SDK = "https://static.zdassets.com/**"
SECONDS = 5_000
"""Milliseconds until something that should appear counts as missing."""


@dataclass
class Tab:
    """One browser tab, with what went wrong in it."""

    page: Any
    troubles: list[str] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)

    def go(self, address: str, *, wait_for: str = ".ft") -> Any:
        """Open a window; returns the frame of our page once it shows `wait_for`."""
        self.page.goto(address)
        return self.frame(wait_for)

    def frame(self, wait_for: str = ".ft") -> Any:
        frame = self.page.frame("app")
        self.page.frame_locator("iframe").locator(wait_for).first.wait_for(timeout=SECONDS)
        return frame


@pytest.fixture
def tab(chromium: Any) -> Iterator[Tab]:
    """A new tab, 900 px wide, that reaches no foreign server: Zendesk's script is played by ours, or by a copy of the
    real one, whose path FOLLOWTHROUGH_ZAF_SDK gives."""
    page = chromium.new_page(viewport={"width": 900, "height": 1400})
    tab = Tab(page)
    script = Path(os.environ.get("FOLLOWTHROUGH_ZAF_SDK") or HERE / "zaf_client.js").read_text("utf-8")
    page.route(SDK, lambda route: route.fulfill(content_type="text/javascript", body=script))
    page.on("console", lambda said: tab.troubles.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: tab.troubles.append(str(error)))
    page.on("request", lambda asked: tab.bodies.append(f"{asked.url} {asked.headers} {asked.post_data or ''}"))
    yield tab
    page.close()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with zendesk_desk(tmp_path / "home") as made:
        yield made


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Desk]:
    with freshdesk_desk(tmp_path / "home") as made:
        yield made


def shoot(tab: Tab, name: str) -> None:
    if SHOTS:
        SHOTS.mkdir(parents=True, exist_ok=True)
        tab.page.locator("iframe").screenshot(path=str(SHOTS / f"{name}.png"))


def faults_of(frame: Any) -> list[str]:
    """What axe finds wrong: rule and place."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(frame).response["violations"]
    return [f"{rule['id']}: {node['target']} {node['failureSummary']}" for rule in found for node in rule["nodes"]]


def fits(tab: Tab, frame: Any) -> bool:
    """Neither wider nor higher than its window: no scroll bar inside."""
    frame.wait_for_function(
        "() => document.documentElement.scrollHeight <= innerHeight"
        " && document.documentElement.scrollWidth <= innerWidth",
        timeout=SECONDS,
    )
    return True


# --- looks -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [258, 320, 348, 722])
@pytest.mark.parametrize("locale", ["en", "ar"])
def test_the_card_fits_is_readable_and_has_no_fault_that_axe_knows(
    desk: Desk, tab: Tab, width: int, scheme: str, locale: str
) -> None:
    desk.change(locale=locale)
    frame = tab.go(desk.show(width=width, scheme=scheme))
    frame.locator(".ft > details > summary").click()
    assert fits(tab, frame)
    shoot(tab, f"zendesk-{locale}-{scheme}-{width}")
    assert faults_of(frame) == []
    assert tab.troubles == []


STATES = {
    "empty": ("20", "Nothing is owed"), "unknown": ("999", "not been looked at"), "watching": ("17", "only watching"),
    "interrupted": ("17", "interrupted"), "refused": ("17", "opens from a ticket"),
}  # fmt: skip


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("state", STATES)
def test_every_state_says_what_it_is_and_has_no_fault(desk: Desk, tab: Tab, state: str, scheme: str) -> None:
    from plugin.domain.ticket import Role
    from plugin.ports import Mode
    from tests.web.inside import a_ticket

    ticket, words = STATES[state]
    desk.inside.save(a_ticket("20", ((-3, Role.CUSTOMER, "Thank you, all is well now."),)), desk.account)
    if state in ("watching", "interrupted"):
        desk.change(**({"mode": Mode.OBSERVE} if state == "watching" else {"paused": "401"}))
    if state == "refused":
        frame = tab.page
        frame.goto(f"{desk.app}/sidebar/zendesk?colorScheme={scheme}")
        tab.troubles.clear()  # the browser itself names the 401
    else:
        frame = tab.go(desk.show(ticket, scheme=scheme), wait_for=".next, .notice")
    assert words in frame.locator("main").inner_text()
    if state != "refused":
        shoot(tab, f"state-{state}-{scheme}")
    assert faults_of(frame) == []
    assert tab.troubles == []


def test_the_colours_follow_the_helpdesk_while_the_page_is_open(desk: Desk, tab: Tab) -> None:
    frame = tab.go(desk.show(scheme="light"))
    tab.page.evaluate("tell('colorScheme.changed', 'dark')")
    frame.wait_for_function("() => getComputedStyle(document.documentElement).colorScheme === 'dark'", timeout=SECONDS)


# --- acts ------------------------------------------------------------------------------------------------------------


def press(frame: Any, place: str) -> None:
    """Press a button and wait until the card has been drawn anew."""
    press_this(frame, frame.locator(place).first)


def press_this(frame: Any, button: Any) -> None:
    """Press it and wait for the new card; what follows a new card (focus, announcement) comes with its settling."""
    frame.evaluate("document.querySelector('.ft').dataset.old = '1'")
    button.click()
    frame.wait_for_selector(".ft:not([data-old]):not(.htmx-settling):not(.htmx-added)", timeout=SECONDS)


def count(frame: Any, place: str) -> int:
    return int(frame.locator(place).count())


def press_everything(frame: Any) -> list[str]:
    """Press each button of each line and take it back each time; returns what was pressed."""
    pressed = []
    names = frame.locator("li .what").evaluate_all("all => all.map(one => one.id)")
    for name in names:
        line = f'li:has([id="{name}"])'
        for nth in range(count(frame, f"{line} .acts > form button")):
            if not frame.locator(line).first.is_visible():
                frame.locator(".ft > details > summary").click()
            button = frame.locator(f"{line} .acts > form button").nth(nth)
            pressed.append(f"{name.split('-')[0]}: {button.inner_text()}")
            press_this(frame, button)
            assert count(frame, ".said button") == 1
            press(frame, ".said button")
            assert count(frame, ".said button") == 0
    return pressed


PRESSED = (
    ("commitments", "Not a promise"), ("commitments", "It was done"), ("causes", "Confirm"), ("flags", "Dismiss")
)  # fmt: skip


def said_as(locale: str) -> set[str]:
    """The buttons that must be among those pressed, as they are called in a language."""
    return {f"{topic}: {say(Text(words), locale, 'UTC')}" for topic, words in PRESSED}


@pytest.mark.parametrize("locale", ["en", "ar"])
def test_every_button_does_what_it_says_and_can_be_taken_back(
    desk: Desk, tab: Tab, monkeypatch: Any, locale: str
) -> None:
    from limits import RateLimitItemPerMinute

    monkeypatch.setattr("plugin.web.sidebar.PER_TICKET", RateLimitItemPerMinute(10_000))
    desk.change(locale=locale)
    frame = tab.go(desk.show(width=348))
    before = desk.inside.findings()
    pressed = press_everything(frame)
    assert len(pressed) > 20
    assert said_as(locale) <= set(pressed)
    desk.inside.work()
    assert desk.inside.findings().commitments == before.commitments
    assert tab.troubles == []


def test_a_cause_is_corrected_from_the_list_and_taken_back(desk: Desk, tab: Tab) -> None:
    frame = tab.go(desk.show())
    line = 'li:has([id^="causes-"])'
    frame.locator(f"{line} summary").click()
    assert fits(tab, frame)
    shoot(tab, "zendesk-correct")
    assert faults_of(frame) == []
    frame.locator(f"{line} select").select_option("billing_error")
    press(frame, f"{line} details button")
    assert "Charged wrongly" in frame.locator('[id^="causes-"]').inner_text()
    shoot(tab, "zendesk-corrected")
    assert faults_of(frame) == []
    press(frame, ".said button")
    assert "Charged wrongly" not in frame.locator('[id^="causes-"]').inner_text()


def test_what_was_said_is_announced_and_keeps_its_place(desk: Desk, tab: Tab) -> None:
    frame = tab.go(desk.show())
    press(frame, 'li:has([id^="flags-"]) .acts button')
    assert frame.locator("#told").text_content() == "Saved."
    assert frame.evaluate("document.activeElement.tagName") == "LI"


def test_the_new_look_comes_by_itself(desk: Desk, tab: Tab) -> None:
    frame = tab.go(desk.show())
    press(frame, 'li:has([id^="commitments-"]) .acts form:nth-child(2) button')
    assert count(frame, "[data-since]") == 1
    desk.inside.work()
    frame.wait_for_selector(".ft:not([data-since])", timeout=SECONDS)
    assert State.DISMISSED in {c.state for c in desk.inside.findings().commitments}
    assert "Not a promise, says an agent" in frame.locator(".gone").inner_text()
    shoot(tab, "zendesk-dismissed")


def test_everything_is_reached_by_the_keyboard_in_reading_order(desk: Desk, tab: Tab) -> None:
    frame = tab.go(desk.show())
    wanted = frame.locator("a, button:not(#retry):not(:disabled), summary, select").evaluate_all(
        "all => all.filter(one => one.checkVisibility()).length"
    )
    frame.locator("a").first.focus()
    places, shown = [], []
    for _ in range(wanted):
        places.append(
            frame.evaluate("(() => { const b = document.activeElement.getBoundingClientRect(); return b.top })()")
        )
        shown.append(frame.evaluate("document.activeElement.matches(':focus-visible')"))
        tab.page.keyboard.press("Tab")
    assert all(shown)
    assert len(set(places)) > 10
    assert all(later >= earlier - 60 for earlier, later in pairwise(places))


def test_targets_are_large_enough_to_hit(desk: Desk, tab: Tab) -> None:
    frame = tab.go(desk.show(width=258))
    heights = frame.locator("button, summary").evaluate_all(
        "all => all.filter(one => one.checkVisibility()).map(one => one.getBoundingClientRect().height)"
    )
    assert min(heights) >= 24


# --- when something is wrong -----------------------------------------------------------------------------------------


def test_a_server_that_does_not_answer_is_told_and_can_be_tried_again(desk: Desk, tab: Tab) -> None:
    tab.page.route(f"{desk.app}/sidebar/card*", lambda route: route.abort())
    frame = tab.go(desk.show(), wait_for="#unreached:not([hidden])")
    assert "does not answer" in frame.locator("#unreached").inner_text()
    assert fits(tab, frame)
    shoot(tab, "state-unreached")
    assert faults_of(frame) == []
    tab.page.unroute(f"{desk.app}/sidebar/card*")
    frame.locator("#retry").click()
    frame.wait_for_selector(".lines", timeout=SECONDS)
    assert not frame.locator("#unreached").is_visible()


def test_without_the_helpdesks_script_the_page_says_that_it_cannot(desk: Desk, tab: Tab) -> None:
    tab.page.unroute(SDK)
    tab.page.route(SDK, lambda route: route.abort())
    frame = tab.go(desk.show(), wait_for="#unreached:not([hidden])")
    assert "does not answer" in frame.locator("#unreached").inner_text()


def test_a_page_that_was_open_too_long_says_what_to_do(desk: Desk, tab: Tab) -> None:
    frame = tab.go(desk.show())
    desk.inside.clock.move(hours=1)
    press(frame, 'li:has([id^="flags-"]) .acts button')
    assert "open the ticket anew" in frame.locator("#card").inner_text()
    assert faults_of(frame) == []


def test_the_page_is_not_shown_in_a_foreign_window(desk: Desk, tab: Tab) -> None:
    desk.account = desk.account  # the window's port is the account's host; another host is a foreign window
    desk.change(host="https://acme.zendesk.com")
    token = desk.inside.token()
    address = desk.show(token=token)
    html = (
        desk.window.pages["/agent"][1].decode().replace(f"origin={desk.window.url}", "origin=https://acme.zendesk.com")
    )
    desk.window.pages["/agent"] = ("text/html", html.encode())
    tab.page.goto(address)
    tab.page.wait_for_timeout(300)
    assert any("frame-ancestors" in trouble for trouble in tab.troubles)


# --- Freshdesk -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("locale", ["en", "ar"])
def test_inside_freshdesk_the_card_loads_acts_and_takes_back(
    fresh: Desk, tab: Tab, monkeypatch: Any, locale: str
) -> None:
    from limits import RateLimitItemPerMinute

    monkeypatch.setattr("plugin.web.sidebar.PER_TICKET", RateLimitItemPerMinute(10_000))
    fresh.change(locale=locale)
    frame = tab.go(fresh.show(width=348))
    assert fits(tab, frame)
    shoot(tab, f"freshdesk-{locale}-348")
    assert faults_of(frame) == []
    pressed = press_everything(frame)
    assert len(pressed) > 20
    assert said_as(locale) <= set(pressed)
    assert tab.troubles == []
    assert APP_SECRET not in "".join(tab.bodies)


def test_inside_freshdesk_the_new_look_comes_by_itself(fresh: Desk, tab: Tab) -> None:
    frame = tab.go(fresh.show())
    press(frame, 'li:has([id^="commitments-"]) .acts form:nth-child(2) button')
    fresh.inside.work()
    frame.wait_for_selector(".ft:not([data-since])", timeout=2 * SECONDS)
    assert "Not a promise" in frame.locator(".gone").inner_text()


def test_inside_freshdesk_a_pass_that_is_over_is_fetched_anew(fresh: Desk, tab: Tab) -> None:
    frame = tab.go(fresh.show())
    fresh.inside.clock.move(hours=1)
    press(frame, 'li:has([id^="flags-"]) .acts button')
    assert "open the ticket anew" not in frame.locator("#card").inner_text()
    press(frame, 'li:has([id^="flags-"]) .acts button')
    assert count(frame, ".said button") == 1


def test_inside_freshdesk_a_wrong_secret_shows_why_and_no_card(fresh: Desk, tab: Tab) -> None:
    fresh.change(credentials={"app_secret": "another"})
    frame = tab.go(fresh.show(), wait_for=".notice")
    assert "Overdue" not in frame.locator("main").inner_text()
    assert faults_of(frame) == []


@pytest.mark.parametrize(("locale", "words"), [("en", "does not answer"), ("ar", "لا يستجيب"), ("lv-LV", "neatbild")])
def test_inside_freshdesk_a_server_that_does_not_answer_is_told_in_the_browsers_language(
    fresh: Desk, chromium: Any, locale: str, words: str
) -> None:
    page = chromium.new_context(locale=locale, viewport={"width": 900, "height": 900}).new_page()
    fresh.window.template = lambda said: {"status": 502, "headers": {}, "response": "no server here"}
    page.goto(fresh.show())
    notice = page.frame_locator("iframe").locator("#unreached:not([hidden])")
    notice.wait_for(timeout=SECONDS)
    assert words in notice.inner_text()
    assert notice.get_attribute("dir") == ("rtl" if locale == "ar" else "ltr")
    assert faults_of(page.frame("app")) == []
    page.context.close()
