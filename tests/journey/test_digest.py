"""A digest arrives in each helpdesk of the sandbox, once, in private, with its picture; lost answers included."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from plugin.app import House, build
from plugin.domain.digest import LEAD
from plugin.ports import Account, Mode
from plugin.sandbox import FreshAccount, MovedClock, Sandbox, Setup, open_sandbox
from plugin.sandbox.server import AnyAccount
from plugin.settings import Settings
from plugin.work.drain import drain
from plugin.work.report import SINCE, ring_digests
from tests.journey.conftest import account_of
from tests.made_up_week import save, week

MONDAY = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
AUDIENCES = {LEAD, "owner:finance", "owner:logistics", "owner:operations", "owner:service"}


WRITES = r"/tickets(/\d+(/notes)?)?(\.json)?$"
"""Paths by which a ticket is opened and a note is added, in both helpdesks."""


@dataclass
class Scene:
    """The whole house, with a week of made-up tickets, in front of one helpdesk of the sandbox."""

    house: House
    desk: AnyAccount
    clock: MovedClock

    def run(self, rounds: int = 1) -> None:
        for _ in range(rounds):
            ring_digests(self.house.tools)
            drain(self.house.tools)
            self.clock.advance(timedelta(minutes=6))

    def notes(self) -> dict[str, list[str]]:
        """Audience → HTML of our notes on its ticket; a ticket that we made and nobody knows fails."""
        with self.house.storage.unit() as u:
            known = {u.digests.desk_ticket("main", audience)[0]: audience for audience in AUDIENCES}
        tickets = [str(number) for number in self.desk.desk.state.tickets]
        assert sorted(tickets) == sorted(known), "one ticket for each audience, and no other"
        return {known[t]: [n.get("html_body") or n["body"] for n in self.desk.notes(int(t))] for t in tickets}


@pytest.fixture(params=["zendesk", "freshdesk"])
def scene(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Scene]:
    clock = MovedClock(MONDAY)
    setup = Setup("desk", helpdesk=request.param, zone="Europe/Riga")
    with open_sandbox(clock, setup=setup) as sandbox:
        desk = sandbox.accounts["desk"]
        house = build(Settings(home=tmp_path, log_level="ERROR"), clock)
        house.pause = lambda seconds: clock.advance(timedelta(seconds=seconds))
        with house.storage.unit() as u:
            u.accounts.add(connected(desk, sandbox))
            u.history.set_cursor("main", SINCE, (MONDAY - timedelta(days=30)).isoformat(), MONDAY)
        save(house.storage, "main", week(MONDAY - timedelta(days=7), MONDAY), MONDAY)
        yield Scene(house, desk, clock)
        house.close()


def connected(desk: AnyAccount, sandbox: Sandbox) -> Account:
    if isinstance(desk, FreshAccount):
        return Account(
            "main", "freshdesk", desk.url, zone="Europe/Riga", own_user_id=str(desk.integration.id),
            credentials=desk.credentials(), settings={"digest_days": "none"}, mode=Mode.WRITE,
        )  # fmt: skip
    return replace(account_of(sandbox), zone="Europe/Riga", settings={"digest_days": "none"})


def test_each_audience_finds_one_private_note_with_a_picture(scene: Scene) -> None:
    scene.run(2)
    notes = scene.notes()
    assert notes.keys() == AUDIENCES
    for audience, shown in notes.items():
        digests = [html for html in shown if "<code>digest " in html]
        assert len(digests) == 1, audience
        assert "Mon 16 Nov" in digests[0]
    assert "Charged wrongly: 37 (+15)" in "".join(notes["owner:finance"])
    assert "Charged wrongly" not in "".join(notes["owner:logistics"])


def test_nobody_else_is_on_a_digest_ticket_and_it_is_never_analysed(scene: Scene) -> None:
    scene.run(2)
    with scene.house.storage.unit() as u:
        account, (number, _) = u.accounts.get("main"), u.digests.desk_ticket("main", LEAD)
    assert account is not None
    ticket = scene.house.connector(account).fetch_ticket(number)
    assert ticket.ours
    ours = {"", str(scene.desk.integration.id)}
    assert {p.id for p in (ticket.requester, *ticket.people)} <= ours
    assert all(not m.public for m in ticket.messages[1:])


@pytest.mark.parametrize("fault", ["drop", "reset", "503"])
def test_no_answer_that_is_lost_makes_a_second_one(scene: Scene, fault: str) -> None:
    for _ in range(4):
        scene.desk.fail_next(2, fault, methods=("POST", "PUT"), path=WRITES)
        scene.run()
    scene.run(4)
    for audience, shown in scene.notes().items():
        assert sum("<code>digest " in html for html in shown) == 1, audience
