"""A choice of contact, offered in the helpdesk and chosen there, reaches the lead's digest as two rates."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from plugin.domain.digest import LEAD
from plugin.domain.digest_periods import Period
from plugin.domain.ticket import Call, Channel, Message, Person, Role, Status, Ticket
from plugin.ports import Account
from plugin.rendering import render_digest
from plugin.storage.documents import to_json
from plugin.work.report import make
from tests.toydesk import OWN_USER
from tests.web.inside import Inside, make_inside

ACME = Account("acme", "zendesk", "https://acme.zendesk.com", own_user_id=OWN_USER, zone="Europe/Riga", region="LV")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Inside]:
    made = make_inside(tmp_path / "home", ACME)
    yield made
    made.house.close()


def converse(desk: Inside, number: str, *turns: tuple[str, str]) -> None:
    """A conversation of an hour a turn, read as it stands at its end."""
    start = desk.clock.now()
    said = tuple(_turn(f"{number}-{n}", who, text, start + timedelta(hours=n)) for n, (who, text) in enumerate(turns))
    desk.desk.add(Ticket(number, Status.OPEN, Person(f"c{number}"), start, said[-1].at, messages=said))
    desk.clock.move(hours=len(turns))
    with desk.house.storage.unit() as u:
        u.queue.put("acme", "analyse", f"ticket:{number}", desk.clock.now())
    desk.work()


def _turn(key: str, who: str, text: str, at: datetime) -> Message:
    if who == "call":
        return Message(key, Role.AGENT, at, "", False, Channel.CALL, call=Call(True, "", text, True))
    return Message(key, Role(who), at, text, channel=Channel.CHAT if who == "customer" else Channel.EMAIL)


LATE = ("customer", "My order 4471 has still not arrived, where is it?")


def test_both_rates_stand_in_the_digest_of_the_lead(desk: Inside) -> None:
    start = desk.clock.now()
    offer = ("agent", "I'm sorry. Would you rather we rang you about it or wrote you an e-mail?")
    converse(desk, "1", LATE, offer, ("customer", "Email please"), ("call", "+37126123456"))
    converse(desk, "2", LATE, offer, ("customer", "Please ring me."), ("call", "+37126123456"))
    converse(desk, "3", LATE, ("agent", "Your parcel left our warehouse on Monday."))
    end = desk.clock.now()
    span = end - start
    period = Period("day:2026-11-20", start, end, start - span, end - span, end)
    digest = make(ACME, LEAD, period, desk.house.tools, end)
    note = render_digest(digest, ACME, "0123", picture=False)
    assert "Choice of contact offered: 2 of 3 · cannot be known: 0" in note
    assert "Contacted as then chosen: 1 of 2 · cannot be known: 0" in note
    kept = json.loads(to_json(digest))["impact"]
    assert kept["offered"] == {"hits": 2, "known": 3, "unknown": 0, "share": 0.667, "low": 0.208, "high": 0.939}
    assert kept["acted_on"]["hits"] == 1
    german = render_digest(digest, replace(ACME, locale="de"), "0123", picture=False)
    assert "Kontaktweg zur Wahl gestellt: 2 von 3" in german
