"""The Zendesk app: what goes into its zip, and everything that is looked at before anybody uploads it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from plugin import __version__
from plugin.marketplace.archive import Files, to_json
from plugin.marketplace.place import Place
from plugin.marketplace.problems import Problem
from plugin.marketplace.zendesk.assets import check_assets
from plugin.marketplace.zendesk.manifest import check_manifest
from plugin.marketplace.zendesk.requirements import check_requirements, make_requirements
from plugin.marketplace.zendesk.translations import check_translations

HERE = Path(__file__).parent


def build(manifest: dict[str, Any], place: Place) -> Files:
    """The files of the zip: the manifest without Freshworks' part, our drawings and translations, the requirements."""
    ours = {key: value for key, value in place.moved(manifest).items() if key != "freshworks"}
    files = {
        "manifest.json": to_json(ours | {"version": __version__}),
        "requirements.json": to_json(make_requirements(place)),
    }
    for folder, ending in (("assets", "*.png"), ("translations", "*.json")):
        files |= {f"{folder}/{path.name}": path.read_bytes() for path in (HERE / folder).glob(ending)}
    return files


def check(files: Files) -> Iterator[Problem]:
    """All problems, those of the manifest first."""
    yield from check_manifest(files)
    yield from check_assets(files)
    yield from check_translations(files)
    yield from check_requirements(files)
