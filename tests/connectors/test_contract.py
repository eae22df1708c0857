"""The same questions to every connector; a new one is covered by its name in BUILT_IN and the files in its fixtures.

A connector's `fixtures/` hold: account.json (an account's fields), signed.json (deliveries that are let in, a row for
each way to prove one, and what they say), doorbells.json (bodies and what they say), tickets/*.json (a ticket's id,
canned answers, and what it says).

A row of signed.json names its `secret` and where the account keeps it (`secret_in`: "signing", else a credential,
several apart by spaces), whether time and body are `signed`, the secret `path` of its address, what is `never_kept`.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st
from requests.adapters import BaseAdapter

from plugin.connectors import BUILT_IN, connect, instruct, load, prepare, secrets_of
from plugin.domain.ticket import Channel, Person, Point, Status, Ticket
from plugin.ports import Account, Changes, Connector, Delivery, DigestNote, Refused, Rejected, Temporary
from tests.connectors.canned import Canned
from tests.toydesk import ToyClock

AWKWARD_HEADERS = [
    *("", "=", "=" * 44, "A" * 43 + "=", "é" * 44, "\ud800" * 44, "1", "\x00", "x" * 100_000),
    *("٢٠٢٦-03-02T09:00:00Z", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"),
    *("2026-02-30T00:00:00Z", "2026-03-02T09:00:00+99:99"),
]

KINDS = {"ticket", "gone", "other", "unreadable"}


def folder(name: str) -> Path:
    return Path(str(load(name).__file__)).parent / "fixtures"  # type: ignore[attr-defined]


def read(name: str, file: str) -> Any:
    return json.loads((folder(name) / file).read_text(encoding="utf-8"))


def account(name: str) -> Account:
    said = read(name, "account.json")
    return Account(**{**said, "signing": tuple(said["signing"])})


def connector(name: str, answers: dict[str, Any] | None = None) -> tuple[Connector, Canned]:
    clock = ToyClock()
    canned = Canned(answers or {})
    return connect(account(name), clock, transport=canned, pause=clock.sleep), canned


@dataclass(frozen=True)
class Proof:
    """One way to prove a delivery, with one that is proved so."""

    name: str
    row: dict[str, Any]

    @property
    def now(self) -> datetime:
        return datetime.fromisoformat(self.row["now"])

    @property
    def delivery(self) -> Delivery:
        path = self.row.get("path", "")
        return Delivery("acme", self.row["headers"], self.row["body"].encode(), self.now, path=path)

    def verify(self, delivery: Delivery, secrets: list[str], now: datetime | None = None) -> None:
        """Ask a connector whose account holds these secrets in the place of the right one."""
        desk, signing = open_with(self.name, self.row.get("secret_in", "signing"), tuple(secrets))
        desk.verify(delivery, signing, now or self.now)


@cache
def open_with(name: str, place: str, secrets: tuple[str, ...]) -> tuple[Connector, tuple[str, ...]]:
    """A connector whose account keeps these secrets in this place, and its webhook secrets."""
    known = account(name)
    if place == "signing":
        known = replace(known, signing=secrets)
    else:
        known = replace(known, credentials={**known.credentials, place: " ".join(secrets)})
    clock = ToyClock()
    return connect(known, clock, transport=Canned({}), pause=clock.sleep), known.signing


def proofs(name: str) -> list[Proof]:
    said = read(name, "signed.json")
    return [Proof(name, row) for row in (said if isinstance(said, list) else [said])]


def proof_of(each: Proof) -> str:
    return f"{each.name}: {each.row.get('name', 'a signed webhook')}"


ALL_PROOFS = [pytest.param(each, id=proof_of(each)) for name in BUILT_IN for each in proofs(name)]
SIGNED = [pytest.param(each, id=proof_of(each)) for n in BUILT_IN for each in proofs(n) if each.row.get("signed", True)]

every_proof = pytest.mark.parametrize("proof", ALL_PROOFS)
every_signature = pytest.mark.parametrize("proof", SIGNED)
every_connector = pytest.mark.parametrize("name", BUILT_IN)
every_doorbell = pytest.mark.parametrize(
    ("name", "row"),
    [pytest.param(n, row, id=f"{n}: {row['name']}") for n in BUILT_IN for row in read(n, "doorbells.json")],
)
every_ticket = pytest.mark.parametrize(
    ("name", "file"),
    [(n, f"tickets/{p.name}") for n in BUILT_IN for p in sorted((folder(n) / "tickets").glob("*.json"))],
)

# --- letting in ------------------------------------------------------------------------------------------------------


@every_proof
def test_a_proved_delivery_is_let_in_and_says_what_it_says(proof: Proof) -> None:
    proof.verify(proof.delivery, [proof.row["secret"]])
    told = connector(proof.name)[0].point(proof.delivery)
    says = proof.row["says"]
    assert {key: getattr(told, key) for key in says} == says


@every_signature
def test_what_was_signed_has_a_fingerprint(proof: Proof) -> None:
    """So that a repeat is known for one."""
    desk, other = connector(proof.name)[0], replace(proof.delivery, body=proof.delivery.body + b" ")
    assert len(desk.point(proof.delivery).fingerprint) == 64
    assert desk.point(other).fingerprint != desk.point(proof.delivery).fingerprint


@every_proof
def test_of_two_equal_deliveries_both_count_unless_they_say_when(proof: Proof) -> None:
    """Taken for a repeat, the second change of a ticket would be lost."""
    told = connector(proof.name)[0].point(proof.delivery)
    known_again = told.fingerprint or told.event_id or told.invocation_id
    assert bool(known_again) is proof.row.get("signed", True)


@every_proof
@pytest.mark.parametrize("secrets", [["new", "{}"], ["{}", "old"]])
def test_either_of_two_secrets_is_good_while_one_is_exchanged(proof: Proof, secrets: list[str]) -> None:
    proof.verify(proof.delivery, [s.format(proof.row["secret"]) for s in secrets])


@every_proof
@pytest.mark.parametrize("secrets", [[], [""], ["another"], ["a", "b"]])
def test_no_other_secret_is_good(proof: Proof, secrets: list[str]) -> None:
    with pytest.raises(Refused) as error:
        proof.verify(proof.delivery, secrets)
    assert error.value.status == 401


@every_proof
def test_an_address_that_goes_on_differently_is_none(proof: Proof) -> None:
    right = proof.row.get("path", "")
    for path in ("x", right + "x", right[:-1] or "y"):
        with pytest.raises(Refused) as error:
            proof.verify(replace(proof.delivery, path=path), [proof.row["secret"]])
        assert error.value.status == 404


@every_proof
def test_a_proof_is_good_for_one_account_only(proof: Proof) -> None:
    other = replace(account(proof.name), signing=("theirs",), credentials={})
    clock = ToyClock()
    with pytest.raises(Refused):
        connect(other, clock, transport=Canned({})).verify(proof.delivery, other.signing, proof.now)


@every_signature
@pytest.mark.parametrize("minutes", [-60, -6, 6, 60, 60 * 24 * 365])
def test_a_delivery_is_good_only_around_its_time(proof: Proof, minutes: int) -> None:
    with pytest.raises(Refused) as error:
        proof.verify(proof.delivery, [proof.row["secret"]], proof.now + timedelta(minutes=minutes))
    assert error.value.status == 401


@every_signature
@pytest.mark.parametrize(
    "change", [lambda b: b + b" ", lambda b: b[:-1], lambda b: json.dumps(json.loads(b)).encode(), lambda b: b""]
)
def test_one_changed_byte_is_refused(proof: Proof, change: Any) -> None:
    with pytest.raises(Refused):
        proof.verify(replace(proof.delivery, body=change(proof.delivery.body)), [proof.row["secret"]])


@every_proof
@settings(deadline=None)
@given(st.data())
def test_no_header_whatever_it_holds_makes_more_than_a_400_or_401(proof: Proof, data: st.DataObject) -> None:
    delivery, secret = proof.delivery, proof.row["secret"]
    junk = st.text(max_size=60) | st.sampled_from(AWKWARD_HEADERS)
    headers = dict(delivery.headers)
    for header in data.draw(st.sets(st.sampled_from(sorted(headers)), min_size=1)):
        if data.draw(st.booleans()):
            headers[header] = data.draw(junk)
        else:
            del headers[header]
    body = data.draw(st.binary(max_size=20) | st.just(delivery.body))
    try:
        proof.verify(replace(delivery, headers=headers, body=body), [secret])
    except Refused as refused:
        status, reason = refused.status, refused.reason
    else:
        # Letting it in is right where nothing that proves it was touched.
        untouched = body == delivery.body or not proof.row.get("signed", True)
        status, reason = (401, "") if untouched else (200, "")
    assert status in (400, 401)
    assert secret not in reason


@every_proof
def test_what_may_not_be_stored_is_not_kept(proof: Proof) -> None:
    told = connector(proof.name)[0].point(proof.delivery)
    kept = proof.delivery.body if told.keep is None else told.keep
    for words in proof.row.get("never_kept", ()):
        assert words.encode() in proof.delivery.body
        assert words.encode() not in kept
    assert told.kind == "unreadable" or told.ticket_id.encode() in kept


# --- pointing --------------------------------------------------------------------------------------------------------


@every_doorbell
def test_a_doorbell_points_where_it_should(name: str, row: dict[str, Any]) -> None:
    body = row["raw"].encode() if "raw" in row else json.dumps(row["body"]).encode()
    told = connector(name)[0].point(Delivery("acme", {}, body, datetime(2026, 3, 2, tzinfo=UTC)))
    assert {key: getattr(told, key) for key in row["says"]} == row["says"]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=20,
)


@every_connector
@settings(deadline=None)
@given(st.data())
def test_no_body_makes_pointing_fail_or_run_over(name: str, data: st.DataObject) -> None:
    said = read(name, "doorbells.json")
    whole = data.draw(st.sampled_from([row["body"] for row in said if isinstance(row.get("body"), dict)]))
    bent = {**whole, data.draw(st.sampled_from(sorted(whole))): data.draw(json_values)} if whole else whole
    body = data.draw(st.binary(max_size=200) | st.just(json.dumps(bent).encode()))
    header = data.draw(st.sampled_from(sorted({h for each in proofs(name) for h in each.row["headers"]})))
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
    assert told.keep is None or len(told.keep) <= len(body) + 100
    for each in fields(told):
        if each.name == "keep":
            continue
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
        "ours": ticket.ours,
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
def test_a_tag_is_never_longer_than_the_helpdesk_takes(name: str) -> None:
    desk, canned = connector(name)
    longest = desk.capabilities.longest_tag
    assert longest >= len("ft_promise_overdue")
    with pytest.raises(Rejected):
        desk.write(a_ticket(), Changes("v1", add_tags=("ft_" + "a" * (longest - 2),)))
    assert canned.asked == []


@every_connector
@pytest.mark.parametrize("marker", ["", "a b", "<b>", "x" * 200, "é", "a\n"])
def test_a_marker_that_could_not_be_found_again_is_never_sent(name: str, marker: str) -> None:
    desk, canned = connector(name)
    with pytest.raises(Rejected):
        desk.write(a_ticket(), Changes(marker, note_html="<b>x</b>"))
    with pytest.raises(Rejected):
        desk.post_digest("17", DigestNote(marker, "<b>x</b>"))
    assert canned.asked == []


@every_connector
def test_a_card_lives_exactly_where_it_can_be_changed(name: str) -> None:
    can = connector(name)[0].capabilities
    assert can.living_card is (can.note_update or can.summary_slot)


@every_connector
def test_what_is_not_there_has_no_marker(name: str) -> None:
    assert connector(name)[0].find_marker("17", "v1", datetime(2026, 3, 2, tzinfo=UTC)) is False


# --- setting up ------------------------------------------------------------------------------------------------------


@every_connector
def test_every_credential_is_named_and_said_what_it_is(name: str) -> None:
    known = secrets_of(name)
    assert set(account(name).credentials) <= set(known)
    assert all(key.isidentifier() and words for key, words in known.items())


@every_connector
def test_what_is_ours_to_make_is_made_once(name: str) -> None:
    bare = replace(account(name), credentials={}, signing=())
    made = prepare(bare)
    assert prepare(made) == made
    ours = {*made.credentials.values(), *made.signing}
    assert not ours & {*prepare(bare).credentials.values(), *prepare(bare).signing}
    assert all(len(secret) >= 32 for secret in ours)
    told = " ".join(instruct(made, "https://ft.acme.example"))
    assert f"https://ft.acme.example/hooks/{name}/{made.id}" in told
    assert all(secret in told for secret in ours)


@every_connector
def test_without_credentials_webhooks_come_in_and_every_question_is_refused(name: str) -> None:
    clock = ToyClock()
    canned = Canned({})
    bare = replace(account(name), credentials={})
    desk = connect(bare, clock, transport=canned, pause=clock.sleep)
    with pytest.raises(Rejected):
        desk.fetch_ticket("17")
    assert canned.asked == []


@every_connector
@pytest.mark.parametrize("answer", [[], {}, None, "x", 5, [[]], {"tickets": 5}, [{"id": None}]])
def test_an_answer_in_no_known_shape_is_a_clear_error_or_nothing(name: str, answer: Any) -> None:
    clock, asked = ToyClock(), Echo(answer)
    desk = connect(account(name), clock, transport=asked, pause=clock.sleep)
    since = clock.now()
    questions: list[Callable[[], Any]] = [
        desk.whoami, desk.calendar, lambda: desk.fetch_ticket("17"), lambda: desk.changed_since(""),
        lambda: desk.find_marker("17", "v1", since), lambda: desk.find_digest_ticket("lead"),
    ]  # fmt: skip
    for question in questions:
        with suppress(Rejected, Temporary):
            question()


class Echo(BaseAdapter):
    """Whatever is asked, the answer is the same."""

    def __init__(self, answer: Any) -> None:
        super().__init__()
        self.answer = answer

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        response = requests.Response()
        response.status_code, response.raw = 200, io.BytesIO(json.dumps(self.answer).encode())
        return response

    def close(self) -> None:
        pass


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
