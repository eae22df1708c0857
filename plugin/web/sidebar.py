"""The card beside a ticket, inside the helpdesk: who the helpdesk proves sees one ticket and may say what is wrong."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

import structlog
from flask import Blueprint, Response, jsonify, make_response, request
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from werkzeug.exceptions import HTTPException

from plugin.domain.corrections import apply
from plugin.domain.renaming import as_now
from plugin.ports import Account, Correction, Mode, PageRequest, Refused, Rejected, Viewer
from plugin.rendering import languages_spoken, render_page
from plugin.web.framing import content_policy, stands_in
from plugin.web.sidebar_card import name_of, show
from plugin.web.tokens import Pass, Passes
from plugin.web.webhooks import Door
from plugin.work.correct import look, said_about, say, take_back
from plugin.work.preference_links import address_of, make_link
from plugin.work.trouble import place_of

log = structlog.get_logger()

PER_TICKET = RateLimitItemPerMinute(120)
"""Requests a minute for one ticket: a few agents who click fast, with pages that wait for a new look, stay below."""

PER_ACCOUNT = RateLimitItemPerMinute(3000)

PATIENCE = timedelta(seconds=40)
"""How long the page asks again whether a new look has come."""

BEARER = "X-Followthrough-Bearer"
"""Header in which each answer brings the page's next pass."""

MOST_FORM = 32_768
"""Bytes of a request to these pages."""

_TICKET = re.compile(r"[A-Za-z0-9_-]{1,40}", re.ASCII)
_THEMES = {"dark": "dark", "light": "light"}


def sidebar(door: Door) -> Blueprint:
    """First loads, proved by the helpdesk: POST /sidebar/<helpdesk>[/<account>]. Later ones, by our own pass in the
    Authorization header: GET /sidebar/card, POST /sidebar/act, POST /sidebar/undo. No cookies anywhere."""
    pages, desk = Blueprint("sidebar", __name__, url_prefix="/sidebar"), Desk(door)

    @pages.before_request
    def small() -> None:
        request.max_content_length = MOST_FORM

    @pages.get("/<helpdesk>", defaults={"account_id": ""})
    @pages.get("/<helpdesk>/<account_id>")
    def closed(helpdesk: str, account_id: str) -> Response:
        return desk.refuse(Refused(401, "opened without a proof"))

    @pages.post("/<helpdesk>", defaults={"account_id": ""})
    @pages.post("/<helpdesk>/<account_id>")
    def first(helpdesk: str, account_id: str) -> Response:
        return desk.first(helpdesk, account_id)

    @pages.get("/card")
    def card() -> Response:
        return desk.card()

    @pages.post("/act")
    def act() -> Response:
        return desk.act(_said())

    @pages.post("/undo")
    def undo() -> Response:
        return desk.act({**_said(), "act": "undo"})

    pages.register_error_handler(Refused, desk.refuse)
    pages.register_error_handler(Exception, desk.fail)
    return pages


@dataclass(frozen=True, slots=True)
class Visit:
    """A request with a good pass."""

    held: Pass
    account: Account
    now: datetime


