"""Send one request to one host, again where that is safe, and say plainly what became of it."""

from __future__ import annotations

import base64
import random
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Protocol
from urllib.parse import urlsplit

import orjson
import requests
from requests.adapters import BaseAdapter
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NewConnectionError

from plugin.http.budget import Budget, Limit
from plugin.http.headers import read_retry_after, read_windows
from plugin.http.replies import Conflict, NotFound, Refusal, Reply, read_error, refuse
from plugin.ports import Clock, Disconnected, Rejected, Temporary

CONNECT_SECONDS, READ_SECONDS = 5.0, 30.0
"""To reach the host, and to wait for the next bytes of its answer."""

WHOLE_SECONDS = 120.0
"""For a whole answer: a host that sends a byte now and then must not hold a worker for ever."""

TRIES = 4
"""First try and three more."""

LONGEST_PAUSE = 60.0
"""Seconds spent waiting inside one call, all in all; a longer Retry-After goes back to the queue as Temporary."""

MOST_BYTES = 20 * 1024 * 1024
"""Of one answer, after decompression. A page of 100 comments of 64 KiB in three forms stays below it."""

TOO_MANY_PAUSE = 10.0
"""Seconds to keep quiet after a 429 that does not say for how long."""

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
"""Hosts that may be spoken to without TLS: the sandbox."""

AGAIN = frozenset({408, 423, 425, 429})
"""4xx answers that mean "not now"; nothing was done."""

Params = Mapping[str, str | int]


class Auth(Protocol):
    """Gives the Authorization header; `refused` is told of a 401 and says whether there is another one to try."""

    def header(self) -> str: ...

    def refused(self, header: str) -> bool: ...


class Basic:
    """A user name and password that do not change."""

    def __init__(self, user: str, password: str) -> None:
        self._header = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()

    def header(self) -> str:
        return self._header

    def refused(self, header: str) -> bool:
        return False


class Http:
    """One host. Credentials go there and nowhere else: no redirect is followed, no URL from an answer is opened.

    Raises Temporary (`unknown=True` where a write may have happened), Conflict (409), NotFound (404), Refusal (other
    4xx) and Disconnected (401, 403).
    """

    def __init__(
        self,
        base_url: str,
        *,
        clock: Clock,
        budget: Budget,
        auth: Auth | None = None,
        transport: BaseAdapter | None = None,
        pause: Callable[[float], None] = time.sleep,
        agent: str = "Followthrough",
    ) -> None:
        self.base_url = check_host(base_url)
        self._clock, self._budget, self._auth, self._pause = clock, budget, auth, pause
        self._session = _open_session(self.base_url, transport, agent)

    def __repr__(self) -> str:
        return f"Http({self.base_url!r})"

    def signed(self, auth: Auth) -> Http:
        """The same host, budget and connections, with credentials."""
        other = object.__new__(Http)
        other.__dict__.update(self.__dict__, _auth=auth)
        return other

    def pause(self, seconds: float) -> None:
        """Wait, by the clock this was built with."""
        self._pause(seconds)

    def get(self, path: str, params: Params | None = None, *, limits: Iterable[Limit] = ()) -> Reply:
        """Read; tried again after anything that may pass."""
        return self.send("GET", path, params=params, limits=limits)

    def look_for(self, path: str, params: Params | None = None, *, limits: Iterable[Limit] = ()) -> Reply | None:
        """Read something that the plan or our rights may not have: None for 403 and 404."""
        try:
            return self.get(path, params, limits=limits)
        except (NotFound, Forbidden):
            return None

    def send(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        json: Any = None,
        content: tuple[bytes, str] | None = None,
        limits: Iterable[Limit] = (),
        repeatable: bool | None = None,
        tries: int = TRIES,
    ) -> Reply:
        """One request. `content`: bytes and their media type, instead of `json`. `repeatable`: doing it twice is like
        doing it once (by default true for GET only). `tries`: 1 for a body that would be stale after a wait: then no
        room in the budget and "too many requests" come back as Temporary at once."""
        body, kind = content or (None if json is None else orjson.dumps(json), "application/json")
        safe = method == "GET" if repeatable is None else repeatable
        call = _Call(method, path, params, body, kind, tuple(limits), safe)
        waited, renewed = 0.0, False
        for attempt in range(1, tries + 2):
            header = self._auth.header() if self._auth else ""
            try:
                self._budget.spend(call.limits, patience=0.0 if tries == 1 else None)
                return self._once(call, header)
            except Unauthorized:
                if renewed or not (self._auth and self._auth.refused(header)):
                    raise
                renewed = True
            except _Again as again:
                wait = _wait_before(attempt, again.retry_after)
                if attempt >= tries or waited + wait > LONGEST_PAUSE:
                    raise Temporary(str(again), again.retry_after, unknown=again.unknown) from None
                waited += wait
                self._pause(wait)
        raise Unauthorized("the helpdesk does not accept our credentials (401)")

    def _once(self, call: _Call, header: str) -> Reply:
        started = self._clock.now()
        try:
            with self._session.request(
                call.method,
                self._url(call.path),
                params=call.params,
                data=call.body,
                headers={} if call.body is None else {"Content-Type": call.kind},
                auth=_Stamp(header),
                timeout=(CONNECT_SECONDS, READ_SECONDS),
                allow_redirects=False,
                stream=True,
            ) as response:
                status, headers = response.status_code, {k.lower(): v for k, v in response.headers.items()}
                content = self._read(response, started)
        except requests.RequestException as error:
            # "from None": such errors print the whole request, and what follows the path may be a customer's address.
            raise _judge_failure(error, call.safe) from None
        return self._judge(Reply(status, headers, content), call)

    def _judge(self, reply: Reply, call: _Call) -> Reply:
        status, seen = reply.status, read_windows(reply.headers)
        self._budget.learn(seen, call.limits)
        if 200 <= status < 300:
            return reply
        wait = read_retry_after(reply.headers.get("retry-after"), self._clock.now())
        if status == 429:
            wait = TOO_MANY_PAUSE if wait is None else wait
            self._budget.shut(wait, seen, call.limits)
        if status in AGAIN:
            raise _Again(f"the helpdesk answered {status}", wait)
        if status >= 500:
            raise _failed(f"the helpdesk answered {status}", call.safe, wait)
        raise _error_for(status, reply.body)

    def _url(self, path: str) -> str:
        if not path.startswith("/") or path.startswith("//") or "\\" in path or "?" in path or "#" in path:
            raise ValueError("a path starts with one slash and holds no query")
        return self.base_url + path

    def _read(self, response: requests.Response, started: datetime) -> bytes:
        content = bytearray()
        for chunk in response.iter_content(65_536):
            content += chunk
            if len(content) > MOST_BYTES:
                raise requests.exceptions.ContentDecodingError("too long")
            if (self._clock.now() - started).total_seconds() > WHOLE_SECONDS:
                raise requests.exceptions.ReadTimeout("too slow")
        return bytes(content)


