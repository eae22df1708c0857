"""The Freshworks app: what goes into its folder, and everything that is looked at before anybody packs it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from plugin.marketplace.archive import Files, to_json
from plugin.marketplace.freshworks.code import check_code
from plugin.marketplace.freshworks.iparams import check_iparams
from plugin.marketplace.freshworks.manifest import check_manifest
from plugin.marketplace.freshworks.page import check_page
from plugin.marketplace.freshworks.requests import check_requests
from plugin.marketplace.place import Place
from plugin.marketplace.problems import Problem
from plugin.ports import Rejected

HERE = Path(__file__).parent

FOLDERS = ("app", "config", "server")

LOOK = HERE.parents[1] / "static" / "card.css"
"""The card looks the same inside every helpdesk."""


def build(manifest: dict[str, Any], place: Place) -> Files:
    """The app's files: the manifest's key "freshworks", our folders as they lie here, and the server's address in
    them. The account's name is only the installation form's suggestion."""
    if not isinstance(manifest.get("freshworks"), dict):
        raise Rejected('manifest.json has no key "freshworks": the Freshworks app is described there')
    files = {"manifest.json": to_json(manifest["freshworks"]), "README.md": (HERE / "README.md").read_bytes()}
    for path in sorted(path for folder in FOLDERS for path in (HERE / folder).rglob("*")):
        if path.is_file() and not any(part.startswith((".", "__")) for part in path.relative_to(HERE).parts):
            files[path.relative_to(HERE).as_posix()] = path.read_bytes()
    files["app/styles/card.css"] = LOOK.read_bytes()
    for name in ("config/iparams.json", "config/requests.json"):
        files[name] = to_json(place.moved(json.loads(files[name])))
    iparams = json.loads(files["config/iparams.json"])
    iparams["account"]["default_value"] = place.account
    return files | {"config/iparams.json": to_json(iparams)}


def check(files: Files) -> Iterator[Problem]:
    """All problems, those of the manifest first."""
    yield from check_manifest(files)
    yield from check_requests(files)
    yield from check_iparams(files)
    yield from check_code(files)
    yield from check_page(files)
