"""Check a Freshworks app's manifest, platform 3.0.

No schema of it is published; the rules are from the platform's documentation and error messages
(https://developers.freshworks.com/docs/app-sdk/v3.0/, freshworks-developers/marketplace). `fdk validate` has the last
word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from plugin.marketplace.archive import Files
from plugin.marketplace.pictures import check_svg
from plugin.marketplace.problems import Problem, Unreadable, joined, read_object, shown

FILE = "manifest.json"

PLATFORM = "3.0"
KEYS = ("platform-version", "modules", "engines", "dependencies", "app")

GONE = {
    "product": "describe it under modules",
    "whitelisted-domains": "name the hosts in config/requests.json",
    "name": "take it out; the app gets its name in the developer portal",
}
"""Keys of older platforms that 3.0 refuses."""

ENGINES = {"9": "18", "10": "24"}
"""Major version of the FDK → major version of the Node it runs on."""

COMMON_PLACES = frozenset({"full_page_app", "cti_global_sidebar"})
TICKET_PLACES = frozenset(
    {"ticket_sidebar", "ticket_requester_info", "ticket_top_navigation", "ticket_background", "time_entry_background",
     "ticket_attachment", "ticket_conversation_editor", "new_ticket_requester_info", "new_ticket_background"}
)  # fmt: skip
WITHOUT_ICON = frozenset(
    {"ticket_background", "time_entry_background", "new_ticket_background", "ticket_requester_info",
     "new_ticket_requester_info", "new_email_requester_info"}
)  # fmt: skip
"""Places that show no icon; all others need one of 64×64 pixels."""

ICON_SIDE = 64

COMMON_EVENTS = frozenset(
    {"onAppInstall", "afterAppUpdate", "onAppUninstall", "onSettingsUpdate", "onScheduledEvent", "onExternalEvent"}
)
TICKET_EVENTS = frozenset(
    {"onTicketCreate", "onTicketUpdate", "onTicketDelete", "onConversationCreate", "onConversationUpdate",
     "onConversationDelete"}
)  # fmt: skip

MODULES = {"common": (COMMON_PLACES, COMMON_EVENTS), "support_ticket": (TICKET_PLACES, TICKET_EVENTS)}
"""Modules that this app may use: where it can stand in each, and what it can hear there."""

PRODUCT_MODULE = "support_ticket"


def check_manifest(files: Files) -> Iterator[Problem]:
    """Everything about manifest.json; where it cannot be read, only that."""
    nested = sorted(name for name in files if re.fullmatch(r"[^/]+/manifest\.json", name))
    if FILE not in files and nested:
        yield Problem(nested[0], "", "lies in a folder", "zip the files themselves, not the folder around them")
        return
    try:
        manifest = read_object(files, FILE)
    except Unreadable as error:
        yield error.problem
        return
    if manifest.get("platform-version") != PLATFORM:
        saw = shown(manifest.get("platform-version"))
        yield Problem(FILE, "platform-version", f"must be {PLATFORM}, not {saw}", f'write "{PLATFORM}"')
    for key in sorted(manifest.keys() - set(KEYS)):
        fix = GONE.get(key, f"one of {joined(KEYS)}")
        yield Problem(FILE, shown(key), f"is no key of platform {PLATFORM}", fix)
    yield from _check_engines(manifest.get("engines"))
    yield from _check_modules(manifest.get("modules"), files)


def _check_engines(engines: Any) -> Iterator[Problem]:
    if not isinstance(engines, dict):
        yield Problem(FILE, "engines", "is missing", 'write {"node": "24.11.0", "fdk": "10.0.1"}')
        return
    majors = {}
    for name in ("node", "fdk"):
        found = re.fullmatch(r"([0-9]+)\.[0-9]+\.[0-9]+", str(engines.get(name)))
        if not found:
            yield Problem(FILE, f"engines.{name}", f"{shown(engines.get(name))} is no version", 'write "24.11.0"')
        else:
            majors[name] = found[1]
    if len(majors) == 2 and ENGINES.get(majors["fdk"]) != majors["node"]:
        pairs = ", ".join(f"fdk {fdk} with node {node}" for fdk, node in ENGINES.items())
        yield Problem(FILE, "engines", f"fdk {majors['fdk']} does not go with node {majors['node']}", pairs)


def _check_modules(modules: Any, files: Files) -> Iterator[Problem]:
    if not isinstance(modules, dict):
        yield Problem(FILE, "modules", "is missing", 'write {"common": {…}, "support_ticket": {…}}')
        return
    if PRODUCT_MODULE not in modules:
        yield Problem(FILE, "modules", "names no product's module", f'add "{PRODUCT_MODULE}" beside "common"')
    for name, module in modules.items():
        key = f"modules.{shown(name)}"
        if name not in MODULES:
            yield Problem(FILE, key, "is no module this app can stand in", f"one of {joined(MODULES)}")
        elif not isinstance(module, dict):
            yield Problem(FILE, key, "must be an object", "write {} or what the app does there")
        else:
            yield from _check_module(name, module, files)


def _check_module(name: str, module: Mapping[str, Any], files: Files) -> Iterator[Problem]:
    key, (places, events) = f"modules.{name}", MODULES[name]
    known = ("location", "events", *(("requests", "functions") if name == "common" else ()))
    for extra in sorted(module.keys() - set(known)):
        where = " (it belongs under modules.common)" if extra in ("requests", "functions") else ""
        yield Problem(FILE, f"{key}.{shown(extra)}", f"does not belong here{where}", f"one of {joined(known)}")
    yield from _check_locations(key, module.get("location"), places, files)
    yield from _check_events(key, module.get("events"), events)


def _check_locations(key: str, locations: Any, places: frozenset[str], files: Files) -> Iterator[Problem]:
    if locations is None:
        return
    if not isinstance(locations, dict) or not locations:
        yield Problem(FILE, f"{key}.location", "is empty", "name a place, or take the key out")
        return
    for place, shows in locations.items():
        at = f"{key}.location.{shown(place)}"
        if place not in places:
            elsewhere = [f"modules.{n}" for n, (others, _) in MODULES.items() if place in others]
            fix = f"move it to {elsewhere[0]}" if elsewhere else f"one of {joined(places)}"
            yield Problem(FILE, at, "is no place of this module", fix)
        elif not isinstance(shows, dict):
            yield Problem(FILE, at, "must be an object", 'write {"url": "index.html", "icon": "…"}')
        else:
            yield from _check_place(at, place, shows, files)


def _check_place(at: str, place: str, shows: Mapping[str, Any], files: Files) -> Iterator[Problem]:
    url, icon = shows.get("url"), shows.get("icon")
    if not isinstance(url, str) or f"app/{url}" not in files:
        yield Problem(FILE, f"{at}.url", f"there is no app/{shown(url)}", "name a page that lies in app/")
    if icon is None:
        if place not in WITHOUT_ICON:
            yield Problem(FILE, f"{at}.icon", "is missing", f"name an SVG of {ICON_SIDE}×{ICON_SIDE} in app/")
    elif not isinstance(icon, str) or f"app/{icon}" not in files:
        yield Problem(FILE, f"{at}.icon", f"there is no app/{shown(icon)}", "name an SVG that lies in app/")
    elif not icon.endswith(".svg"):
        yield Problem(FILE, f"{at}.icon", "is no SVG", f"draw it as SVG of {ICON_SIDE}×{ICON_SIDE}")
    else:
        yield from check_svg(f"app/{icon}", files[f"app/{icon}"], ICON_SIDE)


def _check_events(key: str, events: Any, known: frozenset[str]) -> Iterator[Problem]:
    if events is None:
        return
    if not isinstance(events, dict):
        yield Problem(FILE, f"{key}.events", "must be an object", 'write {"onTicketCreate": {"handler": "…"}}')
        return
    for event, heard in events.items():
        at = f"{key}.events.{shown(event)}"
        if event not in known:
            elsewhere = [f"modules.{n}" for n, (_, others) in MODULES.items() if event in others]
            fix = f"move it to {elsewhere[0]}" if elsewhere else f"one of {joined(known)}"
            yield Problem(FILE, at, "is no event of this module", fix)
        elif not isinstance(heard, dict) or not isinstance(heard.get("handler"), str) or not heard["handler"]:
            yield Problem(FILE, at, "names no handler", 'write {"handler": "a function that server.js exports"}')
