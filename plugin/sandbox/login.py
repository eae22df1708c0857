"""Who is asking: OAuth bearer tokens, the legacy API token, and the token endpoint (zendesk.md 3)."""

from __future__ import annotations

import base64
import binascii
import hmac
from dataclasses import dataclass

from plugin.sandbox.desk import Desk
from plugin.sandbox.errors import ApiError, bad_request, forbidden, invalid_token, unauthenticated
from plugin.sandbox.state import Json, Token, User


@dataclass(frozen=True, slots=True)
class Caller:
    """The user behind a request; None for nobody. `scopes` are those of the token."""

    user: User | None
    scopes: tuple[str, ...] = ("read", "write")


def recognise(desk: Desk, authorization: str | None) -> Caller:
    """The caller; raises ApiError 401 for credentials that do not hold."""
    if not authorization:
        return Caller(None)
    scheme, _, rest = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return _by_token(desk, rest.strip())
    if scheme.lower() == "basic":
        return Caller(_by_api_token(desk, rest.strip()))
    raise unauthenticated()


def demand(caller: Caller, method: str) -> User:
    """The agent behind the request, with the scope the method needs; 401 or 403 otherwise."""
    if caller.user is None:
        raise unauthenticated()
    if caller.user.role == "end-user":
        raise forbidden()
    need = "read" if method == "GET" else "write"
    if not any(scope == need or scope.endswith(":" + need) for scope in caller.scopes):
        raise forbidden()
    return caller.user


def issue_token(desk: Desk, asked: Json) -> Json:
    """Answer POST /oauth/tokens for client_credentials."""
    if asked.get("grant_type") != "client_credentials":
        raise bad_request("The authorization grant type is not supported here", "unsupported_grant_type")
    client = next((c for c in desk.state.clients if c.identifier == asked.get("client_id")), None)
    if client is None or not _same(client.secret, str(asked.get("client_secret", ""))):
        raise ApiError(401, {"error": "invalid_client", "error_description": "Client authentication failed"})
    life = int(asked.get("expires_in") or desk.state.settings.token_life)
    if not 300 < life < 172800:
        raise bad_request("expires_in must be between 300 and 172800 seconds", "invalid_request")
    scopes = str(asked.get("scope") or client.scopes)
    value = "".join(desk.random.choice("0123456789abcdef") for _ in range(64))
    desk.state.tokens[value] = Token(value, client.user_id, scopes, desk.clock.now().timestamp() + life)
    return {"access_token": value, "token_type": "bearer", "scope": scopes, "expires_in": life}


def _by_token(desk: Desk, value: str) -> Caller:
    token = desk.state.tokens.get(value)
    if token is None or token.expires <= desk.clock.now().timestamp():
        raise invalid_token()
    return Caller(desk.state.users[token.user_id], tuple(token.scopes.split()))


def _by_api_token(desk: Desk, encoded: str) -> User:
    try:
        name, _, token = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise unauthenticated() from None
    email, _, word = name.rpartition("/")
    settings = desk.state.settings
    user = next((u for u in desk.state.users.values() if u.email == email), None)
    good = settings.tokens_allowed and bool(settings.api_token) and _same(settings.api_token, token)
    if word != "token" or user is None or not good:
        raise unauthenticated()
    return user


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
