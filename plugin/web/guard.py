"""Answer programs that ask before a customer is contacted; whatever fails here, nobody is kept from their work."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import HTTPException

from plugin.domain.card import N_, Text, tell_preference
from plugin.domain.contacting import NAMED
from plugin.domain.guard import ALLOW, Decision
from plugin.domain.ticket import Channel
from plugin.ports import Account, Mode, Override, PageRequest, Refused, Rejected
from plugin.rendering import quoted, say
from plugin.web.tokens import Passes
from plugin.web.webhooks import Door
from plugin.work.prefer import ask_guard, overrule
from plugin.work.trouble import place_of

log = structlog.get_logger()

PER_TICKET, PER_ACCOUNT = 120, 6000
"""Questions a minute."""

MOST_BODY = 16_384
"""Bytes of a question."""

CHANNELS = tuple(sorted(c.value for c in (*NAMED, Channel.OTHER)))
"""What may be asked about; "other" is a message inside an account or an app."""

_CANNOT = N_("The guard cannot tell at the moment; go by what the customer wrote")
_WATCHING = N_("This account is only watched: the guard stops nobody")
_TICKET = re.compile(r"[A-Za-z0-9_-]{1,40}", re.ASCII)


def guard_api(door: Door) -> Blueprint:
    """POST /api/guard/<account>/may-contact and /override: JSON in, JSON out. Asked with the sidebar's pass in the
    Authorization header, for its ticket; or with the proof by which the helpdesk's app opens the sidebar."""
    pages, post = Blueprint("guard", __name__, url_prefix="/api/guard"), _Post(door)

    @pages.before_request
    def small() -> None:
        request.max_content_length = MOST_BODY

    @pages.post("/<account_id>/may-contact")
    def may_contact(account_id: str) -> Response:
        return post.may_contact(account_id)

    @pages.post("/<account_id>/override")
    def override(account_id: str) -> Response:
        return post.override(account_id)

    pages.register_error_handler(Refused, _refuse)
    pages.register_error_handler(Exception, _open)
    return pages


@dataclass(frozen=True, slots=True)
class _Question:
    """One question, checked."""

    ticket_id: str
    channel: Channel
    point: str
    at: datetime
    language: str
    purpose: str


class Meter:
    """Counts what happened within the last minute by key: the share of the minute before that still counts, and this
    one. The library that the pages use starts a thread for nearly every hit, which costs more than the answer."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = Lock()
        self._minute = 0
        self._counts: Counter[tuple[str, ...]] = Counter()
        self._before: Counter[tuple[str, ...]] = Counter()

    def hit(self, most: int, *key: str) -> bool:
        """Count one more; False, and nothing counted, where there are so many already."""
        minute, part = divmod(self._now() / 60, 1)
        with self._lock:
            if minute != self._minute:
                self._before = self._counts if minute == self._minute + 1 else Counter()
                self._counts, self._minute = Counter(), int(minute)
            if self._counts[key] + self._before[key] * (1 - part) >= most:
                return False
            self._counts[key] += 1
            return True


class _Post:
    """The routes, with what they need."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._passes = Passes(door.storage.secret("sidebar"))
        self._asked = Meter()

    def may_contact(self, account_id: str) -> Response:
        """{ticket_id, channel, point, at, language, purpose} → {verdict, reason, text, quote, better}."""
        account, said, _ = self._enter(account_id)
        asked = _read(said, account, self._door.clock.now())
        if account.mode is Mode.OBSERVE:
            return _answer(account, Decision(ALLOW, "only_watching", Text(_WATCHING)))
        with self._door.storage.unit(reading=True) as u:
            decision = ask_guard(
                u, account, asked.ticket_id, asked.channel, asked.point, asked.at, asked.language, asked.purpose
            )
        return _answer(account, decision or Decision(ALLOW, "cannot_tell", Text(_CANNOT)))

    def override(self, account_id: str) -> Response:
        """{ticket_id, channel, point, reason} → {"kept": id}; 409 where nothing stands in the way."""
        account, said, user_id = self._enter(account_id)
        now = self._door.clock.now()
        asked = _read(said, account, now)
        words = _text(said, "reason", 500).strip()
        if not words:
            raise Refused(400, 'say why in "reason": the customer is contacted in spite of what they asked')
        kept = Override(asked.ticket_id, asked.channel.value, asked.point, "", "", words, user_id, asked.at)
        try:
            with self._door.storage.unit() as u:
                number = overrule(u, account, kept, now)
        except Rejected as error:
            raise Refused(409, str(error)) from None
        return jsonify(kept=number)

    def _enter(self, account_id: str) -> tuple[Account, dict[str, Any], str]:
        """The account, what was asked, and who asks as far as that is proved. Refused(400, 401, 403 or 429)."""
        said = request.get_json(silent=True)
        account = self._door.account(account_id)
        if account is None:
            raise Refused(401, "no proof that you may ask for this account")
        said = said if isinstance(said, dict) else {}
        user_id = self._prove(account, said)
        if not said:
            raise Refused(400, 'send JSON: {"ticket_id": "17", "channel": "call", "point": "+44 20 7946 0123"}')
        ticket_id = _text(said, "ticket_id", 40)
        if not (self._asked.hit(PER_ACCOUNT, account.id) and self._asked.hit(PER_TICKET, account.id, ticket_id)):
            raise Refused(429, "too many questions; ask again in a minute")
        return account, said, user_id

    def _prove(self, account: Account, said: dict[str, Any]) -> str:
        now = self._door.clock.now()
        if "Authorization" in request.headers:
            held = self._passes.read(request.headers["Authorization"], now)
            if held.account_id != account.id:
                raise Refused(401, "this pass belongs to another account")
            if held.ticket_id != _text(said, "ticket_id", 40):
                raise Refused(403, "this pass belongs to another ticket")
            return held.user_id
        headers = {name.lower(): value for name, value in request.headers.items()}
        page = PageRequest(account.id, headers, request.args.to_dict(), {}, request.get_data(), now)
        viewer = self._door.connector(account).open_page(page, account)
        if viewer.ticket_id and viewer.ticket_id != _text(said, "ticket_id", 40):
            raise Refused(403, "this proof belongs to another ticket")
        return viewer.user_id if viewer.by_name else ""


