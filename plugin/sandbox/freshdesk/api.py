"""Freshdesk's answer to one request: login, limits, routes, in this order."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from werkzeug.wrappers import Request, Response

from plugin.sandbox.application import Application, refusal
from plugin.sandbox.errors import ApiError
from plugin.sandbox.faults import Fault
from plugin.sandbox.freshdesk import account_api, notes_api, pages, tickets_api
from plugin.sandbox.freshdesk.account import FreshAccount
from plugin.sandbox.freshdesk.errors import invalid, not_found, too_many_requests, wrong_method
from plugin.sandbox.freshdesk.login import recognise
from plugin.sandbox.freshdesk.state import Attachment
from plugin.sandbox.freshdesk.web import FreshCall
from plugin.sandbox.pages import CSP
from plugin.sandbox.web import Routes

if TYPE_CHECKING:
    from plugin.sandbox.server import Sandbox

METHODS = ("GET", "POST", "PUT", "DELETE")


class FreshApplication(Application):
    """One Freshdesk account over HTTP."""

    pages = "/a/"

    def __init__(self, sandbox: Sandbox, account: FreshAccount) -> None:
        super().__init__(sandbox, account)
        self._account = account
        self._routes = Routes()
        tickets_api.add_routes(self._routes)
        notes_api.add_routes(self._routes)
        account_api.add_routes(self._routes)

    def refuse(self, fault: Fault) -> Response:
        if fault.kind == "required":
            return refusal(invalid(("type", "It should be one of these values: 'Question,Incident'", "missing_field")),
                           {})  # fmt: skip
        if fault.kind == "429-json":
            return refusal(too_many_requests(fault.retry_after), {})
        if fault.kind == "503":
            return refusal(ApiError(503, "", {"Retry-After": str(fault.retry_after)}), {})
        page = "<html><head><title>We're sorry, but something went wrong (500)</title></head></html>"
        return refusal(ApiError(502 if fault.kind == "html" else 500, page, {}, "text/html"), {})

    def answer(self, request: Request, path: str, body: bytes, headers: dict[str, str]) -> Response:
        if path.startswith("/attachments/"):
            return self._file(path)
        headers["X-Freshdesk-API-Version"] = "latest=v2; requested=v2"
        query = request.args.to_dict()
        self._account.limits.charge(request.method, path, query, headers)
        user = recognise(self._account.desk, request.headers.get("Authorization"))
        found = self._routes.find(request.method, path)
        if found is None:
            known = [method for method in METHODS if self._routes.find(method, path)]
            raise wrong_method(known) if known else not_found()
        handler, ids = found
        kind = request.headers.get("Content-Type", "")
        call = FreshCall(self._account.desk, user, request.method, path, query, body, kind, self._account.url)
        status, shown = handler(call, *ids)
        return self.json(status, shown, headers | call.headers)

    def page(self, request: Request) -> Response:
        desk = self._account.desk
        number = request.path.removeprefix("/a/tickets/")
        ticket = desk.state.tickets.get(int(number)) if number.isdigit() else None
        if ticket is None and request.path.rstrip("/") != "/a/tickets":
            raise not_found()
        text = pages.show_page(desk, ticket) if ticket else pages.show_list(desk)
        return Response(text, headers={"Content-Security-Policy": CSP}, content_type="text/html; charset=utf-8")

    def _file(self, path: str) -> Response:
        """An attachment by its link, which asks for no key."""
        state = self._account.desk.state
        files: list[Attachment] = [file for ticket in state.tickets.values() for file in ticket.attachments]
        files += [file for turns in state.conversations.values() for turn in turns for file in turn.attachments]
        number = path.removeprefix("/attachments/")
        file = next((file for file in files if str(file.id) == number), None)
        if file is None:
            raise not_found()
        return Response(base64.b64decode(file.content), content_type=file.content_type)
