"""Let in who Zendesk sends: the signed token with which it opens a page of ours inside a ticket."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlsplit

import jwt

from plugin.ports import Account, PageRequest, Refused, Viewer

SDK = "https://static.zdassets.com/zendesk_app_framework_sdk/2.0/zaf_sdk.min.js"
"""Zendesk's own script, the documented way for a page to speak with the agent's window around it.
https://developer.zendesk.com/documentation/apps/app-developer-guide/using-the-apps-framework/"""

LEEWAY = 30
"""Seconds that Zendesk's clock may be ahead of ours, or ours of theirs."""

LONGEST = 8192
"""Letters of a token; real ones have about nine hundred."""

REQUIRED = ("aud", "exp", "iat", "iss")

NOT_PROVED = "Zendesk did not prove who asks"


def ticket_url(host: str, ticket_id: str, message_id: str = "") -> str:
    """Where an agent opens a ticket; the message is named in the fragment. No such name is documented: a page that does
    not know it opens at its top, as it would without."""
    place = f"#comment-{quote(message_id, safe='')}" if message_id else ""
    return f"{host}/agent/tickets/{quote(ticket_id, safe='')}{place}"


def open_page(request: PageRequest, account: Account) -> Viewer:
    """Who opens the sidebar. Refused(401) unless the form field `token` is a JWT that was signed (RS256, nothing else)
    with the app's key, for this installation (`aud`), by this account (`iss`), and is good at this moment.

    The token names the person, not the ticket: which ticket the page is in, only the page says.
    https://developer.zendesk.com/documentation/apps/build-an-app/building-a-server-side-app/part-5-secure-the-app/
    """
    token = request.form.get("token", "")
    key, audience = account.settings.get("app_public_key", ""), account.settings.get("app_audience", "")
    if not token or len(token) > LONGEST:
        raise Refused(401, NOT_PROVED)
    if not key or not audience:
        raise Refused(401, "the account's settings app_public_key and app_audience are missing (SETUP.md)")
    claims = _decode(token, key, audience)
    if not _is_from(claims["iss"], account.host) or not _holds(claims, request.received_at):
        raise Refused(401, NOT_PROVED)
    person = str(claims.get("sub", ""))[:80]
    return Viewer(user_id=person, by_name=bool(person), once=hashlib.sha256(token.encode()).hexdigest(), client=SDK)


def _decode(token: str, key: str, audience: str) -> dict[str, Any]:
    """The claims of a token with a good signature. Its times are looked at elsewhere, by the house's clock."""
    times = {"verify_exp": False, "verify_iat": False, "verify_nbf": False}
    try:
        pem = key.replace("\\n", "\n").encode()
        options: Any = {"require": list(REQUIRED), **times}
        return jwt.decode(token, pem, algorithms=["RS256"], audience=audience, options=options)
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
        raise Refused(401, NOT_PROVED) from None


def _is_from(issuer: object, host: str) -> bool:
    """Zendesk has been seen to write its issuer with and without the scheme."""
    ours = urlsplit(host)
    spellings = (ours.netloc, f"{ours.scheme}://{ours.netloc}")
    return isinstance(issuer, str) and issuer.removesuffix("/").lower() in spellings


def _holds(claims: dict[str, Any], now: datetime) -> bool:
    """Made already, not over yet, by whole or broken seconds."""
    times = [claims["iat"], claims["exp"], claims.get("nbf", claims["iat"])]
    if not all(isinstance(t, int | float) and not isinstance(t, bool) for t in times):
        return False
    made, over, begins = times
    moment = now.timestamp()
    return bool(max(made, begins) <= moment + LEEWAY and moment - LEEWAY < over)
