"""Check a Zendesk app's manifest.

The rules are those of Zendesk's own validator (zendesk/zendesk_apps_support 4.52.0, validations/manifest.rb and
secure_settings.rb), made stricter where it lets through what cannot have been meant: it ignores unknown keys.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from plugin.marketplace.archive import Files
from plugin.marketplace.problems import Problem, Unreadable, joined, read_object, shown
from plugin.marketplace.zendesk.locations import check_locations
from plugin.marketplace.zendesk.parameters import check_parameters

FILE = "manifest.json"

FRAMEWORK = "2.0"
"""The only version of the apps framework that Zendesk still takes."""

BOOLEANS = ("requirementsOnly", "marketingOnly", "singleInstall", "signedUrls", "private")
STRINGS = ("name", "defaultLocale", "version", "frameworkVersion", "remoteInstallationURL", "termsConditionsURL",
           "gaID")  # fmt: skip
OTHERS = ("author", "location", "parameters", "domainWhitelist", "oauth", "experiments", "noTemplate")

LOCALE = re.compile(r"[a-z]{2,3}(-\w{2,3})?", re.ASCII)
"""How a language is named: "en", "pt-br", "fil"."""

_OAUTH_KEYS = ("client_id", "client_secret", "authorize_uri", "access_token_uri")


def check_manifest(files: Files) -> Iterator[Problem]:
    """Everything about manifest.json; where it cannot be read, only that."""
    nested = sorted(name for name in files if re.fullmatch(r"[^/]+/manifest\.json", name))
    if FILE not in files and nested:
        yield Problem(nested[0], "", "lies in a folder", "zip the files themselves, not the folder around them")
        return
    try:
        manifest = read_object(files, FILE)
    except Unreadable as error:
        yield error.problem
        return
    yield from _check_keys(manifest)
    yield from _check_types(manifest)
    yield from _check_addresses(manifest)
    yield from _check_locale(manifest, files)
    yield from _check_kind(manifest, files)
    yield from check_parameters(manifest)
    yield from _check_oauth(manifest)


def _check_keys(manifest: Mapping[str, Any]) -> Iterator[Problem]:
    for key in ("author", "defaultLocale"):
        if manifest.get(key) is None:
            yield Problem(FILE, key, "is missing", f"add {key}")
    for key in sorted(manifest.keys() - {*BOOLEANS, *STRINGS, *OTHERS}):
        known = joined((*BOOLEANS, *STRINGS, *OTHERS))
        yield Problem(FILE, shown(key), "is no key that Zendesk knows; it would be ignored", f"one of {known}")
    if "noTemplate" in manifest:
        yield Problem(FILE, "noTemplate", "went with version 1 of the framework", "take it out")


def _check_types(manifest: Mapping[str, Any]) -> Iterator[Problem]:
    for key in BOOLEANS:
        if not isinstance(manifest.get(key, False), bool):
            what = f"must be true or false, not {shown(manifest[key])}"
            yield Problem(FILE, key, what, "write true or false without quotation marks")
    for key in STRINGS:
        if not isinstance(manifest.get(key, ""), str):
            yield Problem(FILE, key, f"must be text, not {shown(manifest[key])}", "put it between quotation marks")
    author = manifest.get("author", {})
    if not isinstance(author, dict):
        yield Problem(FILE, "author", "must be an object", 'write {"name": …, "email": …, "url": …}')
    else:
        for key in ("name", "email", "url"):
            if not isinstance(author.get(key, ""), str):
                yield Problem(FILE, f"author.{key}", "must be text", "put it between quotation marks")
    hosts = manifest.get("domainWhitelist", [])
    if not isinstance(hosts, list) or not all(isinstance(host, str) for host in hosts):
        yield Problem(FILE, "domainWhitelist", "must be a list of host names", 'write ["ft.acme.example"]')
    elif any("://" in host or "/" in host for host in hosts):
        yield Problem(FILE, "domainWhitelist", "holds an address", "write host names only, without https:// or a path")
    if not isinstance(manifest.get("experiments", {}), dict):
        yield Problem(FILE, "experiments", "must be an object", "write {} or take it out")


def _check_addresses(manifest: Mapping[str, Any]) -> Iterator[Problem]:
    author = manifest.get("author")
    addresses = {"termsConditionsURL": manifest.get("termsConditionsURL")}
    addresses["author.url"] = author.get("url") if isinstance(author, dict) else None
    for key, address in addresses.items():
        if isinstance(address, str) and not re.match(r"https?://", address):
            yield Problem(FILE, key, "is no web address", "begin it with https://")


def _check_locale(manifest: Mapping[str, Any], files: Files) -> Iterator[Problem]:
    locale = manifest.get("defaultLocale")
    if not isinstance(locale, str):
        return
    if not LOCALE.fullmatch(locale):
        yield Problem(FILE, "defaultLocale", f"{shown(locale)} names no language", 'write it like "en" or "pt-br"')
    elif f"translations/{locale}.json" not in files:
        what = f"there is no translations/{locale}.json"
        yield Problem(FILE, "defaultLocale", what, "add that file, or name a language that has one")


def _check_kind(manifest: Mapping[str, Any], files: Files) -> Iterator[Problem]:
    """An app shows something somewhere, unless it merely installs requirements or is an advertisement."""
    for kind in ("requirementsOnly", "marketingOnly"):
        if manifest.get(kind) is True:
            for key in ("location", "frameworkVersion"):
                if manifest.get(key):
                    yield Problem(FILE, key, f"must not stand beside {kind}", f"take out {key}, or {kind}")
            if kind == "marketingOnly" and manifest.get("private", True) is True:
                yield Problem(FILE, "private", "a private app cannot be for marketing only", "take out marketingOnly")
            return
    if manifest.get("frameworkVersion") != FRAMEWORK:
        saw = shown(manifest.get("frameworkVersion"))
        yield Problem(FILE, "frameworkVersion", f"must be {FRAMEWORK}, not {saw}", f'write "{FRAMEWORK}"')
    yield from check_locations(manifest, files)


def _check_oauth(manifest: Mapping[str, Any]) -> Iterator[Problem]:
    oauth = manifest.get("oauth")
    if oauth is None:
        return
    missing = [k for k in _OAUTH_KEYS if not (isinstance(oauth, dict) and oauth.get(k))]
    if missing:
        yield Problem(FILE, "oauth", f"lacks {', '.join(missing)}", "add them, or take out oauth")
    parameters = manifest.get("parameters")
    kinds = [p.get("type") for p in parameters if isinstance(p, dict)] if isinstance(parameters, list) else []
    if "oauth" not in kinds:
        yield Problem(FILE, "parameters", "hold none of type oauth", "add one, or take out oauth")
