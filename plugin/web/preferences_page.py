"""A customer's own page: see, change and withdraw how they want to be contacted, take their data along, or erase it."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import structlog
from flask import Blueprint, Response, make_response, redirect, request, url_for
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from plugin.domain.card import N_, Text
from plugin.ports import Account, Rejected, Temporary
from plugin.rendering import languages_spoken, render_page
from plugin.web.access import address_of_visitor
from plugin.web.preferences_form import CHANNELS, DAYS, FIELDS, HOURS, Wrong, export, lines_of, read_wish, tongues
from plugin.web.webhooks import Door
from plugin.work.prefer import erase, promises_to, standing, state, withdraw
from plugin.work.preference_links import USELESS, Link, fits, make_form_key, open_link
from plugin.work.trouble import place_of

log = structlog.get_logger()

PER_PERSON = RateLimitItemPerMinute(60)
PER_ADDRESS = RateLimitItemPerMinute(120)
"""Links that are no good: who holds a good one is not kept waiting by others who guess behind the same address."""

MOST_FORM = 8_192
"""Bytes of a form."""

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "X-Robots-Tag": "noindex, nofollow",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
}
"""The address itself opens the page: it must not travel on in a Referer."""

_DONE = {
    "added": N_("Saved. From now on this counts."),
    "ended": N_("Withdrawn. It does not count any more."),
    "erased": N_("Erased."),
}
_BUSY = N_("Too many requests. Wait a minute and try again")
_OLD_FORM = N_("This page was open too long. Load it again and try once more")
_BUG = N_("Something went wrong on our side. Please try again later")


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody with a good link."""

    token: str
    link: Link
    account: Account
    now: datetime


class _Calm(Exception):
    """Nothing can be shown; `msgid` says why in words for customers."""

    def __init__(self, status: int, msgid: str, locale: str = "") -> None:
        super().__init__(msgid)
        self.status, self.msgid, self.locale = status, msgid, locale


def preferences_page(door: Door) -> Blueprint:
    """/p/<token> and its forms. No cookies, no scripts; the signed address is what proves who asks."""
    pages, desk = Blueprint("preferences_page", __name__, url_prefix="/p"), _Desk(door)

    @pages.before_request
    def small() -> None:
        request.max_content_length = MOST_FORM

    for path, name, view, method in (
        ("", "show", desk.show, "GET"),
        ("/add", "add", desk.add, "POST"),
        ("/end", "end_one", desk.end_one, "POST"),
        ("/end-all", "end_all", desk.end_all, "POST"),
        ("/export", "export", desk.export, "GET"),
        ("/erase", "ask_erase", desk.ask_erase, "GET"),
        ("/erase", "erase", desk.erase, "POST"),
    ):
        pages.add_url_rule(f"/<token>{path}", name, partial(desk.serve, view), methods=[method])
    pages.register_error_handler(_Calm, _calm)
    pages.register_error_handler(Exception, _fail)
    return pages


