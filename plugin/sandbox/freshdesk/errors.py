"""Freshdesk's error answers (freshdesk.md 1.6)."""

from __future__ import annotations

from plugin.sandbox.errors import ApiError


class EmptyError(ApiError):
    """An answer without a body."""

    def __init__(self, status: int, headers: dict[str, str] | None = None) -> None:
        super().__init__(status, "", headers)


def not_found() -> ApiError:
    """404 has no body, whatever it was that is not there."""
    return EmptyError(404)


def wrong_method(allowed: list[str]) -> ApiError:
    """405 for a path that knows other methods."""
    return EmptyError(405, {"Allow": ", ".join(sorted(allowed))})


def plain(status: int, code: str, message: str, headers: dict[str, str] | None = None) -> ApiError:
    """An error that belongs to no field."""
    return ApiError(status, {"code": code, "message": message}, headers)


def invalid(*faults: tuple[str, str, str]) -> ApiError:
    """400 for a body or a query that does not hold: (field, message, code) each."""
    errors = [{"field": field, "message": message, "code": code} for field, message, code in faults]
    return ApiError(400, {"description": "Validation failed", "errors": errors})


def unknown_field(*names: str) -> ApiError:
    """400 for keys this call does not know."""
    return invalid(*((name, "Unexpected/invalid field in request", "invalid_field") for name in names))


def bad_json() -> ApiError:
    """400 for a body that cannot be read."""
    return plain(400, "invalid_json", "Request body has invalid json format")


def unauthenticated() -> ApiError:
    """401 for a missing or unknown key."""
    return plain(401, "invalid_credentials", "You have to be logged in to perform this action.")


def denied() -> ApiError:
    """403 for a right or a scope that is missing."""
    return plain(403, "access_denied", "You are not authorized to perform this action.")


def needs_feature(feature: str) -> ApiError:
    """403 for what the plan does not have."""
    text = f"The {feature} feature(s) is/are not supported in your plan. Please upgrade your account to use it."
    return plain(403, "require_feature", text)


def inconsistent(message: str) -> ApiError:
    """409 for what does not fit the state of the ticket."""
    return plain(409, "inconsistent_state", message)


def too_many_requests(retry_after: int) -> ApiError:
    """429; Retry-After stands here and on no other answer."""
    text = "You have exceeded the limit of requests per minute"
    return ApiError(429, {"message": text}, {"Retry-After": str(retry_after)})
