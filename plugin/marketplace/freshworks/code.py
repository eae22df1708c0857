"""Check a Freshworks app's code as far as its manifest speaks of it, and that it uses nothing the platform lacks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from plugin.marketplace.archive import Files
from plugin.marketplace.freshworks.requests import common_part
from plugin.marketplace.problems import Problem, Unreadable, read_object, shown

SERVER = "server/server.js"

_INVOKED = re.compile(r"""invokeTemplate\(\s*['"]([^'"]+)['"]""")
_CALLED = re.compile(r"""client\.request\.invoke\(\s*['"]([^'"]+)['"]""")
_OLD_REQUEST = re.compile(r"\brequest\.(get|post|put|patch|delete)\(")
_TIMER = re.compile(r"\b(setTimeout|setInterval)\(")
_FUNCTION = re.compile(r"^(?:async\s+)?function\s", re.MULTILINE)


def check_code(files: Files) -> Iterator[Problem]:
    """server.js against the manifest, and every script against the request templates."""
    handlers, functions = set(_handlers(files)), set(common_part(files, "functions"))
    source = _text(files, SERVER)
    if (handlers or functions) and SERVER not in files:
        yield Problem(SERVER, "", "is missing", "add the file with the handlers that manifest.json names")
    elif source:
        yield from _check_server(source, handlers | functions)
    templates = common_part(files, "requests")
    for name in sorted(name for name in files if name.endswith(".js") and not name.startswith("config/")):
        text = _text(files, name)
        for template in sorted(set(_INVOKED.findall(text)) - templates.keys()):
            yield Problem(name, shown(template), "is invoked but not declared", "add it to modules.common.requests")
        for function in sorted(set(_CALLED.findall(text)) - functions):
            yield Problem(name, shown(function), "is called but not declared", "add it to modules.common.functions")
        for method in sorted(set(_OLD_REQUEST.findall(text))):
            what = f"request.{method}() went with platform 2.3"
            yield Problem(name, f"request.{method}", what, "use invokeTemplate")


def _check_server(source: str, needed: set[str]) -> Iterator[Problem]:
    exports = re.search(r"^exports\s*=\s*\{", source, re.MULTILINE)
    if not exports:
        yield Problem(SERVER, "exports", "is missing", "write exports = { … } with the handlers in it")
        return
    for name in sorted(needed):
        if not re.search(rf"\b{re.escape(name)}\s*(:\s*(async\s+)?function\b|\()", source[exports.end() :]):
            yield Problem(SERVER, shown(name), "is not exported", "add the function that manifest.json names")
    if _FUNCTION.search(source[: exports.start()]):
        what = "come before exports, and the platform's reader stumbles over them"
        yield Problem(SERVER, "helper functions", what, "move them below the exports")
    for timer in sorted(set(_TIMER.findall(source))):
        yield Problem(SERVER, timer, "does not exist in the platform's sandbox", "do without it")
    if not source.isascii():
        yield Problem(SERVER, "", "holds letters beyond ASCII, which the platform warns of", "write ASCII only")


def _handlers(files: Files) -> Iterator[str]:
    try:
        modules: Any = read_object(files, "manifest.json").get("modules")
    except Unreadable:
        return
    for module in modules.values() if isinstance(modules, dict) else ():
        events = module.get("events") if isinstance(module, dict) else None
        for heard in events.values() if isinstance(events, dict) else ():
            if isinstance(heard, dict) and isinstance(heard.get("handler"), str):
                yield heard["handler"]


def _text(files: Files, name: str) -> str:
    return files.get(name, b"").decode("utf-8", "replace")
