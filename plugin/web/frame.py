"""Show a page of ours: in the reader's language, in one frame, with headers that let nothing foreign in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Response, flash, g, get_flashed_messages, make_response, request
from flask_wtf.csrf import generate_csrf

from plugin.domain.card import Text
from plugin.ports import Human
from plugin.rendering import languages_spoken, render_page, say, tell_time
from plugin.work.admit import runs_the_house

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Vary": "Accept-Language, Cookie",
}
"""`same-origin`, not `no-referrer`: with the latter browsers send `Origin: null` with our own forms."""


def locale() -> str:
    """The language of the reader's browser among those we speak, else English."""
    return request.accept_languages.best_match(languages_spoken(), default="en") or "en"


def show(template: str, status: int = 200, zone: str = "UTC", **values: Any) -> Response:
    """A whole page; times are told in `zone`. Templates get `human` (None while nobody is signed in), `csrf`, `done`
    (what just changed, each with a way back) and `boss` (may decide about people) beside `values`."""
    human: Human | None = g.get("human")
    frame = {
        "human": human, "boss": bool(human and runs_the_house(human)), "csrf": generate_csrf(),
        "here": request.path, "when_in": lambda moment, there: tell_time(moment, locale(), there),
        "say_in": lambda text, there: say(text, locale(), there),
        "done": [_told(said) for said in get_flashed_messages()],
    }  # fmt: skip
    response = make_response(render_page(template, locale(), zone, **{**frame, **values}), status)
    response.headers.update(HEADERS)
    response.headers["Content-Language"] = locale()
    return response


def say_done(msgid: str, values: dict[str, str] | None = None, undo: tuple[str, dict[str, str]] | None = None) -> None:
    """Tell on the next page what changed. `undo` is the address and the fields of the form that takes it back."""
    flash([msgid, values or {}, list(undo) if undo else None])  # type: ignore[arg-type] # kept as JSON in the session


def _told(said: Any) -> dict[str, Any]:
    msgid, values, undo = said
    return {"text": Text(msgid, values), "undo": undo}


def field(name: str, longest: int = 200) -> str:
    """One field of the form, bounded."""
    return request.form.get(name, "")[:longest]


def one_of(value: str, allowed: Iterable[str]) -> str:
    """The value where it is among those allowed, else ""."""
    return value if value in set(allowed) else ""
