"""An installed helpdesk, and what comes in from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Mode(StrEnum):
    """How far we may go in a helpdesk: look only; show our own pages too; write notes, tags and fields as well."""

    OBSERVE = "observe"
    SUGGEST = "suggest"
    WRITE = "write"


@dataclass(frozen=True, slots=True)
class Account:
    """One installed helpdesk. Secrets are decrypted here and nowhere shown: they are left out of repr."""

    id: str
    helpdesk: str
    host: str
    """Scheme and host of its API, "https://acme.zendesk.com"; never a URL from a payload."""
    mode: Mode = Mode.OBSERVE
    external_id: str = ""
    """The helpdesk's own id of the account; a payload that names another one is refused."""
    own_user_id: str = ""
    """Who we are over there: our own writes wake nobody."""
    zone: str = "UTC"
    hours: str = "Mon-Fri 09:00-17:00"
    holidays: tuple[str, ...] = ()
    """ISO dates that are closed, beside those of `region`."""
    region: str = ""
    """"LV" or "US-CA": public holidays and the way local telephone numbers are written."""
    locale: str = "en"
    """The language the card speaks."""
    languages: tuple[str, ...] = ("en",)
    """Languages its customers write in; detection is restricted to these."""
    follow_up_hours: int = 8
    """Business hours after which a promise without a date is assumed due."""
    paused: str = ""
    """Why nothing is done for it at the moment ("" when all is well)."""
    stopped: bool = False
    """The kill switch: nothing is written to the helpdesk while it is on."""
    settings: Mapping[str, str] = field(default_factory=dict)
    signing: tuple[str, ...] = field(default=(), repr=False)
    """Webhook secrets; two while one is being rotated."""
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)
    """What its connector signs in and proves webhooks with, by the names of the connector's `SECRETS`."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One webhook request, byte for byte. Header names are lower case; a header sent twice is refused before this."""

    account_id: str
    headers: Mapping[str, str]
    body: bytes
    received_at: datetime
    path: str = field(default="", repr=False)
    """What stands behind the account in the address: a secret of some helpdesks' webhooks."""


@dataclass(frozen=True, slots=True)
class Doorbell:
    """What a verified delivery points at. `kind`: "ticket" (look at it), "gone" (deleted: do not call the API),
    "other" (an event we do not know: kept and counted), "unreadable" (kept and counted)."""

    kind: str
    ticket_id: str = ""
    event: str = ""
    """The event's name, bounded, for counting: "ticket.comment_added"."""
    event_id: str = ""
    invocation_id: str = ""
    fingerprint: str = ""
    """Hash of what was signed: a repeat under another invocation id is still a repeat."""
    actor_id: str = ""
    account_ref: str = ""
    keep: bytes | None = field(default=None, repr=False)
    """What of the body may be stored, where not all of it may (an actor's IP address); None: the body as it came."""
