"""What may go wrong, and the only source of now."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Rejected(Exception):
    """It will not work however often we try: wrong rights, a closed ticket, a body we may not send."""


class Temporary(Exception):
    """It may work later. `retry_after` is seconds as the other side asked for, or None. `unknown` is True when the
    other side may have done it all the same (a write that timed out): look before trying again."""

    def __init__(self, reason: str, retry_after: float | None = None, *, unknown: bool = False) -> None:
        super().__init__(reason)
        self.retry_after = retry_after
        self.unknown = unknown


class Disconnected(Rejected):
    """The helpdesk refuses our credentials or rights altogether (401, 403): the account pauses until an admin acts."""


class LostLease(Exception):
    """Somebody else owns this job by now: save nothing, write nothing."""


class Refused(Exception):
    """A delivery that is not let in: an HTTP status (400, 401, 404, 413) and one line that says why."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class Clock(Protocol):
    """The only source of now."""

    def now(self) -> datetime:
        """The present moment, aware, UTC."""
        ...
