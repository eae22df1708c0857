"""Freshdesk's news leave the sandbox unsigned from rules, signed from our app, and as badly as ordered."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
import requests

from plugin.sandbox import FreshAccount, MovedClock, Setup, open_sandbox
from tests.sandbox.conftest import Receiver


@pytest.fixture
def desk(clock: MovedClock) -> Iterator[FreshAccount]:
    with open_sandbox(clock, setup=Setup("fresh", helpdesk="freshdesk")) as opened:
        opened.freshdesk.turn(retry_wait=0.01)
        yield opened.freshdesk


@pytest.fixture
def ticket(desk: FreshAccount) -> int:
    return desk.do.customer_writes(desk.do.customer("Mara", "mara@example.org"), "Dead line", subject="Line")


def said(receiver: Receiver) -> list[dict[str, str]]:
    return [json.loads(body) for _headers, body in receiver.got]


def events(receiver: Receiver) -> list[str]:
    return [json.loads(body)["event"] for _headers, body in receiver.got]


def test_a_rule_sends_labels_and_text_with_our_token_and_no_signature(
    desk: FreshAccount, receiver: Receiver, ticket: int
) -> None:
    hook = desk.subscribe(receiver.url)
    desk.do.agent_replies(ticket, "We will call you.", status="pending")
    assert desk.webhooks.flush(10)
    reply, status = sorted(said(receiver), key=lambda row: row["event"], reverse=True)
    assert (reply["ticket_id"], reply["event"]) == (str(ticket), "{status:{from:2,to:3}}")
    assert (status["status"], status["priority"], status["event"]) == ("Open", "Low", "{reply_sent:sent}")
    for headers, _body in receiver.got:
        assert headers["x-followthrough-token"] == hook.secret
        assert not [name for name in headers if "signature" in name or "time" in name]


def test_a_quote_in_the_subject_breaks_the_rules_json(desk: FreshAccount, receiver: Receiver) -> None:
    desk.subscribe(receiver.url)
    mara = desk.do.customer("Mara", "mara@example.org")
    ticket = desk.do.customer_writes(mara, "x", subject='The "best" price')
    desk.webhooks.flush(10)
    body = receiver.got[0][1]
    assert f'"ticket_id":"{ticket}"'.encode() in body
    with pytest.raises(json.JSONDecodeError):
        json.loads(body)


def test_the_simple_layout_wraps_other_names(desk: FreshAccount, receiver: Receiver, ticket: int) -> None:
    desk.subscribe(receiver.url, template="simple")
    desk.do.agent_notes(ticket, "hm")
    desk.webhooks.flush(10)
    inner = json.loads(receiver.got[0][1])["freshdesk_webhook"]
    assert (inner["ticket_id"], inner["triggered_event"]) == (ticket, "{note_type:private}")


def test_app_events_are_signed_over_time_and_body(desk: FreshAccount, receiver: Receiver, ticket: int) -> None:
    hook = desk.subscribe(receiver.url, kind="app", envelope="samples")
    desk.do.agent_replies(ticket, "Hello")
    desk.webhooks.flush(10)
    assert sorted(events(receiver)) == ["onConversationCreate", "onTicketUpdate"]
    for headers, body in receiver.got:
        time = headers["x-followthrough-time"]
        expected = hmac.new(hook.secret.encode(), time.encode() + b"." + body, hashlib.sha256).hexdigest()
        assert headers["x-followthrough-signature"] == expected
        assert time == "1772452830"
        assert "current_login_ip" in json.loads(body)["data"]["actor"]


def test_both_envelopes_point_at_the_ticket(desk: FreshAccount, receiver: Receiver, ticket: int) -> None:
    desk.subscribe(receiver.url, kind="app", envelope="docs")
    desk.subscribe(receiver.url, kind="app", envelope="samples")
    desk.do.solve(ticket)
    desk.webhooks.flush(10)
    docs, samples = sorted(said(receiver), key=lambda row: "account_id" in row)
    assert set(docs) == {"currentHost", "data", "event", "iparams", "region", "timestamp"}
    assert samples["domain"] == "acme.freshdesk.example"
    for row in (docs, samples):
        data = json.loads(json.dumps(row))["data"]
        assert data["ticket"]["changes"] == {"status": [2, 4]}
        assert data["ticket"]["id"] == ticket
        assert data["ticket"]["model_id"] != ticket


def test_our_packaged_app_tells_ids_alone(desk: FreshAccount, receiver: Receiver, ticket: int) -> None:
    desk.subscribe(receiver.url, kind="app")
    turn = desk.do.agent_notes(ticket, "secret words")
    desk.do.solve(ticket)
    desk.webhooks.flush(10)
    told = {row["event"]: row for row in said(receiver)}
    ids = {"id": str(turn), "ticket_id": str(ticket)}
    by = {"id": str(desk.desk.agent("Ida Brandt").id)}
    assert told["onConversationCreate"]["data"] == {"actor": by, "conversation": ids}  # type: ignore[comparison-overlap]
    assert told["onTicketUpdate"]["data"] == {"actor": by, "ticket": {"id": str(ticket)}}  # type: ignore[comparison-overlap]


def test_the_app_sends_the_same_signature_again(
    desk: FreshAccount, receiver: Receiver, clock: MovedClock, ticket: int
) -> None:
    desk.subscribe(receiver.url, kind="app")
    receiver.answers = [(503, {})] * 9
    receiver.before = lambda: clock.advance(timedelta(seconds=5))
    desk.do.agent_notes(ticket, "x")
    assert desk.webhooks.flush(10)
    assert len(receiver.got) == 3
    assert len({headers["x-followthrough-signature"] for headers, _body in receiver.got}) == 1


def test_our_own_writes_ring_as_well(desk: FreshAccount, receiver: Receiver, ticket: int) -> None:
    desk.subscribe(receiver.url)
    desk.subscribe(receiver.url, kind="app")
    login = (desk.credentials()["api_key"], "X")
    base = f"{desk.url}/api/v2/tickets/{ticket}"
    requests.post(f"{base}/notes", json={"body": "card"}, auth=login, timeout=5)
    requests.put(base, json={"tags": ["ft_x"]}, auth=login, timeout=5)
    desk.webhooks.flush(10)
    assert sorted(events(receiver)) == ["onConversationCreate", "onTicketUpdate", "{note_type:private}"]
    desk.desk.state.settings.tag_events = False
    requests.put(base, json={"tags": []}, auth=login, timeout=5)
    desk.webhooks.flush(10)
    assert len(receiver.got) == 3


@pytest.mark.parametrize(
    ("answers", "attempts", "status"),
    [
        ([(202, {})], [202], "success"),
        ([(503, {"Retry-After": "1"}), (404, {}), (202, {})], [503, 404, 202], "success"),
        ([(500, {})] * 9, [500] * 4, "failed"),
        ([(401, {})] * 9, [401] * 4, "terminated"),
    ],
)
def test_a_rule_tries_three_times_more_whatever_the_answer(
    desk: FreshAccount, receiver: Receiver, ticket: int,
    answers: list[tuple[int, dict[str, str]]], attempts: list[int], status: str,
) -> None:  # fmt: skip
    desk.subscribe(receiver.url)
    desk.turn(retry_wait=0.005)
    receiver.answers = list(answers)
    desk.do.agent_notes(ticket, "x")
    assert desk.webhooks.flush(10)
    (delivery,) = desk.webhooks.deliveries()
    assert (delivery["attempts"], delivery["status"]) == (attempts, status)


def test_what_is_over_the_rate_waits_for_the_next_hour_and_not_longer_than_a_day(
    desk: FreshAccount, receiver: Receiver, clock: MovedClock, ticket: int
) -> None:
    desk.subscribe(receiver.url)
    desk.desk.state.settings.limit = 2
    for number in range(4):
        desk.do.agent_notes(ticket, str(number))
    assert desk.webhooks.flush(10)
    assert len(receiver.got) == 2
    assert [row["status"] for row in desk.webhooks.deliveries()] == ["success"] * 2 + ["postponed"] * 2
    clock.advance(timedelta(hours=1))
    assert desk.webhooks.flush(10)
    assert len(receiver.got) == 4
    desk.limits.use_up(count=2)
    desk.do.agent_notes(ticket, "late")
    clock.advance(timedelta(hours=30))
    assert desk.webhooks.flush(10)
    assert desk.webhooks.deliveries()[-1]["status"] == "dropped"


def test_deliveries_are_lost_doubled_and_spoilt_as_ordered(desk: FreshAccount, receiver: Receiver, ticket: int) -> None:
    desk.desk.state.settings.limit = 100_000
    hook = desk.subscribe(receiver.url, kind="app")
    desk.turn(drop=0.2, duplicates=0.3, disorder=0.3, wrong_signature=0.2)
    for number in range(60):
        desk.do.agent_notes(ticket, str(number))
    assert desk.webhooks.flush(20)
    bodies = [body for _headers, body in receiver.got]
    assert 30 < len(set(bodies)) < 60
    assert len(bodies) > len(set(bodies))
    order = [int(json.loads(body)["data"]["conversation"]["id"]) for body in bodies]
    assert order != sorted(order)
    wrong = [
        headers for headers, body in receiver.got
        if headers["x-followthrough-signature"]
        != hmac.new(hook.secret.encode(), headers["x-followthrough-time"].encode() + b"." + body,
                    hashlib.sha256).hexdigest()
    ]  # fmt: skip
    assert 0 < len(wrong) < len(bodies)


def test_deletion_and_spam_are_told_by_the_app_only(desk: FreshAccount, receiver: Receiver, ticket: int) -> None:
    desk.subscribe(receiver.url)
    desk.subscribe(receiver.url, kind="app")
    desk.do.mark_spam(ticket)
    desk.do.delete(ticket)
    desk.webhooks.flush(10)
    assert sorted(events(receiver)) == ["onTicketDelete", "onTicketUpdate", "onTicketUpdate"]