@dataclass(frozen=True, slots=True)
class _Call:
    """One request as it was asked for; `safe`: sending it twice is like sending it once."""

    method: str
    path: str
    params: Params | None
    body: bytes | None
    kind: str
    limits: tuple[Limit, ...]
    safe: bool


class Unauthorized(Disconnected):
    """401: these credentials are not accepted (any more)."""


class Forbidden(Disconnected):
    """403: we are known, and may not. `code` is the helpdesk's own word for it ("require_feature"), or ""."""

    def __init__(self, code: str = "") -> None:
        super().__init__("our user may not do this in the helpdesk (403)" + (f": {code}" if code else ""))
        self.code = code


class _Again(Temporary):
    """Try once more inside this call, if there is time."""


class _Stamp(requests.auth.AuthBase):
    """Sets our header; being there at all, it keeps requests from taking credentials out of a .netrc file."""

    def __init__(self, header: str) -> None:
        self._header = header

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._header:
            request.headers["Authorization"] = self._header
        return request


def check_host(url: str) -> str:
    """Scheme and host of a helpdesk, without a trailing slash; Rejected for anything that is not plain https."""
    try:
        parts = urlsplit(url.strip())
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise Rejected("the helpdesk's address cannot be read") from None
    secure = parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK)
    if not (secure and host) or parts.username or parts.password or parts.path.strip("/") or parts.query:
        raise Rejected(
            "the helpdesk's address must look like https://acme.zendesk.com (or .freshdesk.com), nothing more"
        )
    return f"{parts.scheme}://{parts.netloc}"


def _open_session(base_url: str, transport: BaseAdapter | None, agent: str) -> requests.Session:
    session = requests.Session()
    session.headers.update({"User-Agent": agent, "Accept": "application/json"})
    # No cookies: a session of theirs must never stand in for our credentials, and threads share this object.
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    # Proxies of the environment are for the outside; a sandbox on this machine is reached directly.
    session.trust_env = urlsplit(base_url).hostname not in LOOPBACK
    adapter = transport or requests.adapters.HTTPAdapter(pool_maxsize=64)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


def _judge_failure(error: requests.RequestException, safe: bool) -> Temporary:
    """Which failure this was. Only one that came before the first byte left is certain to have changed nothing."""
    if _never_connected(error):
        return _Again("the helpdesk cannot be reached")
    if isinstance(error, requests.exceptions.ContentDecodingError):
        return Temporary("the helpdesk's answer is too long or damaged", unknown=not safe)
    return _failed("the connection to the helpdesk failed or took too long", safe, None)


def _failed(reason: str, safe: bool, retry_after: float | None) -> Temporary:
    """After this a read may be repeated at once; a write may have happened, and somebody has to look first."""
    return _Again(reason, retry_after) if safe else Temporary(reason, retry_after, unknown=True)


def _never_connected(error: requests.RequestException) -> bool:
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return True
    cause = error.args[0] if error.args else None
    reason = cause.reason if isinstance(cause, MaxRetryError) else cause
    return isinstance(reason, NewConnectionError | ConnectTimeoutError)


def _error_for(status: int, body: bytes) -> Exception:
    if status == 401:
        return Unauthorized("the helpdesk does not accept our credentials (401)")
    if status == 403:
        return Forbidden(read_error(body)[0])
    if status == 409:
        return Conflict("somebody else changed it at the same time (409)")
    if status < 400:
        return Refusal(status, "RedirectRefused")
    return refuse(status, body)


def _wait_before(attempt: int, asked: float | None) -> float:
    """Seconds before the next try: what the helpdesk asked for, else growing from half a second, with jitter."""
    if asked is not None:
        return asked + random.uniform(0, 0.3)
    return 0.5 * 2.0 ** (attempt - 1) * random.uniform(0.7, 1.3)
