"""The same questions to every connector; a new one is covered by its name in BUILT_IN and the files in its fixtures.

A connector's `fixtures/` hold: account.json (an account's fields), signed.json (one signed delivery and what it says),
doorbells.json (bodies and what they say), tickets/*.json (a ticket's id, canned answers, and what it says).
"""

from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import plugin.connectors
from plugin.connectors import BUILT_IN, connect, load
from plugin.domain.ticket import Channel, Person, Point, Status, Ticket
from plugin.ports import Account, Changes, Connector, Delivery, Refused, Rejected
from tests.connectors.canned import Canned
from tests.toydesk import ToyClock

AWKWARD_HEADERS = [
    *("", "=", "=" * 44, "A" * 43 + "=", "é" * 44, "\ud800" * 44, "1", "\x00", "x" * 100_000),
    *("٢٠٢٦-03-02T09:00:00Z", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"),
    *("2026-02-30T00:00:00Z", "2026-03-02T09:00:00+99:99"),
]

KINDS = {"ticket", "gone", "other", "unreadable"}


def folder(name: str) -> Path:
    return Path(plugin.connectors.__file__).parent / name / "fixtures"


def read(name: str, file: str) -> Any:
    return json.loads((folder(name) / file).read_text(encoding="utf-8"))


def account(name: str) -> Account:
    said = read(name, "account.json")
    return Account(**{**said, "signing": tuple(said["signing"])})


def connector(name: str, answers: dict[str, Any] | None = None) -> tuple[Connector, Canned]:
    clock = ToyClock()
    canned = Canned(answers or {})
    return connect(account(name), clock, transport=canned, pause=clock.sleep), canned


def signed(name: str) -> tuple[Delivery, str, datetime, dict[str, str]]:
    said = read(name, "signed.json")
    now = datetime.fromisoformat(said["now"])
    return Delivery("acme", said["headers"], said["body"].encode(), now), said["secret"], now, said["says"]


every_connector = pytest.mark.parametrize("name", BUILT_IN)
every_signed_one = pytest.mark.parametrize(
    "name", [n for n in BUILT_IN if connector(n)[0].capabilities.signed_webhooks]
)
every_doorbell = pytest.mark.parametrize(
    ("name", "row"),
    [pytest.param(n, row, id=f"{n}: {row['name']}") for n in BUILT_IN for row in read(n, "doorbells.json")],
)
every_ticket = pytest.mark.parametrize(
    ("name", "file"),
    [(n, f"tickets/{p.name}") for n in BUILT_IN for p in sorted((folder(n) / "tickets").glob("*.json"))],
)

# --- letting in ------------------------------------------------------------------------------------------------------


@every_signed_one
def test_a_signed_delivery_is_let_in_and_says_what_it_says(name: str) -> None:
    delivery, secret, now, says = signed(name)
    desk, _ = connector(name)
    desk.verify(delivery, [secret], now)
    told = desk.point(delivery)
    assert {key: getattr(told, key) for key in says} == says
    assert len(told.fingerprint) == 64


@every_signed_one
@pytest.mark.parametrize("secrets", [["new", "{}"], ["{}", "old"]])
def test_either_of_two_secrets_is_good_while_one_is_exchanged(name: str, secrets: list[str]) -> None:
    delivery, secret, now, _ = signed(name)
    connector(name)[0].verify(delivery, [s.format(secret) for s in secrets], now)


@every_signed_one
@pytest.mark.parametrize("secrets", [[], [""], ["another"], ["a", "b"]])
def test_no_other_secret_is_good(name: str, secrets: list[str]) -> None:
    delivery, _, now, _ = signed(name)
    with pytest.raises(Refused) as error:
        connector(name)[0].verify(delivery, secrets, now)
    assert error.value.status == 401


@every_signed_one
@pytest.mark.parametrize("minutes", [-60, -6, 6, 60, 60 * 24 * 365])
def test_a_delivery_is_good_only_around_its_time(name: str, minutes: int) -> None:
    delivery, secret, now, _ = signed(name)
    with pytest.raises(Refused) as error:
        connector(name)[0].verify(delivery, [secret], now + timedelta(minutes=minutes))
    assert error.value.status == 401


@every_signed_one
@pytest.mark.parametrize(
    "change", [lambda b: b + b" ", lambda b: b[:-1], lambda b: json.dumps(json.loads(b)).encode(), lambda b: b""]
)
def test_one_changed_byte_is_refused(name: str, change: Any) -> None:
    delivery, secret, now, _ = signed(name)
    with pytest.raises(Refused):
        connector(name)[0].verify(replace(delivery, body=change(delivery.body)), [secret], now)


@every_signed_one
@given(st.data())
def test_no_header_whatever_it_holds_makes_more_than_a_400_or_401(name: str, data: st.DataObject) -> None:
    delivery, secret, now, _ = signed(name)
    desk, _ = connector(name)
    junk = st.text(max_size=60) | st.sampled_from(AWKWARD_HEADERS)
    headers = dict(delivery.headers)
    for header in data.draw(st.sets(st.sampled_from(sorted(headers)), min_size=1)):
        if data.draw(st.booleans()):
            headers[header] = data.draw(junk)
        else:
            del headers[header]
    body = data.draw(st.binary(max_size=20) | st.just(delivery.body))
    try:
        desk.verify(replace(delivery, headers=headers, body=body), [secret], now)
    except Refused as refused:
        status, reason = refused.status, refused.reason
    else:
        # Letting it in is right where nothing that is signed was touched.
        status, reason = (401, "") if body == delivery.body else (200, "")
    assert status in (400, 401)
    assert secret not in reason


# --- pointing --------------------------------------------------------------------------------------------------------


@every_doorbell
def test_a_doorbell_points_where_it_should(name: str, row: dict[str, Any]) -> None:
    body = json.dumps(row["body"]).encode()
    told = connector(name)[0].point(Delivery("acme", {}, body, datetime(2026, 3, 2, tzinfo=UTC)))
    assert {key: getattr(told, key) for key in row["says"]} == row["says"]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=20,
)