class _Desk:
    """The routes, with what they need."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def serve(self, view: Callable[[Visit], AnyResponse], token: str) -> AnyResponse:
        """Let in whoever holds a good link; a form must have been made for it as well."""
        now, storage = self._door.clock.now(), self._door.storage
        try:
            link = open_link(storage, token, now)
        except Rejected as error:
            guesses_left = self._limiter.hit(PER_ADDRESS, address_of_visitor())
            raise _Calm(404 if guesses_left else 429, str(error) if guesses_left else _BUSY) from None
        account = self._door.account(link.account_id)
        if account is None:
            raise _Calm(404, USELESS, link.locale)
        if not self._limiter.hit(PER_PERSON, account.id, link.person):
            raise _Calm(429, _BUSY, link.locale)
        if request.method == "POST" and not fits(storage, link, request.form.get("form", ""), now):
            raise _Calm(400, _OLD_FORM, link.locale)
        return view(Visit(token, link, account, now))

    def show(self, visit: Visit, wrong: str = "", status: int = 200) -> Response:
        """What holds now, and a form for more."""
        with self._door.storage.unit(reading=True) as u:
            said = standing(u, visit.account.id, visit.link.person, visit.now)
        done = _DONE.get(request.args.get("done", ""), "")
        return self._page(
            visit, "preferences/page.html", status, lines=lines_of(said, visit.link.locale),
            done="" if wrong else done, wrong=wrong,
            channels=CHANNELS, days=DAYS, hours=HOURS, tongues=tongues(visit.link.locale, languages_spoken()),
            given={name: request.form.get(name, "") for name in FIELDS},
        )  # fmt: skip

    def add(self, visit: Visit) -> AnyResponse:
        """One more wish or refusal."""
        link = visit.link
        try:
            wish = read_wish(request.form, visit.account.region, link.locale, languages_spoken(), visit.now)
            with self._door.storage.unit() as u:
                state(u, visit.account, link.person, link.ticket_id, wish, visit.now)
        except Wrong as error:
            return self.show(visit, error.msgid, 400)
        except Rejected:
            return self.show(visit, N_("These are too many wishes; withdraw one first"), 400)
        return self._back(visit, "added")

    def end_one(self, visit: Visit) -> AnyResponse:
        """Withdraw one; nothing happens where it is not theirs."""
        number = request.form.get("id", "")
        return self._end(visit, [int(number)] if number.isdecimal() and len(number) < 19 else [])

    def end_all(self, visit: Visit) -> AnyResponse:
        """Withdraw all that holds."""
        with self._door.storage.unit(reading=True) as u:
            said = u.preferences.of(visit.account.id, visit.link.person)
        return self._end(visit, [s.id for s in said if s.withdrawn_at is None])

    def export(self, visit: Visit) -> Response:
        """All we keep of this person, as JSON."""
        account_id, person = visit.account.id, visit.link.person
        with self._door.storage.unit(reading=True) as u:
            said, promises = u.preferences.of(account_id, person), promises_to(u, account_id, person)
        body = json.dumps(export(said, promises, visit.now), ensure_ascii=False, indent=2)
        response = Response(body, mimetype="application/json")
        response.headers["Content-Disposition"] = "attachment; filename=contact-preferences.json"
        response.headers.update(_HEADERS)
        return response

    def ask_erase(self, visit: Visit) -> Response:
        """What goes, what stays and why: nothing is erased yet."""
        return self._page(visit, "preferences/erase.html")

    def erase(self, visit: Visit) -> AnyResponse:
        """The second step."""
        if request.form.get("sure") != "yes":
            return redirect(url_for("preferences_page.ask_erase", token=visit.token), 303)
        with self._door.storage.unit() as u:
            erase(u, visit.account.id, visit.link.person, visit.now)
        return self._back(visit, "erased")

    def _end(self, visit: Visit, ids: list[int]) -> AnyResponse:
        link = visit.link
        with self._door.storage.unit() as u:
            withdraw(u, link.account_id, link.person, link.ticket_id, ids, visit.now)
        return self._back(visit, "ended")

    def _back(self, visit: Visit, done: str) -> AnyResponse:
        return redirect(url_for("preferences_page.show", token=visit.token, done=done), 303)

    def _page(self, visit: Visit, template: str, status: int = 200, **values: Any) -> Response:
        key = make_form_key(self._door.storage, visit.link, visit.now)
        company = visit.account.settings.get("company", "") or urlsplit(visit.account.host).netloc
        frame = {"base": url_for("preferences_page.show", token=visit.token), "form": key, "company": company}
        return _render(template, visit.link.locale, status, visit.account.zone, **frame, **values)


def _render(template: str, locale: str, status: int, zone: str = "UTC", **values: Any) -> Response:
    response = make_response(render_page(template, locale, zone, **values), status)
    response.headers.update(_HEADERS)
    response.headers["Content-Language"] = locale
    return response


def _calm(error: _Calm) -> Response:
    log.info("preferences.refused", status=error.status)
    locale = error.locale or request.accept_languages.best_match(languages_spoken(), default="en") or "en"
    response = _render("preferences/sorry.html", locale, error.status, why=Text(error.msgid), company="")
    if error.status in (429, 503):
        response.headers["Retry-After"] = "60"
    return response


def _fail(error: Exception) -> Response:
    if isinstance(error, HTTPException):
        return _calm(_Calm(error.code or 400, USELESS))
    if isinstance(error, Temporary):
        return _calm(_Calm(503, _BUSY))
    log.error("preferences.bug", reference=secrets.token_hex(4), error=place_of(error))
    return _calm(_Calm(500, _BUG))
