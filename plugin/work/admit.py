"""Let people in to our own pages: links that let them choose a password, and a sign-in that slows down guessing."""

from __future__ import annotations

import re
import secrets
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256

from itsdangerous import BadData, URLSafeSerializer
from werkzeug.security import check_password_hash, generate_password_hash

from plugin.domain.card import N_
from plugin.ports import Human, People, Rejected, Storage, Temporary, Unit

ROLES = ("lead", "admin")
"""From less to more: an admin may do what a lead may."""

SHORTEST = 12
"""Characters of a password at least; there is no other rule (NIST SP 800-63B-4, section 3.1.1.2: length, no composition
rules)."""

LONGEST = 1000
"""Characters of a password at most, so that nobody makes us hash a book."""

LINK_LIFE = timedelta(hours=24)
"""How long a link that lets somebody choose a password is good for."""

FREE_TRIES = 5
"""Wrong passwords in a row before waiting begins; the wait doubles with each further one."""

FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=15), timedelta(minutes=15)

_NAME = re.compile(r"[\w.@+-](?:[\w.@+ -]{0,58}[\w.@+-])?")
_HASHING = threading.BoundedSemaphore(2)
"""scrypt takes 32 MB and a tenth of a second for each: a flood of sign-ins must not take the memory of the webhooks."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """What an opened link allows: `name` chooses a new password; "" is the first admin, who chooses a name as well."""

    name: str
    epoch: int = 0


# --- links -----------------------------------------------------------------------------------------------------------


def make_link(storage: Storage, now: datetime, human: Human | None = None) -> str:
    """The token of a link for this person, or for the first admin. It ends with its use, after LINK_LIFE, and with the
    next password or sign-out of that person."""
    content = {"n": human.name, "e": human.epoch} if human else {}
    return _signer(storage).dumps({**content, "at": int(now.timestamp()), "id": secrets.token_hex(8)})


def first_link(storage: Storage, now: datetime) -> str:
    """A link for the first admin, or "" when there is an admin already."""
    with storage.unit(reading=True) as u:
        return "" if _has_admin(u.people) else make_link(storage, now)


def open_link(storage: Storage, token: str, now: datetime) -> Invitation:
    """What this link allows. Rejected, in words of the catalogue, when it allows nothing (any more)."""
    invitation = _read(storage, token, now)
    with storage.unit(reading=True) as u:
        _still_good(u.people, invitation)
    return invitation


def accept_link(storage: Storage, token: str, name: str, password: str, now: datetime) -> Human:
    """Give the invited person this password, or make the first admin with this name; the link is used up then, and all
    older sessions of that person are over. Rejected (words of the catalogue) or Temporary."""
    invitation = _read(storage, token, now)
    name = invitation.name or check_name(name)
    hashed = _hash(check_password(password))
    with storage.unit() as u:
        _use_up(u, token, now)
        _still_good(u.people, invitation)
        if not invitation.name:
            return _add_first(u.people, Human(name, "admin", hashed), now)
        fresh = {"password": hashed, "epoch": invitation.epoch + 1, "failures": 0, "locked_until": None}
        return u.people.update(name, **fresh)


def check_name(name: str) -> str:
    """The name as it is kept. Rejected when nobody could type it."""
    tidy = unicodedata.normalize("NFC", " ".join(name.split()))
    if not _NAME.fullmatch(tidy):
        raise Rejected(N_("A name is 1 to 60 letters, digits, spaces or any of . @ + - _"))
    return tidy.casefold()


def check_password(password: str) -> str:
    """The password as it is hashed. Rejected when it is too short or too long."""
    tidy = unicodedata.normalize("NFC", password)
    if not SHORTEST <= len(tidy) <= LONGEST:
        raise Rejected(N_("A password has at least 12 characters; a short sentence is a good one"))
    return tidy


def _signer(storage: Storage) -> URLSafeSerializer:
    return URLSafeSerializer(storage.secret("welcome"), salt="link")


def _read(storage: Storage, token: str, now: datetime) -> Invitation:
    try:
        content = _signer(storage).loads(token[:500])
        age = now.timestamp() - content["at"]
        invitation = Invitation(content.get("n", ""), content.get("e", 0))
    except (BadData, KeyError, TypeError, AttributeError):
        raise Rejected(_USELESS) from None
    if not -60 <= age <= LINK_LIFE.total_seconds():
        raise Rejected(_USELESS)
    return invitation


_USELESS = N_("This link is used up, too old, or not complete. Ask for a new one")


def _still_good(people: People, invitation: Invitation) -> None:
    if not invitation.name:
        good = not _has_admin(people)
    else:
        human = people.get(invitation.name)
        good = human is not None and human.epoch == invitation.epoch
    if not good:
        raise Rejected(_USELESS)


def _use_up(u: Unit, token: str, now: datetime) -> None:
    """Of two that come with first links at once one waits here for the other; a used link is never good again, even
    where everybody was removed since."""
    u.history.hold("first admin", secrets.token_hex(8), now, timedelta(0))
    used = "link:" + sha256(token.encode()).hexdigest()[:32]
    if not u.history.hold(used, secrets.token_hex(8), now, LINK_LIFE + timedelta(minutes=2)):
        raise Rejected(_USELESS)


def _add_first(people: People, human: Human, now: datetime) -> Human:
    if people.get(human.name):
        raise Rejected(N_("There is somebody of that name already; choose another name"))
    people.add(human, now)
    return human


def _has_admin(people: People) -> bool:
    return any(human.role == "admin" for human in people.all())


# --- signing in ------------------------------------------------------------------------------------------------------


def sign_in(storage: Storage, name: str, password: str, now: datetime) -> Human | None:
    """The person, or None: unknown, wrong, without a password yet, or locked for a while. Each of these costs one
    transaction and one hash, so that the time tells nothing. Temporary when too many sign in at once."""
    human, tried = _begin_try(storage, name, now), unicodedata.normalize("NFC", password)[: LONGEST + 1]
    nobody = _nobody()  # made by the first try of a process, whoever tries
    with _a_turn():
        right = check_password_hash(human.password if human and human.password else nobody, tried)
    if human is None or not human.password or not right:
        return None
    return _end_try(storage, human, now)


def _begin_try(storage: Storage, name: str, now: datetime) -> Human | None:
    """Count the try before the password is looked at: many at once are as slow as one after the other."""
    with storage.unit() as u:
        u.history.hold("sign-in", "any", now, timedelta(0))  # the unknown name costs a written row as well
        human = u.people.get(" ".join(unicodedata.normalize("NFC", name[:200]).split()))
        if human is None or (human.locked_until is not None and human.locked_until > now):
            return None
        failures = human.failures + 1
        return u.people.update(human.name, failures=failures, locked_until=_locked_until(failures, now))


def _locked_until(failures: int, now: datetime) -> datetime | None:
    if failures < FREE_TRIES:
        return None
    return now + min(FIRST_WAIT * (1 << min(failures - FREE_TRIES, 20)), LONGEST_WAIT)


def _end_try(storage: Storage, human: Human, now: datetime) -> Human | None:
    with storage.unit() as u:
        known = u.people.get(human.name)
        if known is None or (known.password, known.epoch) != (human.password, human.epoch):
            return None
        return u.people.update(human.name, failures=0, locked_until=None, seen_at=now)


def sign_out(storage: Storage, name: str) -> None:
    """End every session of this person, wherever it is."""
    with storage.unit() as u:
        human = u.people.get(name)
        if human:
            u.people.update(name, epoch=human.epoch + 1)


def whoever(storage: Storage, name: str, epoch: int) -> Human | None:
    """The person of a session, as long as it lasts."""
    with storage.unit(reading=True) as u:
        human = u.people.get(name)
    return human if human and human.password and human.epoch == epoch else None


def may_see(human: Human, account_id: str) -> bool:
    """Is this account among those the person looks after?"""
    return not human.accounts or account_id in human.accounts


def runs_the_house(human: Human) -> bool:
    """An admin of all accounts: only such a one decides about other people."""
    return human.role == "admin" and not human.accounts


def _hash(password: str) -> str:
    with _a_turn():
        return generate_password_hash(password, method="scrypt")


@lru_cache(maxsize=1)
def _nobody() -> str:
    """A hash that no password fits, as dear to check as any other."""
    return generate_password_hash(secrets.token_hex(32), method="scrypt")


@contextmanager
def _a_turn() -> Iterator[None]:
    if not _HASHING.acquire(timeout=2.0):
        raise Temporary(N_("Too many people sign in at this moment; try again in a minute"), 60)
    try:
        yield
    finally:
        _HASHING.release()