class Desk:
    """The routes, with what they need."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._passes = Passes(door.storage.secret("sidebar"))
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    # --- the first load ----------------------------------------------------------------------------------------------

    def first(self, helpdesk: str, account_id: str) -> Response:
        """The page, or {"bearer", "html"} for a page that the helpdesk itself holds. Refused(401) without a proof."""
        asked = PageRequest(
            account_id=account_id,
            headers={name.lower(): value for name, value in request.headers.items()},
            query=request.args.to_dict(),
            form=request.form.to_dict() if not request.is_json else {},
            body=request.get_data() if request.is_json else b"",
            received_at=self._door.clock.now(),
        )
        account = self._find_account(helpdesk, account_id, request.args.get("origin", ""))
        if account is None:
            raise Refused(401, "no such account here")
        viewer = self._door.connector(account).open_page(asked, account)
        if viewer.once and not self._passes.first("proof:" + viewer.once, secrets.token_hex(8)):
            raise Refused(401, "this proof has opened a page already")
        self._count(account.id, viewer.ticket_id or viewer.user_id)
        log.info("sidebar.opened", account=account.id)
        held = self._passes.open(account.id, _ticket_id(viewer.ticket_id), viewer.user_id[:80], asked.received_at)
        visit = Visit(held, account, asked.received_at)
        return self._packaged(visit) if request.is_json else self._page(visit, viewer)

    def _find_account(self, helpdesk: str, account_id: str, origin: str) -> Account | None:
        """By name, or by the address of the window around the page. Neither proves anything yet."""
        if account_id:
            account = self._door.account(account_id)
            return account if account and account.helpdesk == helpdesk else None
        with self._door.storage.unit(reading=True) as u:
            return next((a for a in u.accounts.all() if a.helpdesk == helpdesk and stands_in(a, origin)), None)

    def _page(self, visit: Visit, viewer: Viewer) -> Response:
        account, watching = visit.account, visit.account.mode is Mode.OBSERVE
        html = render_page(
            "sidebar/page.html", account.locale, account.zone,
            theme=_THEMES.get(request.args.get("colorScheme", ""), ""),
            bearer="" if watching else self._passes.write(visit.held, visit.now),
            client="" if watching else viewer.client,
        )  # fmt: skip
        response = make_response(html)
        response.headers["Content-Security-Policy"] = content_policy(account, viewer.client)
        return response

    def _packaged(self, visit: Visit) -> Response:
        """The card for a page that the helpdesk holds: it draws the frame, we fill it."""
        if not visit.held.ticket_id:
            raise Refused(400, "the proof names no ticket")
        if visit.account.mode is Mode.OBSERVE:
            html = render_page("sidebar/watching.html", visit.account.locale, visit.account.zone)
            return jsonify(bearer="", html=html)
        return self._answer(visit)

    # --- later ones --------------------------------------------------------------------------------------------------

    def card(self) -> Response:
        """The card as it is now. While a new look is awaited (`since`, unix milliseconds): 204 until it has come. With
        `keep` only the next pass, for a page that stays open."""
        visit = self._enter(request.args.get("ticket", ""))
        if "keep" in request.args:
            return self._with_pass(visit, Response(status=204))
        since = request.args.get("since", "")
        if since.isdecimal() and self._still_awaited(visit, datetime.fromtimestamp(int(since[:14]) / 1000, UTC)):
            return self._with_pass(visit, Response(status=204))
        return self._answer(visit)

    def act(self, said: dict[str, str]) -> Response:
        """Say something about a finding, take it back, or ask for a new look; the answer is the card as it is then."""
        visit = self._enter("")
        account_id, ticket_id, storage = visit.account.id, visit.held.ticket_id, self._door.storage
        act, topic, key = said.get("act", ""), said.get("topic", ""), said.get("key", "")
        try:
            if act == "show":
                return self._answer(visit)
            if act == "link":
                return self._answer(visit, "link", link=self._link(visit))
            if act == "look":
                look(storage, account_id, ticket_id, visit.now)
                note = "look"
            elif act == "undo":
                number = int(said["id"]) if said.get("id", "").isdecimal() and len(said["id"]) < 19 else 0
                taken = take_back(storage, account_id, ticket_id, number, visit.now)
                note, topic, key = "undone", taken.topic, taken.key
            else:
                meant = Correction(ticket_id, topic, key, act, said.get("value", ""))
                say(storage, account_id, meant, self._door.taxonomy(visit.account).causes, visit.now)
                note = "said"
        except Rejected as error:
            raise Refused(409, str(error)) from None
        return self._answer(visit, note, (topic, key), awaited=visit.now)

    def _link(self, visit: Visit) -> str:
        """The address of the customer's own page, for the agent to send."""
        base = self._door.settings.public_url or request.host_url
        return address_of(base, make_link(self._door.storage, visit.account, visit.held.ticket_id, visit.now))

    def _enter(self, named: str) -> Visit:
        """Whoever comes with a pass of ours, to the ticket the pass is for. Refused(401, 403 or 429)."""
        now = self._door.clock.now()
        held = self._passes.read(request.headers.get("Authorization", ""), now)
        account = self._door.account(held.account_id)
        if account is None:
            raise Refused(401, "no such account any more")
        if account.mode is Mode.OBSERVE:
            raise Refused(403, "the account is only watched")
        if named or not held.ticket_id:
            held = self._passes.bind(held, _ticket_id(named))
        self._count(account.id, held.ticket_id)
        return Visit(held, account, now)

    def _count(self, account_id: str, ticket_id: str) -> None:
        fine = self._limiter.hit(PER_ACCOUNT, account_id) and self._limiter.hit(PER_TICKET, account_id, ticket_id)
        if not fine:
            raise Refused(429, "too many requests for this ticket")

    def _still_awaited(self, visit: Visit, since: datetime) -> bool:
        if visit.now - since > PATIENCE:
            return False
        with self._door.storage.unit(reading=True) as u:
            findings = u.ledger.findings(visit.account.id, visit.held.ticket_id)
        return findings is None or findings.as_of < since

    # --- answers -----------------------------------------------------------------------------------------------------

    def _answer(
        self, visit: Visit, note: str = "", about: tuple[str, str] = ("", ""), awaited: datetime | None = None,
        link: str = "",
    ) -> Response:  # fmt: skip
        """The card, with the next pass. JSON for who asked in JSON."""
        html = self._draw(visit, note, about, awaited, link)
        if request.is_json:
            return jsonify(bearer=self._passes.write(visit.held, visit.now), html=html)
        return self._with_pass(visit, make_response(html))

    def _draw(self, visit: Visit, note: str, about: tuple[str, str], awaited: datetime | None, link: str) -> str:
        account, ticket_id = visit.account, visit.held.ticket_id
        taxonomy = self._door.taxonomy(account).spoken(account.locale)
        with self._door.storage.unit(reading=True) as u:
            found = u.ledger.findings(account.id, ticket_id)
            said = said_about(u, account.id, found) if found else []
        card = None
        if found:
            findings = as_now(apply(found, said, taxonomy.owner_of), taxonomy)
            card = show(findings, said, account, taxonomy, visit.now)
        return render_page(
            "sidebar/card.html", account.locale, account.zone,
            card=card, note=note, meant=name_of(card, *about) if card and note else "",
            interrupted=bool(account.paused), link=link,
            url=partial(self._door.connector(account).ticket_url, ticket_id),
            awaited=int(awaited.timestamp() * 1000) if awaited else 0,
        )  # fmt: skip

    def _with_pass(self, visit: Visit, response: Response) -> Response:
        response.headers[BEARER] = self._passes.write(visit.held, visit.now)
        return response

    def refuse(self, refused: Refused) -> Response:
        """Why not, in plain words for people; the exact reason stands in the log only."""
        log.info("sidebar.refused", status=refused.status, reason=refused.reason)
        status = refused.status if refused.status in (400, 401, 403, 409, 429) else 401
        return self._trouble(str(status), status)

    def fail(self, error: Exception) -> Response:
        """A bug or a busy database: a reference that finds it in the log, and nothing else."""
        if isinstance(error, HTTPException):
            return self._trouble("400", error.code or 400)
        reference = secrets.token_hex(4)
        log.error("sidebar.bug", reference=reference, error=place_of(error))
        return self._trouble("500", 500, reference)

    def _trouble(self, kind: str, status: int, reference: str = "") -> Response:
        locale = request.accept_languages.best_match(languages_spoken()) or "en"
        whole = request.endpoint in ("sidebar.first", "sidebar.closed") and not request.is_json
        template = "sidebar/refused.html" if whole else "sidebar/trouble.html"
        html = render_page(template, locale, "UTC", kind=kind, reference=reference)
        answer = jsonify(html=html) if request.is_json else make_response(html)
        answer.status_code = status
        if whole:
            answer.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'self'; frame-ancestors https:"
        return answer


def _said() -> dict[str, str]:
    """What a form or a JSON body says, strings only."""
    if not request.is_json:
        return request.form.to_dict()
    body = request.get_json(silent=True)
    return {k: v for k, v in body.items() if isinstance(v, str)} if isinstance(body, dict) else {}


def _ticket_id(named: str) -> str:
    return named if _TICKET.fullmatch(named) else ""
