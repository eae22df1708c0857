"""Speak to a helpdesk over HTTP: patiently, within its limits, and without ever giving a secret away."""

from plugin.http.budget import Budget, Limit
from plugin.http.client import Auth, Basic, Http
from plugin.http.replies import Conflict, NotFound, Refusal, Reply

__all__ = ["Auth", "Basic", "Budget", "Conflict", "Http", "Limit", "NotFound", "Refusal", "Reply"]
