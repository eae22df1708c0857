"""Say whether the process lives, whether it can work, and how much waits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, jsonify

from plugin.ports import Clock, Storage


def health(storage: Storage, clock: Clock, alive: Callable[[], bool]) -> Blueprint:
    """/healthz (this process), /readyz (database and workers), both without a word about any customer."""
    pages = Blueprint("health", __name__)

    @pages.get("/healthz")
    def healthz() -> Response:
        return jsonify(status="ok")

    @pages.get("/readyz")
    def readyz() -> tuple[Response, int]:
        report = _look(storage, clock.now())
        report["workers"] = "ok" if alive() else "not running"
        ready = report["database"] == "ok" and report["workers"] == "ok"
        return jsonify(**report), 200 if ready else 503

    return pages


def _look(storage: Storage, now: datetime) -> dict[str, Any]:
    try:
        with storage.unit(reading=True) as u:
            counts, due = u.queue.counts(), u.queue.next_due()
    except Exception as error:  # whatever the database throws, the answer is "not ready", never a stack trace
        return {"database": type(error).__name__}
    waited = max(0.0, (now - due).total_seconds()) if due else 0.0
    return {"database": "ok", "jobs": counts, "oldest_due_seconds": round(waited, 1)}
