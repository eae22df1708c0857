"""Serve the accounts of a sandbox on localhost, one port each."""

from __future__ import annotations

import json
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from plugin.ports import Clock
from plugin.sandbox import account_api, control, pages, tickets_api
from plugin.sandbox.account import Account, Setup, make_account
from plugin.sandbox.errors import ApiError, bad_request, forbidden, no_such_path, not_found
from plugin.sandbox.faults import Fault, answer_for
from plugin.sandbox.keeping import load_states, save_states
from plugin.sandbox.login import Caller, demand, issue_token, recognise
from plugin.sandbox.shapes import anonymous
from plugin.sandbox.web import Call, Reply, Routes

MAX_BODY = 8 * 2**20

_log = logging.getLogger(__name__)


class Sandbox:
    """Accounts by key, each with its server. Use as a context manager, or `close` it."""

    def __init__(self, clock: Clock, host: str = "127.0.0.1", state_file: Path | None = None) -> None:
        self.clock = clock
        self.accounts: dict[str, Account] = {}
        self._host, self._file = host, state_file
        self._servers: list[BaseWSGIServer] = []
        self._closed = threading.Event()

    @property
    def account(self) -> Account:
        """The first account."""
        return next(iter(self.accounts.values()))

    @property
    def url(self) -> str:
        """The first account's URL, without a slash at the end."""
        return self.account.url

    def add_account(self, setup: Setup, port: int = 0) -> Account:
        """One more account, served on a port of its own; the same key gives the same account."""
        if setup.key not in self.accounts:
            self.serve(make_account(self.clock, setup), port)
        return self.accounts[setup.key]

    def serve(self, account: Account, port: int = 0) -> None:
        """Start the server of an account."""
        server = make_server(self._host, port, _Application(self, account), threaded=True, request_handler=_Handler)
        account.url = f"http://{self._host}:{server.server_port}"
        self.accounts[account.key] = account
        self._servers.append(server)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def flush(self, timeout: float = 60.0) -> bool:
        """Wait until all deliveries of all accounts are done or given up."""
        return all(account.webhooks.flush(timeout) for account in self.accounts.values())

    def deliveries(self) -> list[dict[str, Any]]:
        """Every delivery of every account with its status and attempts; see deliveries.Invocation."""
        return [row for account in self.accounts.values() for row in account.webhooks.deliveries()]

    def save(self) -> None:
        """Write the state to its file, if it has one."""
        if self._file is None:
            return
        locks = [account.desk.lock for account in self.accounts.values()]
        for lock in locks:
            lock.acquire()
        try:
            for account in self.accounts.values():
                account.desk.changed.clear()
            save_states([account.desk.state for account in self.accounts.values()], self._file)
        finally:
            for lock in locks:
                lock.release()

    def keep_saving(self, every: float = 0.5) -> None:
        """Save whenever something changed, until closed."""

        def run() -> None:
            while not self._closed.wait(every):
                if any(account.desk.changed.is_set() for account in self.accounts.values()):
                    self.save()

        threading.Thread(target=run, daemon=True).start()

    def close(self) -> None:
        """Stop serving and sending; save the state."""
        self._closed.set()
        for account in self.accounts.values():
            account.close()
        for server in self._servers:
            server.shutdown()
            server.server_close()
        self.save()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *_unused: object) -> None:
        self.close()


def open_sandbox(
    clock: Clock, *, host: str = "127.0.0.1", port: int = 0, setup: Setup | None = None, state_file: Path | None = None
) -> Sandbox:
    """A running sandbox with one account, or with those of `state_file` when that exists (`port` is the first's)."""
    sandbox = Sandbox(clock, host, state_file)
    if state_file is not None and state_file.exists():
        for number, state in enumerate(load_states(state_file)):
            sandbox.serve(Account(state, clock), port if number == 0 else 0)
    else:
        sandbox.add_account(setup or Setup("main"), port)
    return sandbox


class _Handler(WSGIRequestHandler):
    """Keeps connections open between requests, as Zendesk does, and does not tell of every request."""

    protocol_version = "HTTP/1.1"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass


