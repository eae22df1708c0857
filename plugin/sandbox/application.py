"""What every helpdesk's account does with a request: latency, faults, recording, the control, pages for people."""

from __future__ import annotations

import json
import logging
import socket
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from werkzeug.serving import WSGIRequestHandler
from werkzeug.wrappers import Request, Response

from plugin.sandbox import control
from plugin.sandbox.errors import ApiError, bad_request, forbidden
from plugin.sandbox.faults import Fault

if TYPE_CHECKING:
    from plugin.sandbox.server import AnyAccount, Sandbox

MAX_BODY = 24 * 2**20

_log = logging.getLogger(__name__)


class Handler(WSGIRequestHandler):
    """Keeps connections open between requests, as helpdesks do, and does not tell of every request."""

    protocol_version = "HTTP/1.1"

    def send_response(self, code: int, message: str | None = None) -> None:
        """Without the computer's own Date: the sandbox's clock tells the time."""
        self.send_response_only(code, message)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass


class Application(ABC):
    """One account's WSGI application. A helpdesk fills in `answer` (one API request), `refuse` (an ordered fault) and
    `page` (what people look at, under `pages`)."""

    pages = "/agent"

    def __init__(self, sandbox: Sandbox, account: AnyAccount) -> None:
        self._sandbox, self._anyone = sandbox, account

    def path_of(self, request: Request) -> str:
        """The path that is looked up."""
        return request.path

    @abstractmethod
    def answer(self, request: Request, path: str, body: bytes, headers: dict[str, str]) -> Response:
        """Do what the request asks; the desk's lock is held. `headers` go on a refusal as well. May raise ApiError."""

    @abstractmethod
    def refuse(self, fault: Fault) -> Response:
        """The answer to a request that was ordered to fail."""

    @abstractmethod
    def page(self, request: Request) -> Response:
        """A page for a person; ApiError 404 where there is none. They ask for no login: the sandbox only listens on
        localhost."""

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        request = Request(environ)
        body = request.stream.read(MAX_BODY)
        path = self.path_of(request)
        if path.startswith("/_sandbox/"):
            return self._control(request, path, body)(environ, start)
        if path.startswith(self.pages):
            return self._shown(request)(environ, start)
        time.sleep(self._anyone.desk.state.settings.latency)
        fault = self._anyone.faults.take(request.method, path)
        response = self._answer(request, path, body, fault)
        response.date = self._anyone.desk.clock.now()
        self._anyone.recorder.note(request.method, request.path, request.query_string.decode(),
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
            return self.refuse(fault)
        headers: dict[str, str] = {}
        with self._anyone.desk.lock:
            try:
                return self.answer(request, path, body, headers)
            except ApiError as wrong:
                return refusal(wrong, headers)
            except Exception:
                _log.exception("the sandbox itself failed on %s", path)
                return refusal(ApiError(500, {"error": "InternalError"}), headers)
            finally:
                if request.method != "GET":
                    self._anyone.desk.changed.set()

    def json(self, status: int, shown: Any, headers: dict[str, str]) -> Response:
        """A JSON answer; None is no body."""
        text = None if shown is None else json.dumps(shown, ensure_ascii=False)
        return Response(text, status, headers, content_type="application/json; charset=utf-8")

    def _shown(self, request: Request) -> Response:
        try:
            with self._anyone.desk.lock:
                return self.page(request)
        except ApiError as wrong:
            return refusal(wrong, {})

    def _control(self, request: Request, path: str, body: bytes) -> Response:
        """Only for programs on this machine: a page in a browser elsewhere cannot send JSON here."""
        try:
            if request.method == "POST" and not request.is_json:
                raise forbidden()
            asked = json.loads(body or b"{}") if request.method == "POST" else request.args.to_dict()
            shown = control.answer(self._sandbox, self._anyone, path.removeprefix("/_sandbox/"), asked)
        except ValueError:
            return refusal(bad_request("The request body is not valid JSON"), {})
        except ApiError as wrong:
            return refusal(wrong, {})
        return self.json(200, shown, {})


def refusal(wrong: ApiError, headers: dict[str, str]) -> Response:
    """An error as an answer."""
    text = wrong.body if isinstance(wrong.body, str) else json.dumps(wrong.body)
    return Response(text, wrong.status, {**headers, **wrong.headers}, content_type=wrong.content_type)


def _cut(environ: dict[str, Any]) -> None:
    """Break the connection without an answer."""
    found: socket.socket | None = environ.get("werkzeug.socket")
    if found is not None:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        found.shutdown(socket.SHUT_RDWR)