@every_connector
@given(st.data())
def test_no_body_makes_pointing_fail_or_run_over(name: str, data: st.DataObject) -> None:
    said = read(name, "doorbells.json")
    whole = data.draw(st.sampled_from([row["body"] for row in said if isinstance(row["body"], dict)]))
    bent = {**whole, data.draw(st.sampled_from(sorted(whole))): data.draw(json_values)} if whole else whole
    body = data.draw(st.binary(max_size=200) | st.just(json.dumps(bent).encode()))
    header = data.draw(st.sampled_from(sorted(read(name, "signed.json")["headers"])))
    check_doorbell(name, body, {header: data.draw(st.text(max_size=200))})


@every_connector
@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{", b"null", b"\xff\xfe", b"\x00", b"NaN", b'{"type": "\\ud800"}'),
        *(b"[" * 200_000, b'{"a":' * 200_000, b"1" * 5_000, b'"' + b"x" * 1_000_000 + b'"'),
        json.dumps({f"k{n}": n for n in range(100_000)}).encode(),
    ],
    ids=lambda b: repr(b[:8]),
)
def test_a_poisonous_body_is_kept_as_unreadable(name: str, body: bytes) -> None:
    assert check_doorbell(name, body, {}) == "unreadable"


def check_doorbell(name: str, body: bytes, headers: dict[str, str]) -> str:
    told = connector(name)[0].point(Delivery("acme", headers, body, datetime(2026, 3, 2, tzinfo=UTC)))
    assert told.kind in KINDS
    assert (told.kind in ("ticket", "gone")) == bool(told.ticket_id)
    for each in fields(told):
        value = getattr(told, each.name)
        assert len(value) <= 80
        assert value.isascii()
        assert value.isprintable()
    return told.kind


# --- reading ---------------------------------------------------------------------------------------------------------


