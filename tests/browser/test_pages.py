"""Our own pages in a real browser: without scripts, light and dark, from a phone to a wide screen, either direction."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from plugin.app import House, build
from plugin.cli.server import make_server
from plugin.settings import Settings
from plugin.work.admit import make_link
from tests.browser.conftest import SHOTS
from tests.toydesk import ToyClock
from tests.web.filled import add_account, causes, fill
from tests.web.visitor import PASSWORD, add_person

pytestmark = pytest.mark.browser

PAGES = {
    "overview": "/",
    "account": "/accounts/shop",
    "empty-account": "/accounts/empty",
    "promises": "/accounts/shop/promises",
    "cause": "/accounts/shop/causes/{cause}?days=28",
    "causes": "/accounts/shop/causes",
    "digest": "/accounts/shop/digests/lead/week:2026-W09",
    "accounts": "/admin",
    "jobs": "/admin/jobs",
    "people": "/admin/people",
    "not-there": "/accounts/nothing",
}
OUTSIDE = {"sign-in": "/sign-in?next=/admin", "used-link": "/welcome?token=none", "welcome": "/welcome?token={token}"}
"""Pages for who is not in yet."""

WIDTHS = (320, 768, 1440)
LOOKS: dict[str, dict[str, str]] = {"light": {}, "dark": {"color_scheme": "dark"}, "arabic": {"locale": "ar"}}
"""How a reader's browser is set."""


REFUSAL = re.compile(r"status of 4\d\d")
"""What a browser's console says of pages that are refusals on purpose."""


@dataclass
class Site:
    """The server, and a browser with somebody signed in."""

    house: House
    url: str
    browser: Any
    token: str

    def context(self, *, signed_in: bool = True, **how: Any) -> Any:
        """A fresh profile; scripts are off unless asked for."""
        context = self.browser.new_context(**{"java_script_enabled": False, **how})
        if signed_in:
            page = context.new_page()
            page.goto(f"{self.url}/sign-in")
            page.locator("#name").fill("ada")
            page.locator("#password").fill(PASSWORD)
            page.locator("button.main").click()
            page.close()
        return context

    def address(self, name: str) -> str:
        return self.url + {**PAGES, **OUTSIDE}[name].format(cause=causes()[1], token=self.token)


@pytest.fixture(scope="module")
def site(chromium: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    house = build(Settings(home=tmp_path_factory.mktemp("site"), workers=0, reconcile_seconds=0, threads=8), ToyClock())
    server = make_server(house, "127.0.0.1", 0)
    threading.Thread(target=server.run, daemon=True).start()
    add_account(house, "shop")
    add_account(house, "empty", paused="the helpdesk refused our credentials (401)")
    fill(house, "shop", 12)
    add_person(house, "ada")
    token = make_link(house.storage, house.clock.now(), add_person(house, "ilze", "lead", ("shop",)))
    yield Site(house, f"http://127.0.0.1:{server.effective_port}", chromium, token)
    server.close()
    house.close()


@pytest.fixture(scope="module")
def contexts(site: Site) -> Iterator[dict[str, Any]]:
    """Light, dark and Arabic readers, each signed in once."""
    made = {look: site.context(**how) for look, how in LOOKS.items()}
    made |= {f"{look} outside": site.context(signed_in=False, **how) for look, how in LOOKS.items()}
    yield made
    for context in made.values():
        context.close()


def shoot(page: Any, name: str) -> None:
    if SHOTS:
        page.screenshot(path=str(SHOTS / f"page-{name}.png"), full_page=True)


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("name", [*PAGES, *OUTSIDE])
def test_a_page_fits_every_width_and_loads_nothing_foreign(
    site: Site, contexts: dict[str, Any], name: str, look: str
) -> None:
    where = f"{look} outside" if name in OUTSIDE else look
    page, asked, said = contexts[where].new_page(), [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda line: said.append(line.text) if not REFUSAL.search(line.text) else None)
    page.goto(site.address(name))
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        wide = page.locator("html").evaluate("e => [e.scrollWidth, e.clientWidth]")
        assert wide[0] <= wide[1], f"{name} is {wide[0]} px wide on {width}"
        shoot(page, f"{name}-{look}-{width}")
    page.close()
    assert [url for url in asked if not url.startswith(site.url)] == []
    assert said == []


@pytest.mark.parametrize("names", [PAGES, OUTSIDE], ids=["inside", "outside"])
@pytest.mark.parametrize("look", LOOKS)
def test_axe_finds_nothing_on_any_page(site: Site, look: str, names: dict[str, str]) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    context = site.context(java_script_enabled=True, signed_in=names is PAGES, **LOOKS[look])
    page, found = context.new_page(), {}
    for name in names:
        page.goto(site.address(name))
        wrong = [(rule["id"], [node["html"][:120] for node in rule["nodes"]][:3]) for rule in
                 axe.run(page).response["violations"]]  # fmt: skip
        if wrong:
            found[name] = wrong
    context.close()
    assert found == {}


def test_an_admin_does_everything_without_scripts_and_by_keyboard_only(site: Site, tmp_path: Path) -> None:
    context = site.context()
    page = context.new_page()
    page.goto(f"{site.url}/admin")
    panel = page.locator("section", has_text="shop").first
    panel.locator("input[value=write]").check()
    panel.get_by_role("button", name="Set the mode").press("Enter")
    assert "written now" in page.get_by_role("status").inner_text()
    shoot(page, "mode-changed")
    page.get_by_role("button", name="Undo").press("Enter")
    assert "nothing is written" in page.get_by_role("status").inner_text()
    page.goto(f"{site.url}/admin/jobs")
    page.get_by_role("button", name="Try again").first.press("Enter")
    assert "waits again" in page.get_by_role("status").inner_text()
    page.goto(f"{site.url}/admin/people")
    page.locator("#name").fill("Jānis")
    page.get_by_role("button", name="Add and show the link").press("Enter")
    link = page.get_by_role("status").locator("code").inner_text()
    shoot(page, "person-added")
    context.close()
    newcomer = site.context(signed_in=False).new_page()
    newcomer.goto(link)
    shoot(newcomer, "welcome")
    newcomer.locator("#password").fill("a long enough sentence")
    newcomer.locator("#again").fill("a long enough sentence")
    newcomer.locator("button.main").press("Enter")
    newcomer.wait_for_url("**/")
    assert newcomer.get_by_role("navigation").first.is_visible()
    assert newcomer.get_by_role("link", name="Jobs").count() == 0
    newcomer.context.close()


def test_focus_is_seen_and_the_first_stop_skips_to_the_content(site: Site, contexts: dict[str, Any]) -> None:
    page = contexts["light"].new_page()
    page.goto(f"{site.url}/admin")
    page.keyboard.press("Tab")
    skip = page.locator(".skip:focus")
    assert skip.is_visible()
    assert skip.evaluate("e => getComputedStyle(e).outlineStyle") == "solid"
    page.close()


def test_every_button_and_box_is_large_enough_to_touch(site: Site, contexts: dict[str, Any]) -> None:
    page = contexts["light"].new_page()
    page.set_viewport_size({"width": 320, "height": 900})
    for name in ("account", "accounts", "people", "jobs"):
        page.goto(site.address(name))
        for button in page.locator("button, nav a, summary, .choice").all():
            if button.is_visible():  # what is folded away has no height
                assert button.bounding_box()["height"] >= 24, button.evaluate("e => e.outerHTML")
    page.close()
