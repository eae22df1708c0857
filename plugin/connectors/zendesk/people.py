"""Who takes part in a ticket: users with their roles, languages, zones and the ways to reach them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from plugin.connectors.texts import read_number
from plugin.connectors.zendesk.payloads import User, UserIdentity
from plugin.connectors.zones import to_iana
from plugin.domain.ticket import Channel, Person, Point, Role

STAFF = frozenset({"agent", "admin"})

BOT_NAMES = frozenset({"answer bot", "zendesk bot", "zendesk answer bot"})
"""Names of Zendesk's own bots among the agents. Inferred: nothing in REST says that a user is a program, so other bots
are named in the account's setting "bots"."""

CHANNEL_OF_IDENTITY = {
    "email": Channel.EMAIL,
    "google": Channel.EMAIL,
    "phone_number": Channel.CALL,
    "twitter": Channel.DM,
    "facebook": Channel.DM,
}
"""Identity types a person can be reached by; `agent_forwarding`, `foreign` and `sdk` are not.
https://developer.zendesk.com/api-reference/ticketing/users/user_identities/"""


def read_requester(user: User, identities: Iterable[UserIdentity], region: str) -> Person:
    """The customer, with every way to reach them: identities first, then what the profile adds."""
    found: dict[tuple[Channel, str], Point] = {}
    for identity in identities:
        channel = CHANNEL_OF_IDENTITY.get(identity.type)
        if channel:
            _keep(found, _point(channel, identity.value, region, verified=bool(identity.verified)))
    # A shared number is no identity: it belongs to an office or a household, not to this person alone.
    _keep(found, _point(Channel.CALL, user.phone, region, label="shared" if user.shared_phone_number else ""))
    _keep(found, _point(Channel.EMAIL, user.email, region))
    return Person(user.id, user.name, user.locale, read_zone(user), tuple(found.values()))


def read_person(user: User) -> Person:
    """Anybody else: enough to name them, no addresses."""
    return Person(user.id, user.name, user.locale, read_zone(user))


def read_zone(user: User) -> str:
    """The IANA name of a user's zone; `time_zone` is a Rails name ("International Date Line West")."""
    return to_iana(user.iana_time_zone) or to_iana(user.time_zone)


def role_of(user_id: str, users: Mapping[str, User], requester_id: str) -> Role | None:
    """Customer, agent or system; None for somebody deleted of whom nothing is known."""
    if user_id in ("-1", ""):
        return Role.SYSTEM
    user = users.get(user_id)
    if user and user.role in STAFF:
        return Role.AGENT
    if (user and user.role) or user_id == requester_id:
        return Role.CUSTOMER
    return None


def is_bot(user: User | None) -> bool:
    """Is this one of Zendesk's own bots? A customer may call themselves what they like."""
    return bool(user and user.role in STAFF and user.name.strip().lower() in BOT_NAMES)


def _point(channel: Channel, value: str, region: str, *, label: str = "", verified: bool = False) -> Point:
    value = read_number(value, region) if channel is Channel.CALL else value.strip()
    return Point(channel, value[:320], label, verified)


def _keep(found: dict[tuple[Channel, str], Point], point: Point) -> None:
    if point.value:
        found.setdefault((point.channel, point.value.lower()), point)
