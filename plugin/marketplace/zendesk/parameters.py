"""Check the settings that a Zendesk app asks for when it is installed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from plugin.marketplace.problems import Problem, joined, shown

FILE = "manifest.json"

TYPES = ("text", "checkbox", "url", "number", "multiline", "hidden", "oauth", "mtls")
KEYS = ("name", "type", "required", "secure", "default", "scopes", "allowed_domain", "options")
SCOPES = ("header", "body", "url", "jwt_secret_key", "jwt_claim", "basic_auth_username", "basic_auth_password")
"""Where a secure setting may be used by the request proxy."""

MOST_MTLS = 3

_SECRET_NAME = re.compile(r"token|key|pwd|password|secret", re.IGNORECASE)


def check_parameters(manifest: Mapping[str, Any]) -> Iterator[Problem]:
    """All parameters, one by one and together."""
    parameters = manifest.get("parameters", [])
    if not isinstance(parameters, list) or not all(isinstance(p, dict) for p in parameters):
        yield Problem(FILE, "parameters", "must be a list of objects", 'write [{"name": "…", "type": "text"}], or []')
        return
    names = Counter(shown(p.get("name")) for p in parameters)
    for name in (name for name, times in names.items() if times > 1):
        yield Problem(FILE, f"parameters.{name}", "stands twice", "give each parameter a name of its own")
    kinds = Counter(shown(p.get("type")) for p in parameters)
    for kind, most in (("oauth", 1), ("mtls", MOST_MTLS)):
        if kinds[kind] > most:
            yield Problem(FILE, "parameters", f"hold {kinds[kind]} of type {kind}", f"keep at most {most}")
    if parameters and manifest.get("marketingOnly") is True:
        yield Problem(FILE, "parameters", "must not stand beside marketingOnly", "take them out")
    for parameter in parameters:
        yield from _check_parameter(parameter)


def _check_parameter(parameter: Mapping[str, Any]) -> Iterator[Problem]:
    name, kind = parameter.get("name"), parameter.get("type", "text")
    key = f"parameters.{shown(name)}"
    if not isinstance(name, str) or not name:
        yield Problem(FILE, key, "has no name", 'add "name"')
    if name == "name":
        yield Problem(FILE, key, "may not be called name: Zendesk uses that word", "call it something else")
    if kind not in TYPES:
        yield Problem(FILE, f"{key}.type", f"{shown(kind)} is no type", f"one of {joined(TYPES)}")
    for unknown in sorted(parameter.keys() - set(KEYS)):
        yield Problem(FILE, f"{key}.{shown(unknown)}", "is no key of a parameter", f"one of {joined(KEYS)}")
    for switch in ("required", "secure"):
        if not isinstance(parameter.get(switch, False), bool):
            yield Problem(FILE, f"{key}.{switch}", "must be true or false", "write it without quotation marks")
    if kind == "hidden" and parameter.get("required") is True:
        yield Problem(FILE, key, "is hidden and required: nobody could fill it in", "drop one of the two")
    yield from _check_secret(key, kind, parameter)


def _check_secret(key: str, kind: Any, parameter: Mapping[str, Any]) -> Iterator[Problem]:
    secure, scopes = parameter.get("secure") is True, parameter.get("scopes")
    if kind == "oauth" and secure:
        yield Problem(FILE, key, "an oauth parameter cannot be secure", "take out secure")
    if kind == "text" and not secure and _SECRET_NAME.search(shown(parameter.get("name"))):
        yield Problem(FILE, key, "sounds like a secret and is not secure", 'add "secure": true and its scopes')
    if scopes is None:
        if secure:
            yield Problem(FILE, f"{key}.scopes", "is missing on a secure parameter", f"a list of {joined(SCOPES)}")
    elif not secure:
        yield Problem(FILE, f"{key}.scopes", "means nothing without secure", 'add "secure": true')
    elif not isinstance(scopes, list) or not scopes or any(scope not in SCOPES for scope in scopes):
        yield Problem(FILE, f"{key}.scopes", f"is not a list of {joined(SCOPES)}", "name where the setting is used")
