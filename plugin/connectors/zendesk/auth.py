"""Sign in to Zendesk: an OAuth client that fetches its own short-lived tokens, or a legacy API token."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict, ValidationError

from plugin.http import Auth, Basic, Http, Refusal
from plugin.ports import Clock, Disconnected, Temporary

TOKEN_PATH = "/oauth/tokens"  # noqa: S105 - a path, not a secret
SCOPE = "read write"

ASSUMED_LIFE = 1800
"""Seconds, where Zendesk names none: the default life of its access tokens since February 2026."""

EARLY = 60
"""Seconds before its end in which a token is replaced, at most a tenth of its life."""

_TOKEN = re.compile(r"[\x21-\x7e]{1,4096}", re.ASCII)
"""What may stand in a header: nothing that could start another one."""


class _Token(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)
    access_token: str
    expires_in: int | None = None


class ClientCredentials:
    """Tokens by the client_credentials grant, kept in memory; however many threads ask, one of them fetches.

    https://developer.zendesk.com/api-reference/ticketing/oauth/grant_type_tokens/
    """

    def __init__(self, http: Http, client_id: str, client_secret: str, clock: Clock) -> None:
        self._http, self._clock = http, clock
        self._client_id, self._client_secret = client_id, client_secret
        self._lock = threading.Lock()
        self._header = ""
        self._until: datetime | None = None

    def header(self) -> str:
        with self._lock:
            if not self._header or self._until is None or self._clock.now() >= self._until:
                self._fetch()
            return self._header

    def refused(self, header: str) -> bool:
        """Always worth one more try: with the token another thread has fetched by now, or with a new one."""
        with self._lock:
            if header == self._header:
                self._fetch()
            return True

    def _fetch(self) -> None:
        self._header, self._until = "", None
        token = self._ask()
        life = token.expires_in if token.expires_in and token.expires_in > 0 else ASSUMED_LIFE
        self._header = f"Bearer {token.access_token}"
        self._until = self._clock.now() + timedelta(seconds=life - min(EARLY, life / 10))

    def _ask(self) -> _Token:
        wanted = {
            "grant_type": "client_credentials",
            "client_id": self._client_id,
            "client_secret": self._client_secret,
            "scope": SCOPE,
        }
        try:
            token = _Token.model_validate(self._http.send("POST", TOKEN_PATH, json=wanted, repeatable=True).json())
        except Refusal as refusal:
            raise Disconnected(f"Zendesk does not accept our OAuth client: {refusal}") from None
        except ValidationError:
            raise Temporary("Zendesk answered no usable token") from None
        if not _TOKEN.fullmatch(token.access_token):
            raise Temporary("Zendesk answered no usable token")
        return token


class NoWayIn:
    """An account without usable credentials: its webhooks are let in and kept all the same, every call is refused."""

    def header(self) -> str:
        raise Disconnected("Zendesk needs client_id and client_secret (OAuth), or email and token (legacy)")

    def refused(self, header: str) -> bool:
        return False


def sign_in(credentials: Mapping[str, str], http: Http, clock: Clock) -> Auth:
    """The way in that an account's credentials allow; one that refuses every call when they are neither kind."""
    if credentials.get("client_id") and credentials.get("client_secret"):
        return ClientCredentials(http, credentials["client_id"], credentials["client_secret"], clock)
    if credentials.get("email") and credentials.get("token"):
        return Basic(f"{credentials['email']}/token", credentials["token"])
    return NoWayIn()
