"""The shapes of Zendesk's answers, as far as we read them; everything else in them is ignored."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

from pydantic import AwareDatetime, BaseModel, BeforeValidator, Field

from plugin.connectors import shapes
from plugin.connectors.shapes import QUIET, Facts, Id, Text, read_dict, read_rows, read_words

M = TypeVar("M", bound=BaseModel)


class Payload(BaseModel):
    model_config = QUIET


class Source(Payload):
    origin: Facts = Field(default={}, validation_alias="from")
    to: Facts = {}
    rel: Text = ""


class Via(Payload):
    """How it came in. `channel` is a word, or in places a number.
    https://developer.zendesk.com/documentation/ticketing/reference-guides/via-types/"""

    channel: Text = ""
    source: Annotated[Source, BeforeValidator(read_dict)] = Source()


ViaField = Annotated[Via, BeforeValidator(read_dict)]


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
    user_fields: Facts = {}


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


MetadataField = Annotated[Metadata, BeforeValidator(read_dict)]


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
    events: Annotated[list[AuditEvent], BeforeValidator(read_rows)] = []
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
    tags: Annotated[list[str], BeforeValidator(read_words)] = []
    via: ViaField = Via()
    via_followup_source_id: Id = ""
    custom_fields: Annotated[list[dict[str, Any]], BeforeValidator(read_rows)] = []


class TicketReply(Payload):
    ticket: TicketFacts
    users: Annotated[list[User], BeforeValidator(read_rows)] = []
    groups: Annotated[list[Group], BeforeValidator(read_rows)] = []


class FoundTicket(Payload):
    id: Id
    external_id: Text = ""


class FoundTickets(Payload):
    tickets: Annotated[list[FoundTicket], BeforeValidator(read_rows)]


class Upload(Payload):
    token: str


class UploadReply(Payload):
    upload: Upload


class Meta(Payload):
    has_more: bool = False
    after_cursor: Text = ""


class _PageReply(Payload):
    meta: Annotated[Meta, BeforeValidator(read_dict)] = Meta()


class CommentsReply(_PageReply):
    comments: list[Comment]
    users: Annotated[list[User], BeforeValidator(read_rows)] = []


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
    intervals: Annotated[list[Interval], BeforeValidator(read_rows)] = []


class SchedulesReply(Payload):
    schedules: list[Schedule]


class Holiday(Payload):
    start_date: Text
    end_date: Text


class HolidaysReply(Payload):
    holidays: list[Holiday]


def read(model: type[M], answer: object) -> M:
    """`answer` as `model`; Rejected, naming the places that do not fit and nothing that stood there."""
    return shapes.read(model, answer, "Zendesk")
