"""A customer's own page in a real browser: by keyboard alone, left to right and right to left, without scripts."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from plugin.cli.server import make_server
from plugin.domain.ticket import Channel, Message, Person, Role, Status, Ticket
from plugin.ports import Account
from plugin.work.preference_links import address_of, make_link
from tests.browser.conftest import SHOTS
from tests.toydesk import OWN_USER
from tests.web.inside import NOW, Inside, make_inside

pytestmark = pytest.mark.browser

ACCOUNT = Account(
    "acme", "zendesk", "https://acme.zendesk.com", own_user_id=OWN_USER, zone="Europe/Riga", region="LV",
    languages=("en", "ar"), settings={"company": "Acme Telecom"},
)  # fmt: skip
SAID = {
    "en": "Hello, please do not call me. Write to ilze@example.org instead, and in English.",
    "ar": "مرحبا، أرجو عدم الاتصال بي على الهاتف. راسلوني على البريد الإلكتروني sara@example.com من فضلكم.",
}


@dataclass
class Shop:
    """Our house, open on this machine."""

    inside: Inside
    url: str

    def page_of(self, lang: str) -> str:
        """The link of a customer who wrote in this language."""
        said = Message(f"{lang}-1", Role.CUSTOMER, NOW, SAID[lang], channel=Channel.EMAIL, locale=lang)
        ticket = Ticket(f"t-{lang}", Status.OPEN, Person(f"p-{lang}", "X", lang), NOW, NOW, messages=(said,))
        self.inside.desk.add(ticket)
        self.look(ticket.id)
        now = self.inside.clock.now()
        return address_of(self.url, make_link(self.inside.house.storage, ACCOUNT, ticket.id, now))

    def look(self, ticket_id: str) -> None:
        with self.inside.house.storage.unit() as u:
            u.queue.put("acme", "analyse", f"ticket:{ticket_id}", self.inside.clock.now())
        self.inside.work()


@contextmanager
def open_shop(home: Path) -> Iterator[Shop]:
    inside = make_inside(home, ACCOUNT)
    server = make_server(inside.house, "127.0.0.1", 0)
    threading.Thread(target=server.run, daemon=True).start()
    yield Shop(inside, f"http://127.0.0.1:{server.effective_port}")
    server.close()
    inside.house.close()


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with open_shop(tmp_path / "home") as shop:
        yield shop


@pytest.fixture
def page(chromium: Any) -> Iterator[Any]:
    """A customer's telephone, with scripts switched on only so that axe can look."""
    context = chromium.new_context(viewport={"width": 390, "height": 844})
    yield context.new_page()
    context.close()


def axe(page: Any) -> list[str]:
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [f"{rule['id']}: {node['target']} {node['failureSummary']}" for rule in found for node in rule["nodes"]]


def shoot(page: Any, name: str) -> None:
    if SHOTS:
        SHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SHOTS / f"preferences-{name}.png", full_page=True)


def tab_to(page: Any, selector: str) -> None:
    """Press Tab until this has the focus; fails where the keyboard cannot come."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            return
    raise AssertionError(f"the keyboard does not reach {selector}")


@pytest.mark.parametrize("lang", ["en", "ar"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_readable_and_has_no_fault_that_axe_knows(shop: Shop, page: Any, lang: str, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)
    address = shop.page_of(lang)
    for path, name in (("", "page"), ("/erase", "erase"), ("x", "sorry")):
        page.goto(address + path)
        assert axe(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        shoot(page, f"{name}-{lang}-{scheme}")
    page.goto(address)
    assert page.evaluate("document.documentElement.dir") == ("rtl" if lang == "ar" else "ltr")


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_all_of_it_goes_by_keyboard_and_without_scripts(shop: Shop, chromium: Any, lang: str) -> None:
    context = chromium.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False)
    page = context.new_page()
    page.goto(shop.page_of(lang))
    before = page.locator("ul.items > li").count()
    assert before >= 1

    for key in ("Tab", "Enter"):  # past the link that skips to the content
        page.keyboard.press(key)
    fill_in_by_keyboard(page)
    assert page.locator("[role=status]").count() == 1
    assert page.locator("ul.items > li").count() == before + 1
    shoot(page, f"saved-{lang}")

    page.locator("ul.items button").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**done=ended")
    assert page.locator("ul.items > li").count() == before

    page.locator("a[href$='/erase']").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/erase")
    page.locator("button.danger").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**done=erased")
    assert page.locator("ul.items > li").count() == 0
    context.close()


def fill_in_by_keyboard(page: Any) -> None:
    """Refuse text messages to one number, with the keys that anybody has."""
    page.locator("input[name=wish][value=want]").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")  # from telephone to SMS
    page.keyboard.press("Tab")
    page.keyboard.type("+371 26 123 456")
    page.keyboard.press("Enter")
    page.wait_for_url("**done=added")


def test_the_keyboard_reaches_everything_in_order(shop: Shop, page: Any) -> None:
    page.goto(shop.page_of("en"))
    for selector in (
        ".skip", "ul.items button", "input[name=wish]", "#channel", "#point", "#days", "#start", "#end", "#language",
        "button.main", "a[href$='/export']", "a[href$='/erase']",
    ):  # fmt: skip
        tab_to(page, selector)
