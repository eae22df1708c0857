"""Zendesk's error answers, as recorded or documented (zendesk.md 2.6)."""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
    """An answer that is not 2xx. `body` is a JSON object, or text with its own content type."""

    def __init__(
        self,
        status: int,
        body: dict[str, Any] | str,
        headers: dict[str, str] | None = None,
        content_type: str = "application/json; charset=utf-8",
    ) -> None:
        super().__init__(status)
        self.status, self.body, self.headers, self.content_type = status, body, headers or {}, content_type


def not_found() -> ApiError:
    """404 for a record that is not there, or not any more."""
    return ApiError(404, {"error": "RecordNotFound", "description": "Not found"})


def no_such_path() -> ApiError:
    """404 for a path nobody serves."""
    return ApiError(404, {"error": "InvalidEndpoint", "description": "Not found"})


def invalid(field: str, description: str, error: str = "InvalidValue") -> ApiError:
    """422 for a record that would not be valid."""
    details = {field: [{"description": description, "error": error}]}
    return ApiError(422, {"error": "RecordInvalid", "description": "Record validation errors", "details": details})


def closed() -> ApiError:
    """422 for a change to a closed ticket."""
    return invalid("status", "Status: closed prevents ticket update", "ClosedTicket")


def conflict() -> ApiError:
    """409 for a stale `updated_stamp` with `safe_update`."""
    return ApiError(409, {"error": "UpdateConflict", "description": "Safe Update prevented the update: stale stamp"})


def bad_request(description: str, error: str = "BadRequest") -> ApiError:
    """400 for a request that cannot be understood."""
    return ApiError(400, {"error": error, "description": description})


def too_many_values(limit: int = 100) -> ApiError:
    """400 for a list longer than allowed; the two blanks are the real answer's."""
    text = f"Parameter  cannot specify more than {limit} values"
    return ApiError(400, {"error": "TooManyValues", "description": text, "max_count": limit})


def unauthenticated() -> ApiError:
    """401 for missing or wrong credentials."""
    return ApiError(401, {"error": "Couldn't authenticate you"}, {"WWW-Authenticate": 'Basic realm="Web Password"'})


def invalid_token() -> ApiError:
    """401 for a bearer token that is unknown or has run out."""
    text = "The access token provided is expired, revoked, malformed or invalid for other reasons."
    return ApiError(401, {"error": "invalid_token", "error_description": text}, {"WWW-Authenticate": "Bearer"})


def forbidden() -> ApiError:
    """403 for a right or scope that is missing."""
    return ApiError(403, {"error": "Forbidden", "description": "You are missing the following required scopes: write"})


def too_many_requests(style: str, retry_after: int, text: str) -> ApiError:
    """429, which is not always JSON: `style` "json", "text" or "html"."""
    headers = {"Retry-After": str(retry_after)}
    if style == "html":
        return ApiError(429, f"<html><body><h1>{text}</h1></body></html>", headers, "text/html; charset=utf-8")
    if style == "text":
        return ApiError(429, text, headers, "text/html; charset=utf-8")
    return ApiError(429, {"error": "APIRateLimitExceeded", "description": text}, headers)
