"""Check the pages a Freshworks app shows, and the folders around them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from plugin.marketplace.archive import Files
from plugin.marketplace.place import split_address
from plugin.marketplace.problems import Problem, shown

CLIENT = "{{{appclient}}}"
"""What the platform replaces by the address of its client script."""

TOP = ("app/", "config/", "server/")
"""Folders of an app; beside them manifest.json, README.md and what `fdk pack` writes."""

TOP_FILES = ("manifest.json", "README.md", ".report.json", "digest.md5")

_SOURCE = re.compile(r"""<(?:script|link|img)\b[^>]*?\b(?:src|href)\s*=\s*["']([^"']*)["']""", re.IGNORECASE)
_INLINE = re.compile(r"<script\b(?![^>]*\bsrc\s*=)[^>]*>", re.IGNORECASE)


def check_page(files: Files) -> Iterator[Problem]:
    """Folders, README, and every page in app/."""
    if not any(name.startswith("app/") for name in files):
        yield Problem("app/", "", "is missing", "add the page that the ticket's sidebar shows")
    if "README.md" not in files:
        yield Problem("README.md", "", "is missing", "say what the app does and what it sends where")
    for name in sorted(files):
        if "node_modules/" in name or not (name.startswith(TOP) or name in TOP_FILES):
            yield Problem(name, "", "does not belong into an app", f"keep {', '.join(TOP)} manifest.json and README.md")
        elif name.startswith("app/") and name.endswith(".html"):
            yield from _check_html(name, files[name].decode("utf-8", "replace"), files)


def _check_html(name: str, html: str, files: Files) -> Iterator[Problem]:
    if CLIENT not in html:
        yield Problem(name, "script", f"does not load {CLIENT}", f'add <script src="{CLIENT}"></script>')
    if _INLINE.search(html):
        yield Problem(name, "script", "holds a script of its own", "put it into a file in app/scripts/")
    for source in _SOURCE.findall(html):
        if source == CLIENT:
            continue
        if split_address(source).scheme or source.startswith("//"):
            yield Problem(name, shown(source), "is fetched from elsewhere", "put the file into app/")
        elif _beside(name, source) not in files:
            yield Problem(name, shown(source), "is not in the package", "add the file, or mend its name")


def _beside(name: str, source: str) -> str:
    """The path in the package that a page means: relative to itself, or to app/ when it begins with a slash."""
    path = source.split("?")[0].split("#")[0]
    folder = PurePosixPath("app") if path.startswith("/") else PurePosixPath(name).parent
    return str(folder / path.lstrip("/"))
