"""Make and read the links to a customer's own page: signed, for one person of one account, and over after two weeks."""

from __future__ import annotations

from collections import Counter
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta

from itsdangerous import BadData, URLSafeSerializer

from plugin.domain.card import N_
from plugin.ports import Account, Rejected, Storage

GOOD_FOR = timedelta(days=14)

LONGEST_LINK = 1024

_LONGEST_FORM = timedelta(hours=4)
"""How long a page may stay open before its forms have to be loaded again."""

USELESS = N_("This link is not complete. Open it again from the message you got it in")
OVER = N_("This link is over. Ask us for a new one: it is only good for two weeks")


@dataclass(frozen=True, slots=True)
class Link:
    """Whose page, and where it came from. `until` is in unix seconds."""

    account_id: str
    person: str
    ticket_id: str
    locale: str
    until: int


def make_link(storage: Storage, account: Account, ticket_id: str, now: datetime) -> str:
    """The token of a link for whoever asked on this ticket, in the language they wrote. Rejected where the ticket has
    not been looked at, or names nobody."""
    with storage.unit(reading=True) as u:
        person = u.preferences.person_of(account.id, ticket_id)
        findings = u.ledger.findings(account.id, ticket_id)
    if findings is None:
        raise Rejected(f"ticket {ticket_id} has not been looked at yet: nothing is known of its customer")
    if not person:
        raise Rejected(f"ticket {ticket_id} names no customer")
    heard = Counter(s.lang for s in findings.spoken if s.supported)
    locale = heard.most_common(1)[0][0] if heard else account.locale
    link = Link(account.id, person, ticket_id, locale, int((now + GOOD_FOR).timestamp()))
    return str(_seal(storage).dumps(astuple(link)))


def open_link(storage: Storage, token: str, now: datetime) -> Link:
    """Whose page this is. Rejected, in words of the catalogue, where it is nobody's or no more."""
    try:
        if not 0 < len(token) <= LONGEST_LINK:
            raise ValueError
        link = Link(*_seal(storage).loads(token))
    except (BadData, TypeError, ValueError):
        raise Rejected(USELESS) from None
    if link.until < now.timestamp():
        raise Rejected(OVER)
    return link


def make_form_key(storage: Storage, link: Link, now: datetime) -> str:
    """What the forms of this page carry, so that no other page can send them."""
    return str(_form_seal(storage).dumps([link.person, link.until, int(now.timestamp())]))


def fits(storage: Storage, link: Link, key: str, now: datetime) -> bool:
    """Was the form made for this link, and lately?"""
    try:
        person, until, made = _form_seal(storage).loads(key[:LONGEST_LINK])
        return (person, until) == (
            link.person,
            link.until,
        ) and 0 <= now.timestamp() - made < _LONGEST_FORM.total_seconds()
    except (BadData, TypeError, ValueError):
        return False


def address_of(base: str, token: str) -> str:
    """The whole address, as a customer opens it."""
    return f"{base.rstrip('/')}/p/{token}"


def _seal(storage: Storage) -> URLSafeSerializer:
    return URLSafeSerializer(storage.secret("preferences"), salt="preferences link")


def _form_seal(storage: Storage) -> URLSafeSerializer:
    return URLSafeSerializer(storage.secret("preferences"), salt="preferences form")