def _read(said: dict[str, Any], account: Account, now: datetime) -> _Question:
    """Refused(400) with what to send instead."""
    ticket_id, channel = _text(said, "ticket_id", 40), _text(said, "channel", 20)
    if not _TICKET.fullmatch(ticket_id):
        raise Refused(400, 'name the ticket: "ticket_id": "17"')
    if channel not in CHANNELS:
        raise Refused(400, f'"channel" must be one of {", ".join(CHANNELS)}')
    return _Question(
        ticket_id,
        Channel(channel),
        _text(said, "point", 320),
        _moment(_text(said, "at", 40), account, now),
        _text(said, "language", 12).lower().partition("-")[0],
        _text(said, "purpose", 40).lower(),
    )


def _moment(text: str, account: Account, now: datetime) -> datetime:
    """A time without a zone is the account's."""
    if not text:
        return now
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(400, '"at" must be a time like 2026-03-04T15:30:00+02:00') from None
    return at if at.tzinfo is not None else at.replace(tzinfo=ZoneInfo(account.zone))


def _text(said: dict[str, Any], name: str, longest: int) -> str:
    value = said.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return value[:longest] if isinstance(value, str) else ""


# --- answers ---------------------------------------------------------------------------------------------------------


def _answer(account: Account, decision: Decision) -> Response:
    locale, zone, better = account.locale, account.zone, decision.better
    quote = decision.quote
    return jsonify(
        verdict=decision.verdict,
        reason=decision.reason,
        text=say(decision.text, locale, zone),
        quote={"text": quoted(quote.quote), "message_id": quote.message_id} if quote and quote.quote else None,
        better={
            "channel": better.channel.value, "point": better.point,
            "text": say(tell_preference(better), locale, zone),
        } if better else None,
    )  # fmt: skip


def _refuse(refused: Refused) -> Response:
    log.info("guard.refused", status=refused.status, reason=refused.reason)
    response = jsonify(error=refused.reason)
    if refused.status == 429:  # who asks too often is still not stopped
        response = jsonify(error=refused.reason, **_CANNOT_TELL)
        response.headers["Retry-After"] = "60"
    response.status_code = refused.status
    return response


def _open(error: Exception) -> Response:
    """Whatever breaks in here must not keep anybody from contacting a customer; and it says that it cannot tell."""
    if isinstance(error, HTTPException):
        response = jsonify(error=error.name)
        response.status_code = error.code or 400
        return response
    log.error("guard.cannot_tell", error=place_of(error))
    if request.endpoint == "guard.override":
        response = jsonify(error="this could not be kept; try again")
        response.status_code = 503
        return response
    return jsonify(_CANNOT_TELL)


_CANNOT_TELL = {"verdict": ALLOW, "reason": "cannot_tell", "text": _CANNOT, "quote": None, "better": None}
