"""Check what a Zendesk app is called and how it is described, in every language it speaks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from plugin.marketplace.archive import Files
from plugin.marketplace.problems import Problem, Unreadable, read_object, shown
from plugin.marketplace.zendesk.manifest import LOCALE

FOLDER = "translations/"

PUBLIC_KEYS = ("name", "short_description", "long_description", "installation_instructions")
"""What a listed app has to say of itself; a private one only its name."""


def check_translations(files: Files) -> Iterator[Problem]:
    """Each language's file by itself, and against the default language."""
    manifest = _manifest(files)
    needed = PUBLIC_KEYS if manifest.get("private") is False else ("name",)
    default = _texts(files, f"{FOLDER}{manifest.get('defaultLocale')}.json")
    for name in sorted(name for name in files if name.startswith(FOLDER)):
        locale = re.fullmatch(r"translations/([^/]*)\.json", name)
        if not locale or not LOCALE.fullmatch(locale[1]):
            yield Problem(name, "", "is not named after a language", 'call it like "en.json" or "pt-br.json"')
            continue
        try:
            app = read_object(files, name).get("app")
        except Unreadable as error:
            yield error.problem
            continue
        if not isinstance(app, dict):
            yield Problem(name, "app", "is missing", 'put the texts into {"app": {…}}')
            continue
        yield from _check_texts(name, app)
        yield from _check_complete(name, set(_flat(app)), needed, default, manifest)


def _check_texts(name: str, app: Mapping[str, Any]) -> Iterator[Problem]:
    for key, text in _flat(app).items():
        if not isinstance(text, str):
            yield Problem(name, f"app.{key}", f"must be text, not {shown(text)}", "put it between quotation marks")
        elif not text.strip():
            yield Problem(name, f"app.{key}", "is empty", "say it in this language, or take the key out")


def _check_complete(
    name: str, keys: set[str], needed: tuple[str, ...], default: set[str], manifest: Mapping[str, Any]
) -> Iterator[Problem]:
    for key in needed:
        if key not in keys:
            yield Problem(name, f"app.{key}", "is missing", f"add {key}")
    for key in sorted(default - keys - set(needed)):
        yield Problem(name, f"app.{key}", "is missing in this language", "translate it")
    for key in sorted(keys - default) if default else ():
        yield Problem(name, f"app.{key}", "is not in the default language", "take it out, or add it there")
    parameters = manifest.get("parameters")
    for parameter in parameters if isinstance(parameters, list) else ():
        label = f"parameters.{parameter.get('name')}.label" if isinstance(parameter, dict) else ""
        if label and label not in keys:
            yield Problem(name, f"app.{shown(label)}", "is missing: the setting would have no name", "add it")


def _flat(texts: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    """Texts by their way in: {"parameters": {"a": {"label": "A"}}} → {"parameters.a.label": "A"}. A text with a note
    for translators, {"title": …, "value": …}, counts as one."""
    found: dict[str, Any] = {}
    for key, value in texts.items():
        if isinstance(value, dict) and set(value) != {"title", "value"}:
            found |= _flat(value, f"{before}{key}.")
        else:
            found[f"{before}{key}"] = value["value"] if isinstance(value, dict) else value
    return found


def _texts(files: Files, name: str) -> set[str]:
    try:
        app = read_object(files, name).get("app")
    except Unreadable:
        return set()  # said elsewhere
    return set(_flat(app)) if isinstance(app, dict) else set()


def _manifest(files: Files) -> dict[str, Any]:
    try:
        return read_object(files, "manifest.json")
    except Unreadable:
        return {}
