"""The Flask application: health and pages, behind one set of headers."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from flask import Flask, Response

from plugin.web.access import Reception, friendly_errors, set_up_sessions
from plugin.web.admin import admin
from plugin.web.causes import causes, causes_admin
from plugin.web.dashboard import dashboard
from plugin.web.guard import guard_api
from plugin.web.health import health
from plugin.web.people import people
from plugin.web.preferences_page import preferences_page
from plugin.web.sidebar import sidebar
from plugin.web.webhooks import MAX_BODY, Door, Webhooks
from plugin.work.receive import Keep

STATIC = Path(__file__).parents[1] / "static"


class Rooms(Door, Reception, Protocol):
    """What the pages together need of the house."""


def make_web(house: Rooms, keep: Keep | None = None) -> Flask:
    """Flask with the webhook path in front of its routing (measured: routing, not the disk, is what costs). `keep` puts
    deliveries on disk, the storage itself where none is given."""
    app = Flask(__name__, static_folder=str(STATIC), static_url_path="/static", template_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    app.register_blueprint(health(house.storage, house.clock, house.workers_alive))
    set_up_sessions(app, house)
    app.register_blueprint(sidebar(house))
    app.register_blueprint(dashboard(house))
    app.register_blueprint(admin(house))
    app.register_blueprint(causes(house))
    app.register_blueprint(causes_admin(house))
    app.register_blueprint(people(house))
    app.register_blueprint(guard_api(house))
    app.register_blueprint(preferences_page(house))
    friendly_errors(app)
    app.after_request(_headers)
    app.wsgi_app = Webhooks(app.wsgi_app, house, keep)  # type: ignore[assignment,method-assign] # Flask's documented way
    return app


def _headers(response: Response) -> Response:
    """The strictest headers, unless a page has set its own."""
    for name, value in _STRICT.items():
        response.headers.setdefault(name, value)
    return response


_STRICT = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}
