"""Zendesk's answer to one request: login, limits, routes, in this order."""

from __future__ import annotations

import json
from base64 import b64decode
from typing import TYPE_CHECKING

from werkzeug.wrappers import Request, Response

from plugin.sandbox import account_api, pages, tickets_api, uploads_api
from plugin.sandbox.account import Account
from plugin.sandbox.application import Application, refusal
from plugin.sandbox.desk import Desk
from plugin.sandbox.errors import ApiError, bad_request, no_such_path, not_found
from plugin.sandbox.faults import Fault, answer_for
from plugin.sandbox.login import Caller, demand, issue_token, recognise
from plugin.sandbox.shapes import anonymous
from plugin.sandbox.web import Call, Reply, Routes

if TYPE_CHECKING:
    from plugin.sandbox.server import Sandbox


class ZendeskApplication(Application):
    """One Zendesk account over HTTP."""

    def __init__(self, sandbox: Sandbox, account: Account) -> None:
        super().__init__(sandbox, account)
        self._account = account
        self._routes = Routes()
        tickets_api.add_routes(self._routes)
        account_api.add_routes(self._routes)
        uploads_api.add_routes(self._routes)

    def path_of(self, request: Request) -> str:
        return request.path.removesuffix(".json")

    def refuse(self, fault: Fault) -> Response:
        return refusal(answer_for(fault), {})

    def answer(self, request: Request, path: str, body: bytes, headers: dict[str, str]) -> Response:
        caller = self._caller(request, path)
        who = caller.user.id if caller.user else None
        if path != "/oauth/tokens":
            headers |= self._account.limits.charge(request.method, path, who)
        status, shown = self._route(request, path, body, caller)
        return self.json(status, shown, headers)

    def page(self, request: Request) -> Response:
        desk, path = self._account.desk, self.path_of(request)
        if path.startswith("/agent/attachments/"):
            return _file(desk, path.removeprefix("/agent/attachments/"))
        number = path.removeprefix("/agent/tickets/")
        ticket = desk.state.tickets.get(int(number)) if number.isdigit() else None
        if ticket is None and path.rstrip("/") not in ("/agent", "/agent/tickets"):
            raise not_found()
        text = pages.show_page(desk, ticket) if ticket else pages.show_list(desk)
        return Response(text, headers={"Content-Security-Policy": pages.CSP}, content_type="text/html; charset=utf-8")

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
        if body and request.method != "GET" and not request.is_json and path != uploads_api.UPLOADS:
            raise ApiError(415, {"error": "Unsupported content type"})
        return handler(call, *ids)


def _file(desk: Desk, number: str) -> Response:
    """An uploaded file, for the agent's page."""
    kept = next((file for file in desk.state.uploads.values() if str(file["id"]) == number), None)
    if kept is None:
        raise not_found()
    name, content = str(kept["file_name"]), b64decode(kept["content"])
    return Response(content, content_type="image/png" if name.endswith(".png") else "application/octet-stream")
