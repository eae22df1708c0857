"""Check what lies in a Zendesk app beside its texts: logos, icons, and nothing that its upload refuses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from plugin.marketplace.archive import Files
from plugin.marketplace.pictures import check_png, check_svg
from plugin.marketplace.problems import Problem, Unreadable, read_object

LOGOS = {"assets/logo.png": ((320, 320),), "assets/logo-small.png": ((128, 128),)}
"""Sizes as in Zendesk's own scaffold (zendesk/app_scaffolds)."""

BANNER = "assets/banner.png"
BANNER_SIZES = ((830, 200), (1660, 400))

ICON_PLACES = ("nav_bar", "top_bar", "system_top_bar", "ticket_editor")
"""Locations that show an icon of their own: assets/icon_<location>.svg."""

REFUSED_ENDINGS = (
    ".7z", ".avi", ".bin", ".bz", ".bz2", ".csh", ".doc", ".docx", ".gz", ".gzip", ".jar", ".mp3", ".mpeg", ".odt",
    ".pdf", ".ppt", ".pptx", ".rar", ".sh", ".xls", ".xlsx", ".zip",
)  # fmt: skip
"""Kinds of files that no app may hold (zendesk/zendesk_apps_support, validations/mime.rb)."""

REFUSED_STARTS = (b"PK\x03\x04", b"%PDF-", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf", b"BZh", b"\xd0\xcf\x11\xe0", b"ID3")
"""How such files begin, whatever they are called."""


def check_assets(files: Files) -> Iterator[Problem]:
    """Pictures that must be there in their size, drawings that are only drawings, and no file of a refused kind."""
    given = dict(files)
    for name, sizes in LOGOS.items():
        yield from check_png(given, name, sizes)
    if BANNER in files:
        yield from check_png(given, BANNER, BANNER_SIZES)
    for place in _places(files):
        if place in ICON_PLACES and f"assets/icon_{place}.svg" not in files:
            yield Problem(f"assets/icon_{place}.svg", "", "is missing", f"draw one, or take {place} out of location")
    for name in sorted(files):
        if name.endswith(".svg"):
            yield from check_svg(name, files[name])
        if name.lower().endswith(REFUSED_ENDINGS) or files[name].startswith(REFUSED_STARTS):
            yield Problem(name, "", "is a kind of file that Zendesk refuses", "leave it out")


def _places(files: Files) -> Iterator[str]:
    try:
        products: Any = read_object(files, "manifest.json").get("location")
    except Unreadable:
        return  # the manifest's own check says so
    for places in products.values() if isinstance(products, dict) else ():
        yield from places if isinstance(places, dict) else ()
