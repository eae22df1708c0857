"""The shapes of Zendesk's answers, as far as we read them; everything else in them is ignored."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from plugin.ports import Rejected


def _id(value: object) -> object:
    """Ids are numbers in REST and digits in audits; null and 0 stand for nobody, -1 for Zendesk itself."""
    if value is None or isinstance(value, bool):
        return ""
    return "" if str(value) == "0" else str(value)


def _text(value: object) -> object:
    return "" if value is None else value if isinstance(value, str) else str(value)


def _dict(value: object) -> object:
    return value if isinstance(value, dict) else {}


def _rows(value: object) -> object:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def _words(value: object) -> object:
    return [word for word in value if isinstance(word, str)] if isinstance(value, list) else []


Id = Annotated[str, BeforeValidator(_id)]
Text = Annotated[str, BeforeValidator(_text)]
Facts = Annotated[dict[str, Any], BeforeValidator(_dict)]
M = TypeVar("M", bound=BaseModel)


class Payload(BaseModel):
    # Never the input in an error: it may be what a customer wrote.
    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


class Source(Payload):
    origin: Facts = Field(default={}, validation_alias="from")
    to: Facts = {}
    rel: Text = ""


class Via(Payload):
    """How it came in. `channel` is a word, or in places a number.
    https://developer.zendesk.com/documentation/ticketing/reference-guides/via-types/"""

    channel: Text = ""
    source: Annotated[Source, BeforeValidator(_dict)] = Source()


ViaField = Annotated[Via, BeforeValidator(_dict)]


class User(Payload):
    id: Id
    name: Text = ""
    role: Text = ""
    email: Text = ""
    phone: Text = ""
    shared_phone_number: bool | None = None
    locale: Text = ""
    time_zone: Text = ""
    iana_time_zone: Text = ""
    suspended: bool | None = None


class UserIdentity(Payload):
    type: Text = ""
    value: Text = ""
    verified: bool | None = None


class Group(Payload):
    id: Id
    name: Text = ""


class Metadata(Payload):
    custom: Facts = {}

    @property
    def card(self) -> str:
        """Our own marker: the version of the card that this update carried."""
        ours = self.custom.get("followthrough")
        card = ours.get("card") if isinstance(ours, dict) else None
        return card if isinstance(card, str) else ""


MetadataField = Annotated[Metadata, BeforeValidator(_dict)]


class Comment(Payload):
    id: Id
    type: Text = "Comment"
    author_id: Id = ""
    body: Text = ""
    html_body: Text = ""
    plain_body: Text = ""
    public: bool = False
    created_at: AwareDatetime
    via: ViaField = Via()
    metadata: MetadataField = Metadata()
    data: Facts = {}
    formatted_from: Text = ""
    formatted_to: Text = ""


class AuditEvent(Payload):
    """One thing an update did; types we do not know may come at any time and are passed over."""

    id: Id = ""
    type: Text = ""
    field_name: Text = ""
    value: Any = None
    previous_value: Any = None
    via: ViaField = Via()


class Audit(Payload):
    id: Id
    author_id: Id = ""
    created_at: AwareDatetime
    metadata: MetadataField = Metadata()
    events: Annotated[list[AuditEvent], BeforeValidator(_rows)] = []
    via: ViaField = Via()


class TicketFacts(Payload):
    id: Id
    status: Text = ""
    subject: Text = ""
    external_id: Text = ""
    requester_id: Id = ""
    assignee_id: Id = ""
    group_id: Id = ""
    created_at: AwareDatetime
    updated_at: AwareDatetime
    stamp: str = Field(validation_alias="updated_at")
    """The same moment letter by letter, to be sent back as `updated_stamp`."""
    tags: Annotated[list[str], BeforeValidator(_words)] = []
    via: ViaField = Via()
    via_followup_source_id: Id = ""


class TicketReply(Payload):
    ticket: TicketFacts
    users: Annotated[list[User], BeforeValidator(_rows)] = []
    groups: Annotated[list[Group], BeforeValidator(_rows)] = []


class Meta(Payload):
    has_more: bool = False
    after_cursor: Text = ""


class _PageReply(Payload):
    meta: Annotated[Meta, BeforeValidator(_dict)] = Meta()


class CommentsReply(_PageReply):
    comments: list[Comment]
    users: Annotated[list[User], BeforeValidator(_rows)] = []


class AuditsReply(_PageReply):
    audits: list[Audit]


class IdentitiesReply(_PageReply):
    identities: list[UserIdentity]


class UsersReply(Payload):
    users: list[User]


class UserReply(Payload):
    user: User


class ChangedTicket(Payload):
    id: Id
    updated_at: AwareDatetime


class ChangedReply(Payload):
    tickets: list[ChangedTicket]
    after_cursor: Text = ""
    end_of_stream: bool = False


class Interval(Payload):
    start_time: int
    end_time: int


class Schedule(Payload):
    id: Id
    time_zone: Text = ""
    intervals: Annotated[list[Interval], BeforeValidator(_rows)] = []


class SchedulesReply(Payload):
    schedules: list[Schedule]


class Holiday(Payload):
    start_date: Text
    end_date: Text


class HolidaysReply(Payload):
    holidays: list[Holiday]


def read(model: type[M], answer: object) -> M:
    """`answer` as `model`; Rejected, naming the places that do not fit and nothing that stood there."""
    try:
        return model.model_validate(answer)
    except ValidationError as error:
        places = ", ".join(".".join(str(step) for step in fault["loc"]) or "all" for fault in error.errors()[:3])
        raise Rejected(f"Zendesk answered in a shape we do not know: {places[:200]}") from None
