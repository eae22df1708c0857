"""Check what a Freshworks app asks for when it is installed, and that its secret is kept from browsers.

Form: https://developers.freshworks.com/docs/app-sdk/v3.0/support_ticket/app-settings/app-installation-page/
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from plugin.marketplace.archive import Files
from plugin.marketplace.problems import Problem, Unreadable, joined, read_object, shown

FILE = "config/iparams.json"

TYPES = ("text", "dropdown", "email", "phone_number", "paragraph", "number", "url", "radio", "checkbox", "multiselect",
         "date", "domain", "api_key")  # fmt: skip
KEYS = ("display_name", "description", "type", "required", "default_value", "options", "regex", "secure", "data-bind",
        "type_attributes", "events", "visible")  # fmt: skip
CHOICES = ("dropdown", "radio", "multiselect")
CAN_BE_SECURE = ("text", "paragraph", "email", "phone_number", "number", "url", "api_key")
PRODUCT_TYPES = ("domain", "api_key")
"""Types that say of which product they are."""

PRODUCTS = ("freshdesk", "freshservice", "freshsales", "freshworks_crm")

SECRET = "app_secret"  # noqa: S105 - the name of a setting
"""The one our own server signs and is asked with: it must never reach a browser."""

_SECRET_NAME = re.compile(r"secret|token|password|api_?key", re.IGNORECASE)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def check_iparams(files: Files) -> Iterator[Problem]:
    """Every installation parameter. The file must be there even if it asks for nothing."""
    if "config/iparams.html" in files and FILE in files:
        yield Problem("config/iparams.html", "", "stands beside iparams.json", "keep one of the two")
    try:
        iparams = read_object(files, FILE)
    except Unreadable as error:
        yield error.problem
        return
    for name, iparam in iparams.items():
        if not isinstance(iparam, dict):
            yield Problem(FILE, shown(name), "must be an object", 'write {"display_name": …, "type": "text"}')
        else:
            yield from _check_iparam(name, iparam)
    if SECRET not in iparams:
        yield Problem(FILE, SECRET, "is missing", "add it: text, required, secure")
    elif isinstance(iparams[SECRET], dict) and iparams[SECRET].get("required") is not True:
        yield Problem(FILE, f"{SECRET}.required", "is not true", "without the secret the app can do nothing")


def _check_iparam(name: str, iparam: Mapping[str, Any]) -> Iterator[Problem]:
    key, kind = shown(name), iparam.get("type")
    if not _NAME.fullmatch(name):
        yield Problem(FILE, key, "cannot be used in a template", "letters, digits and _ only")
    for field in ("display_name", "type"):
        if not iparam.get(field) or not isinstance(iparam[field], str):
            yield Problem(FILE, f"{key}.{field}", "is missing", f"add {field}")
    if kind and kind not in TYPES:
        yield Problem(FILE, f"{key}.type", f"{shown(kind)} is no type", f"one of {joined(TYPES)}")
    for field in sorted(iparam.keys() - set(KEYS)):
        yield Problem(FILE, f"{key}.{shown(field)}", "is no key of an iparam", f"one of {joined(KEYS)}")
    for field in ("required", "secure", "visible"):
        if not isinstance(iparam.get(field, False), bool):
            yield Problem(FILE, f"{key}.{field}", "must be true or false", "write it without quotation marks")
    yield from _check_secret(key, name, kind, iparam)
    yield from _check_choices(key, kind, iparam)
    yield from _check_product(key, kind, iparam)


def _check_secret(key: str, name: str, kind: Any, iparam: Mapping[str, Any]) -> Iterator[Problem]:
    secure = iparam.get("secure") is True
    if secure and kind not in CAN_BE_SECURE:
        yield Problem(FILE, f"{key}.secure", f"a {shown(kind)} cannot be secure", f"one of {joined(CAN_BE_SECURE)}")
    if secure and "default_value" in iparam:
        yield Problem(FILE, f"{key}.default_value", "would put a secret into the package", "take it out")
    if not secure and _SECRET_NAME.search(name):
        yield Problem(FILE, f"{key}.secure", "is not true, so browsers would see the secret", 'add "secure": true')


def _check_choices(key: str, kind: Any, iparam: Mapping[str, Any]) -> Iterator[Problem]:
    options = iparam.get("options")
    if kind not in CHOICES:
        return
    if not isinstance(options, list) or not options:
        yield Problem(FILE, f"{key}.options", f"is missing for a {kind}", 'write ["one", "other"]')
        return
    values = [option.get("value") if isinstance(option, dict) else option for option in options]
    if kind == "dropdown" and "default_value" not in iparam:
        yield Problem(FILE, f"{key}.default_value", "is missing for a dropdown", "name one of the options")
    chosen = iparam.get("default_value", values[0])
    if any(one not in values for one in (chosen if isinstance(chosen, list) else [chosen])):
        yield Problem(FILE, f"{key}.default_value", "is none of the options", "write one of them, letter by letter")


def _check_product(key: str, kind: Any, iparam: Mapping[str, Any]) -> Iterator[Problem]:
    if kind not in PRODUCT_TYPES:
        return
    attributes = iparam.get("type_attributes")
    if not isinstance(attributes, dict) or attributes.get("product") not in PRODUCTS:
        what = f"names no product for a {kind}"
        yield Problem(FILE, f"{key}.type_attributes.product", what, f"one of {joined(PRODUCTS)}")
