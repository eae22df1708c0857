"""Check where a Zendesk app shows itself, and that what it shows there is ours and signed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from plugin.marketplace.archive import Files
from plugin.marketplace.place import host_fault, split_address
from plugin.marketplace.problems import Problem, joined, shown

FILE = "manifest.json"

LOCATIONS: dict[str, frozenset[str]] = {
    "support": frozenset(
        {"top_bar", "nav_bar", "ticket_sidebar", "new_ticket_sidebar", "user_sidebar", "organization_sidebar",
         "background", "modal", "ticket_editor", "system_top_bar", "custom_object_record_sidebar"}
    ),
    "chat": frozenset({"chat_sidebar", "background"}),
    "standalone_chat": frozenset({"nav_bar", "system_top_bar"}),
}  # fmt: skip
"""Product → where an app may stand in it (zendesk/zendesk_apps_support, location.rb). Sell has no tickets: left out."""

OPTIONS = ("url", "flexible", "autoLoad", "autoHide", "signed", "size")
SWITCHES = ("flexible", "autoLoad", "autoHide", "signed")


def check_locations(manifest: Mapping[str, Any], files: Files) -> Iterator[Problem]:
    """Every location of every product, and that the page we serve is asked for with a signed token."""
    products = manifest.get("location")
    if not isinstance(products, dict) or not products:
        yield Problem(FILE, "location", "is missing", 'write {"support": {"ticket_sidebar": {"url": "https://…"}}}')
        return
    for product, places in products.items():
        if product not in LOCATIONS:
            known = joined(LOCATIONS)
            yield Problem(FILE, f"location.{shown(product)}", "is no product with tickets", f"one of {known}")
        elif not isinstance(places, dict) or not places:
            yield Problem(FILE, f"location.{product}", "names no place", 'write {"ticket_sidebar": {"url": …}}')
        else:
            for place, options in places.items():
                yield from _check_place(manifest, files, product, place, options)


def _check_place(
    manifest: Mapping[str, Any], files: Files, product: str, place: str, options: Any
) -> Iterator[Problem]:
    key = f"location.{product}.{shown(place)}"
    if place not in LOCATIONS[product]:
        yield Problem(FILE, key, f"{product} has no such place", f"one of {joined(LOCATIONS[product])}")
        return
    if isinstance(options, str):
        options = {"url": options}
    if not isinstance(options, dict):
        yield Problem(FILE, key, "must be an object or an address", 'write {"url": "https://…"}')
        return
    for name in sorted(options.keys() - set(OPTIONS)):
        yield Problem(FILE, f"{key}.{shown(name)}", "is no option of a location", f"one of {joined(OPTIONS)}")
    for name in SWITCHES:
        if not isinstance(options.get(name, False), bool):
            yield Problem(FILE, f"{key}.{name}", "must be true or false", "write it without quotation marks")
    yield from _check_url(manifest, files, key, options)


def _check_url(manifest: Mapping[str, Any], files: Files, key: str, options: Mapping[str, Any]) -> Iterator[Problem]:
    url, key = options.get("url"), f"{key}.url"
    if not isinstance(url, str) or not url:
        if options.get("autoLoad", True) is not False:
            yield Problem(FILE, key, "is missing", "write the address of the page")
        return
    if "{{setting." in url:
        return
    parts = split_address(url)
    if not parts.scheme and not parts.netloc:
        if not parts.path.startswith("assets/") or parts.path not in files:
            yield Problem(FILE, key, f"{shown(url)} is not in the package", "name a file in assets/, or a web address")
        return
    if parts.scheme != "https":
        yield Problem(FILE, key, f"begins with {shown(parts.scheme)}://", "begin it with https://")
        return
    if fault := host_fault(parts.netloc):
        yield Problem(FILE, key, f"its host {fault}", "build with --url https://… of a public host")
    if manifest.get("signedUrls") is not True and options.get("signed") is not True:
        what = "is not true, so anybody could ask for the page"
        yield Problem(FILE, "signedUrls", what, "write true: Zendesk then sends a signed token with the first request")
    hosts = manifest.get("domainWhitelist")
    if isinstance(hosts, list) and parts.netloc not in hosts:
        yield Problem(FILE, "domainWhitelist", f"does not name {shown(parts.netloc)}", "add the page's host")
