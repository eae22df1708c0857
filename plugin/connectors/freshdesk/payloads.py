"""The shapes of Freshdesk's answers, as far as we read them; everything else in them is ignored.

Account generations write nothing as null, as [] or not at all: all three are the same here.
"""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

from pydantic import AwareDatetime, BaseModel, BeforeValidator

from plugin.connectors import shapes
from plugin.connectors.shapes import QUIET, Facts, Id, Text, read_dict, read_rows, read_words

M = TypeVar("M", bound=BaseModel)

NO_NUMBER = -1


def _number(value: object) -> object:
    """A code as Freshdesk writes it: a number, its digits, or {"id": number}; -1 for anything else."""
    if isinstance(value, dict):
        value = value.get("id")
    if isinstance(value, bool) or not isinstance(value, int | str):
        return NO_NUMBER
    digits = str(value)
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else NO_NUMBER


def _flag(value: object) -> object:
    return value is True


def _moment(value: object) -> object:
    return value or None


Number = Annotated[int, BeforeValidator(_number)]
Flag = Annotated[bool, BeforeValidator(_flag)]
Words = Annotated[list[str], BeforeValidator(read_words)]
Moment = Annotated[AwareDatetime | None, BeforeValidator(_moment)]


class Payload(BaseModel):
    model_config = QUIET


class TicketFacts(Payload):
    id: Id
    subject: Text = ""
    description: Text = ""
    description_text: Text = ""
    status: Number = NO_NUMBER
    source: Number = NO_NUMBER
    requester_id: Id = ""
    responder_id: Id = ""
    group_id: Id = ""
    tags: Words = []
    spam: Flag = False
    deleted: Flag = False
    archived: Flag = False
    custom_fields: Facts = {}
    created_at: AwareDatetime
    updated_at: AwareDatetime


class Conversation(Payload):
    """A reply, note or other turn. `source` counts otherwise than a ticket's source does."""

    id: Id
    body: Text = ""
    body_text: Text = ""
    incoming: Flag = False
    private: Flag = False
    user_id: Id = ""
    source: Number = NO_NUMBER
    category: Number = NO_NUMBER
    auto_response: Flag = False
    automation_id: Id = ""
    to_emails: Words = []
    cc_emails: Words = []
    bcc_emails: Words = []
    email_failure_count: Number = 0
    created_at: AwareDatetime
    updated_at: Moment = None
    last_edited_at: Moment = None


class Contact(Payload):
    """A customer; `phone` and `mobile` are free text. `preferred_source` is left out on purpose: it is derived from
    past tickets, never a wish that somebody stated."""

    id: Id = ""
    name: Text = ""
    email: Text = ""
    other_emails: Words = []
    phone: Text = ""
    mobile: Text = ""
    twitter_id: Text = ""
    language: Text = ""
    time_zone: Text = ""
    custom_fields: Facts = {}


class Agent(Payload):
    """`id` is the user id, the same that conversations carry."""

    id: Id
    ticket_scope: Number = NO_NUMBER
    type: Text = ""
    contact: Annotated[Contact, BeforeValidator(read_dict)] = Contact()


class Group(Payload):
    id: Id
    name: Text = ""


class Field(Payload):
    """A ticket field; `choices` is a list or an object, and both ways round."""

    type: Text = ""
    choices: Any = None


class Summary(Payload):
    """The slot below a ticket's description."""

    body: Text = ""
    body_text: Text = ""
    user_id: Id = ""
    last_edited_user_id: Id = ""
    last_edited_at: Moment = None


class Changed(Payload):
    id: Id
    updated_at: AwareDatetime


class DigestTicket(Payload):
    id: Id
    tags: Words = []


class Day(Payload):
    start_time: Text = ""
    end_time: Text = ""


class Schedule(Payload):
    id: Id
    is_default: Flag = False
    time_zone: Text = ""
    business_hours: Facts = {}


class _Rows(Payload):
    pass


class Conversations(_Rows):
    rows: Annotated[list[Conversation], BeforeValidator(read_rows)]


class Agents(_Rows):
    rows: Annotated[list[Agent], BeforeValidator(read_rows)]


class Fields(_Rows):
    rows: Annotated[list[Field], BeforeValidator(read_rows)]


class ChangedTickets(_Rows):
    rows: Annotated[list[Changed], BeforeValidator(read_rows)]


class DigestTickets(_Rows):
    rows: Annotated[list[DigestTicket], BeforeValidator(read_rows)]


class Schedules(_Rows):
    rows: Annotated[list[Schedule], BeforeValidator(read_rows)]


def read(model: type[M], answer: object) -> M:
    """`answer` as `model`; Rejected, naming the places that do not fit and nothing that stood there."""
    return shapes.read(model, answer, "Freshdesk")


def read_list(model: type[M], answer: object) -> M:
    """A bare list as the `rows` of `model`; Rejected as above, also where it is no list."""
    return shapes.read(model, {"rows": answer} if isinstance(answer, list) else {}, "Freshdesk")


def read_day(value: object) -> Day:
    """The hours of one weekday, empty where they cannot be read."""
    return Day.model_validate(read_dict(value))
