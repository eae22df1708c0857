"""Check the request templates of a Freshworks app: declared on both sides, to our host only, secrets in headers only.

Form: https://developers.freshworks.com/docs/app-sdk/v3.0/support_ticket/advanced-interfaces/request-method/
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from plugin.marketplace.archive import Files
from plugin.marketplace.place import host_fault
from plugin.marketplace.problems import Problem, Unreadable, joined, read_object, shown

FILE = "config/requests.json"

SCHEMA_KEYS = ("protocol", "method", "host", "path", "headers", "query")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
OPTION_KEYS = ("maxAttempts", "retryDelay", "oauth")
MOST_ATTEMPTS = 5
MOST_DELAY = 1500
"""Milliseconds between two attempts."""

MOST = 100
"""Templates in one app."""

EXPRESSION = re.compile(r"<%=\s*(.*?)\s*%>")
_NAME = re.compile(r"(?:encode\(\s*)?(iparam|context)\.([A-Za-z_]\w*)(?:\s*\+\s*'[^']*')?\s*\)?|access_token", re.ASCII)
_SECRET_HEADER = re.compile(r"authorization|token|secret|key|signature", re.IGNORECASE)


def check_requests(files: Files) -> Iterator[Problem]:
    """Every template, and that manifest and file name the same ones."""
    declared = set(common_part(files, "requests"))
    if FILE not in files and not declared:
        return
    try:
        templates = read_object(files, FILE)
    except Unreadable as error:
        yield error.problem
        return
    for name in sorted(declared - templates.keys()):
        what = "is declared but not defined"
        yield Problem("manifest.json", f"modules.common.requests.{shown(name)}", what, f"define it in {FILE}")
    for name in sorted(templates.keys() - declared):
        yield Problem(FILE, shown(name), "is defined but not declared", "add it to modules.common.requests")
    if len(templates) > MOST:
        yield Problem(FILE, "", f"holds {len(templates)} templates", f"keep at most {MOST}")
    iparams = _iparams(files)
    for name, template in templates.items():
        yield from _check_template(shown(name), template, iparams)
    yield from _check_one_host(templates)


def _check_template(name: str, template: Any, iparams: Mapping[str, Any]) -> Iterator[Problem]:
    schema = template.get("schema") if isinstance(template, dict) else None
    if not isinstance(schema, dict):
        yield Problem(FILE, name, "has no schema", 'write {"schema": {"method": …, "host": …, "path": …}}')
        return
    for key in sorted(schema.keys() - set(SCHEMA_KEYS)):
        fix = "give it to invokeTemplate" if key == "body" else f"one of {joined(SCHEMA_KEYS)}"
        yield Problem(FILE, f"{name}.schema.{shown(key)}", "does not belong into a schema", fix)
    if schema.get("protocol", "https") != "https":
        yield Problem(FILE, f"{name}.schema.protocol", "must be https", 'write "https"')
    if schema.get("method") not in METHODS:
        what = f"{shown(schema.get('method'))} is no method"
        yield Problem(FILE, f"{name}.schema.method", what, f"one of {joined(METHODS)}")
    if fault := host_fault(schema.get("host")):
        yield Problem(FILE, f"{name}.schema.host", fault, "build with --url https://… of a public host")
    path = schema.get("path")
    if not isinstance(path, str) or not path.startswith("/"):
        yield Problem(FILE, f"{name}.schema.path", "must begin with /", 'write it like "/hooks/freshdesk"')
    yield from _check_parts(name, schema, iparams)
    yield from _check_options(name, template.get("options", {}))


def _check_parts(name: str, schema: Mapping[str, Any], iparams: Mapping[str, Any]) -> Iterator[Problem]:
    for part in ("headers", "query"):
        given = schema.get(part, {})
        if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
            yield Problem(FILE, f"{name}.schema.{part}", "must be an object of texts", 'write {"Name": "value"}')
    for part in ("host", "path", "headers", "query"):
        for key, text in _texts(schema.get(part)):
            yield from _check_expressions(f"{name}.schema.{part}{key}", text, part == "headers", iparams)
    for key, text in _texts(schema.get("headers")):
        if _SECRET_HEADER.search(key) and not EXPRESSION.search(text):
            what = "holds its secret in plain text"
            yield Problem(FILE, f"{name}.schema.headers{key}", what, "take it from a secure iparam or the context")


def _check_expressions(key: str, text: str, is_header: bool, iparams: Mapping[str, Any]) -> Iterator[Problem]:
    for expression in EXPRESSION.findall(text):
        found = _NAME.fullmatch(expression)
        if not found:
            what = f"{shown(expression)} is no expression of the platform"
            yield Problem(FILE, key, what, "write <%= iparam.name %> or <%= context.name %>")
        elif found[1] == "iparam" and found[2] not in iparams:
            what = f"there is no iparam {shown(found[2])}"
            yield Problem(FILE, key, what, "add it to config/iparams.json, or name one that is there")
        elif found[1] == "iparam" and not is_header and _is_secure(iparams[found[2]]):
            what = f"{shown(found[2])} is secure, and secure iparams are filled into headers only"
            yield Problem(FILE, key, what, "move it into a header")
    if text.count("<%") != len(EXPRESSION.findall(text)):
        yield Problem(FILE, key, "has an expression that is not closed", "write <%= … %>")


def _check_options(name: str, options: Any) -> Iterator[Problem]:
    if not isinstance(options, dict):
        yield Problem(FILE, f"{name}.options", "must be an object", "write {} or take it out")
        return
    for key in sorted(options.keys() - set(OPTION_KEYS)):
        yield Problem(FILE, f"{name}.options.{shown(key)}", "is no option", f"one of {joined(OPTION_KEYS)}")
    for key, least, most in (("maxAttempts", 1, MOST_ATTEMPTS), ("retryDelay", 0, MOST_DELAY)):
        value = options.get(key, least)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            yield Problem(FILE, f"{name}.options.{key}", f"is {shown(value)}", f"a whole number from {least} to {most}")


def _check_one_host(templates: Mapping[str, Any]) -> Iterator[Problem]:
    """The app's secret goes to one server only."""
    schemas = [t.get("schema") for t in templates.values() if isinstance(t, dict)]
    hosts = {shown(s.get("host")) for s in schemas if isinstance(s, dict)}
    if len(hosts) > 1:
        yield Problem(FILE, "", f"speaks to {len(hosts)} hosts: {joined(hosts)}", "let all templates name the same one")


def common_part(files: Files, part: str) -> dict[str, Any]:
    """{"card": {}, …}: what the manifest declares under modules.common, {} where it cannot be read."""
    try:
        found: Any = read_object(files, "manifest.json")
    except Unreadable:
        return {}
    for key in ("modules", "common", part):
        found = found.get(key) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}


def _iparams(files: Files) -> dict[str, Any]:
    try:
        return read_object(files, "config/iparams.json")
    except Unreadable:
        return {}


def _is_secure(iparam: Any) -> bool:
    return isinstance(iparam, dict) and iparam.get("secure") is True


def _texts(value: Any) -> Iterator[tuple[str, str]]:
    """(".Authorization", "Bearer …") for each text of an object; ("", "…") for a text by itself."""
    if isinstance(value, str):
        yield "", value
    elif isinstance(value, dict):
        yield from ((f".{shown(k)}", v) for k, v in value.items() if isinstance(v, str))
