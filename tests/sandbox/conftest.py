"""A sandbox to test against, a receiver for its webhooks, and a small client that knows no tricks."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import requests

from plugin.sandbox import Account, MovedClock, Sandbox, open_sandbox

NOON = datetime(2026, 3, 2, 12, 0, 30, tzinfo=UTC)


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock(NOON)


@pytest.fixture
def sandbox(clock: MovedClock) -> Iterator[Sandbox]:
    with open_sandbox(clock) as opened:
        yield opened


@pytest.fixture
def account(sandbox: Sandbox) -> Account:
    return sandbox.account


class Api:
    """Speaks to one account with a bearer token."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.session = requests.Session()
        self.session.trust_env = False
        asked = {"grant_type": "client_credentials", **account.credentials(), "scope": "read write"}
        self.grant = self.session.post(account.url + "/oauth/tokens", json=asked, timeout=5).json()
        self.session.headers["Authorization"] = "Bearer " + self.grant["access_token"]

    def __call__(self, method: str, path: str, **more: Any) -> requests.Response:
        return self.session.request(method, self.account.url + path, timeout=10, **more)


@pytest.fixture
def api(account: Account) -> Api:
    return Api(account)


@pytest.fixture
def ticket(account: Account) -> int:
    mara = account.do.customer("Mara Quill", "mara@example.org", "+44 20 7946 0311")
    return account.do.customer_writes(mara, "My line is dead.\nSince Monday.", subject="Dead line")


class Receiver:
    """A webhook endpoint that keeps what it gets and answers as told."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[tuple[int, dict[str, str]]] = []
        self.before: Callable[[], None] = lambda: None
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                outer.got.append(({k.lower(): v for k, v in self.headers.items()}, body))
                outer.before()
                status, headers = outer.answers.pop(0) if outer.answers else (202, {})
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.server.shutdown()
    made.server.server_close()
