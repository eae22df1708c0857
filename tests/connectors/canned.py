"""A helpdesk made of prepared answers, for reading: whatever was not prepared is not there (404)."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
from requests.adapters import BaseAdapter


class Canned(BaseAdapter):
    """Answers "METHOD /path?sorted=query" from a dictionary of JSON documents, and remembers what was asked."""

    def __init__(self, answers: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> None:
        super().__init__()
        self.answers, self.headers = answers, dict(headers or {})
        self.asked: list[requests.PreparedRequest] = []

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        self.asked.append(request)
        found = self.answers.get(name_of(request))
        response = requests.Response()
        response.status_code = 404 if found is None else 200
        response.headers.update(self.headers)
        said = {"error": "RecordNotFound", "description": "Not found"} if found is None else found
        response.raw = io.BytesIO(json.dumps(said).encode())
        response.request, response.url = request, str(request.url)
        return response

    def close(self) -> None:
        pass


def name_of(request: requests.PreparedRequest) -> str:
    parts = urlsplit(str(request.url))
    query = "&".join(f"{key}={value}" for key, value in sorted(parse_qsl(parts.query)))
    return f"{request.method} {parts.path}" + (f"?{query}" if query else "")
