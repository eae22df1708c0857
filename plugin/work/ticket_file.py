"""Read a ticket from a JSON file, the form that `explain` takes and that labelled histories come in."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from plugin.domain.analysis import Policy, analyse_ticket
from plugin.domain.findings import Findings
from plugin.domain.ticket import Call, Channel, Message, Person, Point, Role, Status, Ticket
from plugin.ports import Rejected


class _Point(BaseModel):
    model_config = ConfigDict(extra="ignore")
    channel: Channel
    value: str
    label: str = ""


class _Customer(BaseModel):
    model_config = ConfigDict(extra="ignore")
    name: str = ""
    locale: str = ""
    points: list[_Point] = Field(default_factory=list)


class _Turn(BaseModel):
    model_config = ConfigDict(extra="ignore")
    at: datetime
    role: str = Field(pattern="^(customer|agent|bot|system|private_note|call_out|call_in)$")
    text: str = ""
    to: str | None = None
    channel: Channel = Channel.OTHER
    automatic: bool = False


class TicketFile(BaseModel):
    """One ticket. Only `messages` is needed; docs/ticket-file.md describes the rest."""

    model_config = ConfigDict(extra="ignore")
    id: str | int = "1"
    subject: str = ""
    lang: str = ""
    zone: str = "UTC"
    hours: str = "Mon-Fri 09:00-17:00"
    holidays: list[str] = Field(default_factory=list)
    status: Status = Status.OPEN
    customer: _Customer = Field(default_factory=_Customer)
    messages: list[_Turn]
    as_of: datetime | None = None


def read_ticket_file(text: str) -> TicketFile:
    """Raises Rejected that names the field and what is wrong with it."""
    try:
        return TicketFile.model_validate(json.loads(text))
    except json.JSONDecodeError as error:
        raise Rejected(f"not JSON: line {error.lineno}, column {error.colno}: {error.msg}") from None
    except (ValidationError, RecursionError) as error:
        raise Rejected(f"not a ticket file: {_first(error)}; docs/ticket-file.md describes it") from None


def _first(error: ValidationError | RecursionError) -> str:
    if isinstance(error, RecursionError):
        return "nested too deeply"
    first: Any = error.errors(include_input=False)[0]
    return f"{'.'.join(str(p) for p in first['loc']) or 'the file'}: {first['msg']}"


def make_ticket(file: TicketFile) -> Ticket:
    """The file as a ticket; message ids are their places, from "0"."""
    messages = tuple(_message(str(n), turn) for n, turn in enumerate(file.messages))
    moments = [m.at for m in messages] or [datetime.fromtimestamp(0, UTC)]
    points = tuple(Point(p.channel, p.value, p.label) for p in file.customer.points)
    return Ticket(
        id=str(file.id),
        status=file.status,
        requester=Person("customer", file.customer.name, file.customer.locale, points=points),
        created_at=min(moments),
        updated_at=max(moments),
        subject=file.subject,
        messages=messages,
    )


_ROLES = {
    "customer": Role.CUSTOMER, "agent": Role.AGENT, "bot": Role.BOT, "system": Role.SYSTEM,
    "private_note": Role.AGENT, "call_out": Role.AGENT, "call_in": Role.CUSTOMER,
}  # fmt: skip


def _message(place: str, turn: _Turn) -> Message:
    call = None
    if turn.role in ("call_out", "call_in"):
        call = Call(outbound=turn.role == "call_out", to_number=turn.to or "")
    return Message(
        id=place,
        role=_ROLES[turn.role],
        at=turn.at if turn.at.tzinfo else turn.at.replace(tzinfo=UTC),
        text=turn.text,
        public=turn.role != "private_note",
        channel=Channel.CALL if call else Channel.NOTE if turn.role == "private_note" else turn.channel,
        to=(turn.to,) if turn.to else (),
        automatic=turn.automatic,
        call=call,
    )


def analyse_file(file: TicketFile, policy: Policy) -> Findings:
    """All findings of the file at its `as_of` (its last message, where it has none)."""
    ticket = make_ticket(file)
    as_of = file.as_of or ticket.updated_at
    return analyse_ticket(ticket, policy, as_of if as_of.tzinfo else as_of.replace(tzinfo=UTC))
