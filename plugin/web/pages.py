"""The Flask application: health and pages, behind one set of headers."""

from __future__ import annotations

from flask import Flask, Response

from plugin.web.health import health
from plugin.web.webhooks import MAX_BODY, Door, Webhooks


def make_web(house: Door) -> Flask:
    """Flask with the webhook path in front of its routing (measured: routing, not the disk, is what costs)."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    app.register_blueprint(health(house.storage, house.clock, house.workers_alive))
    app.after_request(_headers)
    app.wsgi_app = Webhooks(app.wsgi_app, house)  # type: ignore[assignment,method-assign] # Flask's documented way
    return app


def _headers(response: Response) -> Response:
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'self'; frame-ancestors 'none'"
    response.headers["Cache-Control"] = "no-store"
    return response
