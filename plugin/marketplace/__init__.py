"""Build and check what helpdesks install: a Zendesk app and a Freshworks app, both from the one manifest.json."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from plugin.marketplace import freshworks, zendesk
from plugin.marketplace.archive import Files, read_zip, write_zip
from plugin.marketplace.place import Place, read_place
from plugin.marketplace.problems import Problem, Unreadable, read_object
from plugin.ports import Rejected

__all__ = ["HELPDESKS", "Files", "Place", "Problem", "build", "check", "read_manifest", "read_place", "read_zip",
           "write_zip"]  # fmt: skip

_BUILD = {"zendesk": zendesk.build, "freshdesk": freshworks.build}
_CHECK = {"zendesk": zendesk.check, "freshdesk": freshworks.check}

HELPDESKS = tuple(_BUILD)
"""Helpdesks with a package. Freshdesk's is an app of the Freshworks platform."""

_MANIFEST = "manifest.json"


def build(helpdesk: str, manifest: dict[str, Any], place: Place) -> Files:
    """The files of one package. The same arguments give the same bytes, on every machine and in every folder."""
    return _BUILD[helpdesk](manifest, place)


def check(helpdesk: str, files: Files) -> Iterator[Problem]:
    """Everything the helpdesk or we would object to, each with file, key and remedy; nothing for a good package."""
    return _CHECK[helpdesk](files)


def read_manifest() -> dict[str, Any]:
    """The one manifest.json: at the root of the checkout, or where an installed package carries it. Raises Rejected."""
    places = (Path(__file__).parents[2] / _MANIFEST, Path(sys.prefix) / "share" / "followthrough" / _MANIFEST)
    for path in places:
        if path.is_file():
            try:
                return read_object({_MANIFEST: path.read_bytes()}, _MANIFEST)
            except Unreadable as error:
                raise Rejected(str(error.problem)) from None
    raise Rejected(f"manifest.json is missing; it belongs at {places[0]}")
