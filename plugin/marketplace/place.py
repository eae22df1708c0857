"""Where Followthrough answers, and for which of its accounts a package is made."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import SplitResult, urlsplit

from plugin.ports import Rejected

TEMPLATE_HOST = "followthrough.example"
"""Stands in our files wherever the server's name belongs; a name that nobody can own (RFC 2606)."""

PRIVATE_ENDINGS = ("localhost", "local", "internal", "invalid", "test", "onion", "home.arpa", "lan", "intranet")
"""Names that mean something inside one network only: a helpdesk in the cloud cannot reach them."""

_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
_ACCOUNT = re.compile(r"[A-Za-z0-9_-]{1,80}")
_ID = re.compile(r"[1-9][0-9]{0,19}")


@dataclass(frozen=True, slots=True)
class Place:
    """`url` is scheme and host only. `number` is the helpdesk's own number of the account, `own_user` the id of the
    user that Followthrough is there; both "" where they are not known yet."""

    url: str
    account: str
    number: str = ""
    own_user: str = ""

    @property
    def host(self) -> str:
        return self.url.removeprefix("https://")

    def moved(self, value: Any) -> Any:
        """The same JSON with our host's name in place of the template's."""
        if isinstance(value, dict):
            return {key: self.moved(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.moved(item) for item in value]
        return value.replace(TEMPLATE_HOST, self.host) if isinstance(value, str) else value


def read_place(url: str, account: str, number: str = "", own_user: str = "") -> Place:
    """Raises Rejected, with what to write instead. The address itself is not repeated: it may hold a password."""
    if not _ACCOUNT.fullmatch(account):
        raise Rejected("an account's name is letters, digits, - and _, at most 80")
    for name, value in (("the account's number", number), ("our own user's id", own_user)):
        if value and not _ID.fullmatch(value):
            raise Rejected(f"{name} is digits only, as the helpdesk writes it: 12345678")
    return Place("https://" + _read_host(url), account, number, own_user)


def _read_host(url: str) -> str:
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise Rejected("--url cannot be read; write it like https://ft.acme.example") from None
    if parts.scheme != "https" or not host:
        raise Rejected("--url must begin with https:// (helpdesks call nothing else): https://ft.acme.example")
    if parts.username is not None or parts.path.strip("/") or parts.query or parts.fragment or port not in (None, 443):
        raise Rejected("--url is scheme and host only, without port, path or password: https://ft.acme.example")
    return _public(host)


def _public(host: str) -> str:
    if _is_address(host):
        raise Rejected("--url must name a host and not a number: certificates and Freshworks want a name")
    try:
        name = host.rstrip(".").encode("idna").decode("ascii").lower()
    except UnicodeError:
        raise Rejected("--url holds a name that cannot be a host; write it like https://ft.acme.example") from None
    labels = name.split(".")
    if not all(_LABEL.fullmatch(label) for label in labels) or len(name) > 253:
        raise Rejected("--url holds a name that cannot be a host; write it like https://ft.acme.example")
    if len(labels) < 2 or any(name == end or name.endswith("." + end) for end in PRIVATE_ENDINGS):
        raise Rejected("--url must be reachable from the internet; this name means something on your network only")
    return name


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return bool(re.fullmatch(r"[0-9.]+|0x[0-9a-fA-F.x]+", host))
    return True


def split_address(address: str) -> SplitResult:
    """Like urlsplit, but what it cannot read has no scheme and no host."""
    try:
        return urlsplit(address)
    except ValueError:
        return SplitResult("", "", address, "", "")


def host_fault(host: object) -> str:
    """Why a host in a package is no public host name; "" when it is one."""
    if not isinstance(host, str) or not host:
        return "must be a host name"
    if any(sign in host for sign in ":/?#@ "):
        return "must be a bare host name, without scheme, port or path"
    try:
        _public(host)
    except Rejected as error:
        return cast(str, error.args[0]).removeprefix("--url ")
    return ""
