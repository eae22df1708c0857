"""A helpdesk around our page: an account with findings on ticket 17, a key that signs for it, and a client."""

from __future__ import annotations

import atexit
import shutil
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from plugin.app import House, build
from plugin.connectors.zendesk import pages
from plugin.domain.analysis import analyse_ticket
from plugin.domain.findings import Findings
from plugin.domain.ticket import Channel, Message, Person, Role, Status, Ticket
from plugin.ports import Account, Mode, PageRequest, Viewer
from plugin.settings import Settings
from plugin.work.drain import drain
from tests.toydesk import OWN_USER, ToyClock, ToyDesk

NOW = datetime(2026, 3, 4, 14, 0, tzinfo=UTC)
AUDIENCE = "https://acme.zendesk.com/api/v2/apps/installations/7.json"
TICKET = "17"

STORY = (
    (-50, Role.CUSTOMER, "You charged me twice for the March invoice! I already told your colleague on the phone."
     " Please do not call my home line, it is dead. Write to me at ilze@example.org instead."),
    (-49, Role.AGENT, "I am sorry about that. I will refund the second payment by Tuesday 17:00."),
    (-26, Role.CUSTOMER, "Any news? This is the third time I have to ask. If this goes on I will cancel my contract."),
    (-25, Role.AGENT, "I'll call you tomorrow before noon. We will send you a confirmation by Friday."),
    (-2, Role.CUSTOMER, "Nobody called, and I have not received the refund. I am really angry now."),
)  # fmt: skip


def a_ticket(ticket_id: str = TICKET, story: tuple[tuple[int, Role, str], ...] = STORY, now: datetime = NOW) -> Ticket:
    """Hours before `now`, who, what."""
    said = tuple(
        Message(f"{ticket_id}-{n}", role, now + timedelta(hours=at), text, channel=Channel.EMAIL)
        for n, (at, role, text) in enumerate(story)
    )
    return Ticket(ticket_id, Status.OPEN, Person("c", "Ilze"), said[0].at, said[-1].at, messages=said)


@lru_cache(maxsize=4)
def a_key(name: str) -> tuple[str, str]:
    """A private key and its public half, PEM; another for each name."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()


def claims(now: datetime, **changes: Any) -> dict[str, Any]:
    """What Zendesk says in its token; a claim given as None is left out."""
    second = int(now.timestamp())
    said = {
        "iss": "acme.zendesk.com", "aud": AUDIENCE, "iat": second - 2, "exp": second + 60, "sub": "9001", "qsh": "x",
        "context": {"product": "support", "location": "ticket_sidebar"}, "jti": str(next(_count)), **changes,
    }  # fmt: skip
    return {name: value for name, value in said.items() if value is not None}


_count = iter(range(1_000_000))


def a_token(now: datetime, key: str = "app", **changes: Any) -> str:
    return jwt.encode(claims(now, **changes), a_key(key)[0], algorithm="RS256")


def an_account(account_id: str = "acme", host: str = "https://acme.zendesk.com", **changes: Any) -> Account:
    settings = {"app_public_key": a_key("app")[1], "app_audience": AUDIENCE}
    fields = {"mode": Mode.SUGGEST, "own_user_id": OWN_USER, "settings": settings, "zone": "Europe/Riga", **changes}
    return Account(account_id, "zendesk", host, **fields)


class InsideDesk(ToyDesk):
    """A toy helpdesk that opens pages as Zendesk does."""

    host = "https://acme.zendesk.com"

    def ticket_url(self, ticket_id: str, message_id: str = "") -> str:
        return pages.ticket_url(self.host, ticket_id, message_id)

    def open_page(self, request: PageRequest, account: Account) -> Viewer:
        return pages.open_page(request, account)


@dataclass
class Inside:
    """The house with its page."""

    house: House
    clock: ToyClock
    desk: InsideDesk
    bearer: str = ""
    extra: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.client = self.house.web().test_client()

    def open(self, token: str | None = None, origin: str = "https://acme.zendesk.com", **query: str) -> Any:
        """The first load, as Zendesk makes it."""
        form = {"token": self.token() if token is None else token}
        asked = {"origin": origin, "app_guid": "g-1", **query}
        answer = self.client.post("/sidebar/zendesk", query_string=asked, data=form)
        found = answer.text.partition('data-bearer="')[2].partition('"')[0]
        self.bearer = found or self.bearer
        return answer

    def token(self, **changes: Any) -> str:
        return a_token(self.clock.now(), **changes)

    def card(self, ticket: str = TICKET, **query: str) -> Any:
        return self._with_pass(
            self.client.get("/sidebar/card", query_string={"ticket": ticket, **query}, headers=self.headers)
        )

    def act(self, **said: str) -> Any:
        return self._with_pass(self.client.post("/sidebar/act", data=said, headers=self.headers))

    def undo(self, number: int | str) -> Any:
        return self._with_pass(self.client.post("/sidebar/undo", data={"id": str(number)}, headers=self.headers))

    def work(self) -> int:
        """Do what is due."""
        self.clock.move(seconds=5)
        return drain(self.house.tools)

    def findings(self, ticket_id: str = TICKET, account_id: str = "acme") -> Findings:
        with self.house.storage.unit() as u:
            found = u.ledger.findings(account_id, ticket_id)
        assert found is not None
        return found

    def save(self, ticket: Ticket, account: Account) -> None:
        """Look at a ticket once, without the helpdesk."""
        now = self.clock.now()
        self.desk.add(ticket)
        found = analyse_ticket(ticket, self.house.policy(account), now)
        with self.house.storage.unit() as u:
            u.ledger.save(account.id, ticket, found, now)

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.bearer}"}

    def _with_pass(self, answer: Any) -> Any:
        self.bearer = answer.headers.get("X-Followthrough-Bearer", self.bearer)
        return answer


@lru_cache(maxsize=2)
def _home(with_acme: bool) -> Path:
    """A home to be copied, empty or with "acme" and its ticket: making one takes longer than most tests."""
    home = Path(mkdtemp(prefix="followthrough-home-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    if with_acme:
        shutil.copytree(_home(False), home, dirs_exist_ok=True)
        _fill(_open(home, an_account(), ToyClock(NOW)), an_account()).house.close()
    else:
        build(Settings(home=home)).close()
    return home


def make_inside(home: Path, account: Account | None = None, clock: ToyClock | None = None) -> Inside:
    """An open house with ticket 17 looked at, by default of the account "acme"."""
    given = account or an_account()
    ready = account is None and clock is None
    shutil.copytree(_home(ready), home)
    inside = _open(home, given, clock or ToyClock(NOW))
    return inside if ready else _fill(inside, given)


def _open(home: Path, account: Account, clock: ToyClock) -> Inside:
    house = build(Settings(home=home, workers=0, reconcile_seconds=0), clock)
    desk = InsideDesk(clock, account.id)
    desk.host = account.host
    desk.add(a_ticket(now=clock.now()))
    house.connector = lambda _: desk  # type: ignore[method-assign]
    return Inside(house, clock, desk)


def _fill(inside: Inside, account: Account) -> Inside:
    with inside.house.storage.unit() as u:
        u.accounts.add(account)
    inside.save(a_ticket(now=inside.clock.now()), account)
    return inside
