"""Speak to a helpdesk over HTTP: patiently, within its limits, and without ever giving a secret away."""

from plugin.http.budget import Budget, Limit
from plugin.http.client import Auth, Basic, Forbidden, Http
from plugin.http.forms import encode_form
from plugin.http.replies import Conflict, NotFound, Refusal, Reply

__all__ = [
    "Auth",
    "Basic",
    "Budget",
    "Conflict",
    "Forbidden",
    "Http",
    "Limit",
    "NotFound",
    "Refusal",
    "Reply",
    "encode_form",
]
