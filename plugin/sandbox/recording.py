"""Write every request and its answer to a file, a JSON object a line, for a contract check."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

_SECRET = {"authorization", "cookie"}


class Recorder:
    """Silent until `start`ed. Credentials are left out."""

    def __init__(self) -> None:
        self._path: Path | None = None
        self._lock = threading.Lock()

    def start(self, path: Path) -> None:
        """Append to this file from now on."""
        self._path = path

    def stop(self) -> None:
        """Write no more."""
        self._path = None

    def note(self, method: str, path: str, query: str, headers: dict[str, str], sent: bytes, answer: Any) -> None:
        """Keep one exchange; `answer` is a werkzeug Response. Token requests are kept without their bodies."""
        if self._path is None:
            return
        private = path.startswith("/oauth/")
        row = {
            "method": method,
            "path": path,
            "query": query,
            "request_headers": {k: v for k, v in headers.items() if k.lower() not in _SECRET},
            "request": None if private else _body(sent),
            "status": answer.status_code,
            "response_headers": dict(answer.headers),
            "response": None if private else _body(answer.get_data()),
        }
        with self._lock, self._path.open("a", encoding="utf-8") as out:
            out.write(json.dumps(row, ensure_ascii=False) + "\n")


def _body(raw: bytes) -> Any:
    try:
        return json.loads(raw) if raw else None
    except ValueError:
        return raw.decode("utf-8", "replace")