def facts_of(ticket: Ticket) -> dict[str, Any]:
    messages = ticket.messages
    return {
        "status": ticket.status,
        "channel": ticket.channel,
        "subject": ticket.subject,
        "group_name": ticket.group_name,
        "stamp": ticket.stamp,
        "url": ticket.url,
        "merged_into": ticket.merged_into,
        "follow_up_of": ticket.follow_up_of,
        "tags": sorted(ticket.tags),
        "zone": ticket.requester.zone,
        "locale": ticket.requester.locale,
        "points": [[p.channel, p.value, p.label] for p in ticket.requester.points],
        "roles": [m.role for m in messages],
        "channels": [m.channel for m in messages],
        "public": [m.public for m in messages],
        "automatic": [m.automatic for m in messages],
        "first_text": messages[0].text if messages else "",
        "changes": [[c.field, c.before, c.after, c.role] for c in ticket.changes],
        "calls": [[c.outbound, c.from_number, c.to_number, c.answered, c.seconds] for m in messages if (c := m.call)],
    }


@every_ticket
def test_an_awkward_ticket_is_read_as_it_is(name: str, file: str) -> None:
    said = read(name, file)
    desk, _ = connector(name, said["answers"])
    found = facts_of(desk.fetch_ticket(said["ticket_id"]))
    assert {key: found[key] for key in said["says"]} == said["says"]


@every_ticket
def test_every_ticket_is_in_order_aware_and_from_our_own_host(name: str, file: str) -> None:
    said = read(name, file)
    desk, canned = connector(name, said["answers"])
    ticket = desk.fetch_ticket(said["ticket_id"])
    times = [m.at for m in ticket.messages]
    assert times == sorted(times)
    assert all(at.tzinfo for at in (*times, ticket.created_at, ticket.updated_at))
    assert ticket.url.startswith(account(name).host)
    assert len({m.id for m in ticket.messages}) == len(ticket.messages)
    for text in (ticket.subject, *(m.text for m in ticket.messages)):
        assert "\u00a0" not in text
        assert "\x00" not in text
    assert all(isinstance(p, Point) and isinstance(p.channel, Channel) for p in ticket.requester.points)
    assert {request.url.split("/api/")[0] for request in canned.asked} == {account(name).host}


@every_connector
@pytest.mark.parametrize("ticket_id", ["", "0", "1/../2", "x", "1?y", "１７", "-1", "9" * 50])
def test_what_is_no_ticket_id_is_refused_before_anything_is_sent(name: str, ticket_id: str) -> None:
    desk, canned = connector(name)
    with pytest.raises(Rejected):
        desk.fetch_ticket(ticket_id)
    assert canned.asked == []


# --- writing ---------------------------------------------------------------------------------------------------------


@every_connector
@pytest.mark.parametrize("tag", ["vip", "FT_x", "ft x", "ft_x y", "ft_", "xft_a", "ft_é", "ft_a\n", "ft_" + "a" * 200])
def test_a_tag_that_is_not_ours_is_never_sent(name: str, tag: str) -> None:
    desk, canned = connector(name)
    for changes in (Changes("v1", add_tags=(tag,)), Changes("v1", remove_tags=("ft_ok", tag))):
        with pytest.raises(Rejected):
            desk.write(a_ticket(), changes)
    assert canned.asked == []


@every_connector
@pytest.mark.parametrize("status", [s for s in Status if not s.writable])
def test_nothing_is_sent_to_a_ticket_that_cannot_be_written(name: str, status: Status) -> None:
    desk, canned = connector(name)
    with pytest.raises(Rejected):
        desk.write(replace(a_ticket(), status=status), Changes("v1", note_html="<b>x</b>"))
    assert canned.asked == []


@every_connector
def test_no_secret_is_shown(name: str) -> None:
    desk, _ = connector(name)
    for secret in account(name).credentials.values():
        assert secret not in repr(desk)


def test_an_unknown_connector_is_a_clear_error() -> None:
    with pytest.raises(Rejected, match="no connector called 'nonesuch'"):
        load("nonesuch")


def a_ticket() -> Ticket:
    now = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    return Ticket("17", Status.OPEN, Person("4001"), now, now, stamp="2026-03-02T09:00:00Z")