class _Application:
    """One account's WSGI application: faults, login, limits, routes, in this order."""

    def __init__(self, sandbox: Sandbox, account: Account) -> None:
        self._sandbox, self._account = sandbox, account
        self._routes = Routes()
        tickets_api.add_routes(self._routes)
        account_api.add_routes(self._routes)

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        request = Request(environ)
        body = request.stream.read(MAX_BODY)
        path = request.path.removesuffix(".json")
        if path.startswith("/_sandbox/"):
            return self._control(request, path, body)(environ, start)
        if path.startswith("/agent"):
            return self._page(path)(environ, start)
        time.sleep(self._account.desk.state.settings.latency)
        fault = self._account.faults.take(request.method, path)
        response = self._answer(request, path, body, fault)
        self._account.recorder.note(request.method, request.path, request.query_string.decode(),
                                    dict(request.headers), body, response)  # fmt: skip
        if fault is not None and fault.kind in ("reset", "drop"):
            _cut(environ)
        return response(environ, start)

    def _answer(self, request: Request, path: str, body: bytes, fault: Fault | None) -> Response:
        if fault is not None and fault.kind == "hang":
            time.sleep(fault.seconds)
        if fault is not None and fault.kind == "reset":
            return Response(status=500)
        if fault is not None and fault.kind not in ("hang", "drop"):
            return _refusal(answer_for(fault), {})
        headers: dict[str, str] = {}
        with self._account.desk.lock:
            try:
                caller = self._caller(request, path)
                who = caller.user.id if caller.user else None
                if path != "/oauth/tokens":
                    headers |= self._account.limits.charge(request.method, path, who)
                status, shown = self._route(request, path, body, caller)
            except ApiError as wrong:
                return _refusal(wrong, headers)
            except Exception:
                _log.exception("the sandbox itself failed on %s", path)
                return _refusal(ApiError(500, {"error": "InternalError"}), headers)
            if request.method != "GET":
                self._account.desk.changed.set()
        return self._json(status, shown, headers)

    def _caller(self, request: Request, path: str) -> Caller:
        public = path == "/oauth/tokens"
        return Caller(None) if public else recognise(self._account.desk, request.headers.get("Authorization"))

    def _route(self, request: Request, path: str, body: bytes, caller: Caller) -> Reply:
        desk, base = self._account.desk, self._account.url
        if path == "/oauth/tokens" and request.method == "POST":
            try:
                asked = json.loads(body) if request.is_json else request.args.to_dict()
            except ValueError:
                raise bad_request("The request body is not valid JSON", "invalid_request") from None
            return 200, issue_token(desk, asked)
        if path == "/api/v2/users/me" and caller.user is None:
            return 200, {"user": anonymous()}
        user = demand(caller, request.method)
        found = self._routes.find(request.method, path)
        if found is None:
            raise no_such_path()
        handler, ids = found
        call = Call(desk, user, request.method, path, request.args.to_dict(), body, base)
        if body and request.method != "GET" and not request.is_json:
            raise ApiError(415, {"error": "Unsupported content type"})
        return handler(call, *ids)

    def _json(self, status: int, shown: Any, headers: dict[str, str]) -> Response:
        text = None if shown is None else json.dumps(shown, ensure_ascii=False)
        response = Response(text, status, headers, content_type="application/json; charset=utf-8")
        response.date = self._account.desk.clock.now()
        return response

    def _page(self, path: str) -> Response:
        """Pages for people ask for no login: the sandbox only listens on localhost."""
        desk = self._account.desk
        with desk.lock:
            number = path.removeprefix("/agent/tickets/")
            ticket = desk.state.tickets.get(int(number)) if number.isdigit() else None
            if ticket is None and path.rstrip("/") not in ("/agent", "/agent/tickets"):
                return _refusal(not_found(), {})
            text = pages.show_page(desk, ticket) if ticket else pages.show_list(desk)
        return Response(text, headers={"Content-Security-Policy": pages.CSP}, content_type="text/html; charset=utf-8")

    def _control(self, request: Request, path: str, body: bytes) -> Response:
        """Only for programs on this machine: a page in a browser elsewhere cannot send JSON here."""
        try:
            if request.method == "POST" and not request.is_json:
                raise forbidden()
            asked = json.loads(body or b"{}") if request.method == "POST" else request.args.to_dict()
            shown = control.answer(self._sandbox, self._account, path.removeprefix("/_sandbox/"), asked)
        except ValueError:
            return _refusal(bad_request("The request body is not valid JSON"), {})
        except ApiError as wrong:
            return _refusal(wrong, {})
        return self._json(200, shown, {})


def _refusal(wrong: ApiError, headers: dict[str, str]) -> Response:
    text = wrong.body if isinstance(wrong.body, str) else json.dumps(wrong.body)
    return Response(text, wrong.status, {**headers, **wrong.headers}, content_type=wrong.content_type)


def _cut(environ: dict[str, Any]) -> None:
    """Break the connection without an answer."""
    found: socket.socket | None = environ.get("werkzeug.socket")
    if found is not None:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        found.shutdown(socket.SHUT_RDWR)
