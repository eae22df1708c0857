"""Webhooks leave the sandbox signed, in Zendesk's bytes, and as badly as ordered."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time

import pytest

from plugin.sandbox import Account, MovedClock
from plugin.sandbox.events import pretty
from tests.sandbox.conftest import Api, Receiver


def _signature(secret: str, headers: dict[str, str], body: bytes) -> str:
    said = headers["x-zendesk-webhook-signature-timestamp"].encode() + body
    return base64.b64encode(hmac.new(secret.encode(), said, hashlib.sha256).digest()).decode()


def _types(receiver: Receiver) -> list[str]:
    return [json.loads(body)["type"].removeprefix("zen:event-type:ticket.") for _headers, body in receiver.got]


def test_a_delivery_is_signed_over_its_bytes_with_the_moment_of_sending(
    account: Account, receiver: Receiver, ticket: int
) -> None:
    hook = account.subscribe(receiver.url)
    account.do.agent_replies(ticket, "We will call you.")
    assert account.webhooks.flush(10)
    assert receiver.got
    for headers, body in receiver.got:
        assert headers["x-zendesk-webhook-signature"] == _signature(hook.secret, headers, body)
        assert headers["x-zendesk-webhook-signature-timestamp"] == "2026-03-02T12:00:30Z"
        assert headers["user-agent"] == "Zendesk Webhook"
        assert len(headers["x-zendesk-webhook-invocation-id"]) == 26


def test_bodies_look_like_the_recorded_one() -> None:
    body = pretty({"account_id": 1, "detail": {"id": "0"}, "event": {}, "id": "x"})
    assert (
        body == b'{\n   "account_id": 1,\n   "detail": {\n      "id": "0"\n   },\n   "event": { },\n   "id": "x"\n}\n'
    )


def test_one_submit_is_several_events_of_one_sequence(account: Account, receiver: Receiver, ticket: int) -> None:
    account.subscribe(receiver.url)
    account.do.agent_replies(ticket, "Done.", status="solved", tags=["vip"])
    account.webhooks.flush(10)
    events = [json.loads(body) for _headers, body in receiver.got]
    assert sorted(_types(receiver)) == ["agent_assignment_changed", "comment_added", "status_changed", "tags_changed"]
    assert len({event["event"]["meta"]["sequence"]["id"] for event in events}) == 1
    status = next(event for event in events if event["type"].endswith("status_changed"))
    assert (status["event"]["current"], status["event"]["previous"]) == ("SOLVED", "NEW")
    assert (status["detail"]["id"], status["detail"]["status"]) == (str(ticket), "SOLVED")
    assert status["subject"] == f"zen:ticket:{ticket}"
    assert isinstance(status["detail"]["requester_id"], str)


def test_a_new_ticket_has_an_empty_event_and_unset_ids(account: Account, receiver: Receiver) -> None:
    account.subscribe(receiver.url, events=["zen:event-type:ticket.created"])
    account.do.customer_writes(account.do.customer("Jo", "jo@example.org"), "Hello")
    account.webhooks.flush(10)
    assert b'"event": { },' in receiver.got[0][1]
    assert json.loads(receiver.got[0][1])["detail"]["group_id"] == "0"


def test_a_trigger_sends_ids_once_and_not_for_our_own_writes(
    api: Api, account: Account, receiver: Receiver, ticket: int
) -> None:
    hook = account.subscribe(receiver.url, kind="trigger")
    api("PUT", f"/api/v2/tickets/{ticket}", json={"ticket": {"comment": {"body": "Card", "public": False}}})
    account.do.agent_replies(ticket, 'A "quoted" answer', status="pending")
    account.do.tag(ticket, ["vip"])
    account.webhooks.flush(10)
    assert len(receiver.got) == 1
    headers, body = receiver.got[0]
    assert headers["x-zendesk-webhook-signature"] == _signature(hook.secret, headers, body)
    said = json.loads(body)
    assert (said["ticket_id"], said["status"], said["account_id"]) == (str(ticket), "pending", "22129848")


def test_event_webhooks_ring_for_our_own_writes_too(
    api: Api, account: Account, receiver: Receiver, ticket: int
) -> None:
    account.subscribe(receiver.url)
    api("PUT", f"/api/v2/tickets/{ticket}/tags", json={"tags": ["ft_x"]})
    account.webhooks.flush(10)
    assert json.loads(receiver.got[0][1])["detail"]["actor_id"] == str(account.integration.id)


@pytest.mark.parametrize(
    ("answers", "attempts", "status"),
    [
        ([(202, {})], [202], "success"),
        ([(409, {}), (202, {})], [409, 202], "success"),
        ([(409, {})] * 9, [409] * 4, "terminated"),
        ([(503, {"Retry-After": "1"}), (200, {})], [503, 200], "success"),
        ([(503, {"Retry-After": "60"})], [503], "failed"),
        ([(503, {})], [503], "failed"),
        ([(429, {})], [429], "terminated"),
        ([(403, {})], [403], "terminated"),
        ([(500, {})], [500], "failed"),
    ],
)
def test_retries_follow_the_answer(
    account: Account, receiver: Receiver, ticket: int,
    answers: list[tuple[int, dict[str, str]]], attempts: list[int], status: str,
) -> None:  # fmt: skip
    account.subscribe(receiver.url, events=["zen:event-type:ticket.comment_added"])
    account.turn(retry_wait=0.01)
    receiver.answers = list(answers)
    account.do.agent_replies(ticket, "Hello")
    account.webhooks.flush(10)
    (delivery,) = account.webhooks.deliveries()
    assert (delivery["attempts"], delivery["status"]) == (attempts, status)
    assert len({headers["x-zendesk-webhook-invocation-id"] for headers, _body in receiver.got}) == 1


def test_a_receiver_that_is_too_slow_is_tried_five_times_more(
    account: Account, receiver: Receiver, ticket: int
) -> None:
    account.subscribe(receiver.url, events=["zen:event-type:ticket.comment_added"])
    account.turn(retry_wait=0.01, timeout=0.1)
    receiver.before = lambda: time.sleep(0.3)
    account.do.agent_replies(ticket, "Hello")
    account.webhooks.flush(10)
    (delivery,) = account.webhooks.deliveries()
    assert (delivery["attempts"], delivery["status"]) == ([0] * 6, "failed")


def test_a_receiver_that_is_down_loses_the_delivery(account: Account, ticket: int) -> None:
    account.subscribe("http://127.0.0.1:9/hook", events=["zen:event-type:ticket.comment_added"])
    account.do.agent_replies(ticket, "Hello")
    account.webhooks.flush(10)
    assert [d["status"] for d in account.webhooks.deliveries()] == ["failed"]


def test_the_circuit_opens_when_most_deliveries_fail(
    account: Account, receiver: Receiver, clock: MovedClock, ticket: int
) -> None:
    account.subscribe(receiver.url, events=["zen:event-type:ticket.comment_added"])
    account.turn(breaker_after=5)
    receiver.answers = [(500, {})] * 5
    for number in range(7):
        account.do.agent_notes(ticket, f"Note {number}")
        account.webhooks.flush(10)
    assert [d["status"] for d in account.webhooks.deliveries()] == ["failed"] * 5 + ["circuit broken"] * 2


def test_knobs_duplicate_disorder_drop_and_falsify(account: Account, receiver: Receiver, ticket: int) -> None:
    hook = account.subscribe(receiver.url, events=["zen:event-type:ticket.comment_added"])

    def send(count: int) -> list[str]:
        receiver.got.clear()
        for number in range(count):
            account.do.agent_notes(ticket, f"Note {number}")
        assert account.webhooks.flush(20)
        return [json.loads(body)["event"]["comment"]["body"] for _headers, body in receiver.got]

    account.turn(duplicates=1.0)
    assert len(send(10)) == 20
    account.turn(duplicates=0.0, disorder=1.0)
    assert sorted(shuffled := send(10)) == [f"Note {n}" for n in range(10)] != shuffled
    account.turn(disorder=0.0, drop=0.5)
    assert 2 <= len(send(20)) <= 18
    account.turn(drop=0.0, wrong_signature=1.0)
    send(1)
    headers, body = receiver.got[0]
    assert headers["x-zendesk-webhook-signature"] != _signature(hook.secret, headers, body)
    account.turn(stop=True)
    assert send(3) == []
    with pytest.raises(ValueError, match="no knob"):
        account.turn(noise=1)


def test_deliveries_held_back_go_out_by_themselves(account: Account, receiver: Receiver, ticket: int) -> None:
    account.subscribe(receiver.url, events=["zen:event-type:ticket.comment_added"])
    account.turn(disorder=1.0)
    account.do.agent_notes(ticket, "Alone")
    end = time.monotonic() + 5
    while not receiver.got and time.monotonic() < end:
        time.sleep(0.02)
    assert len(receiver.got) == 1


def test_a_webhook_made_over_the_api_shows_no_secret(api: Api) -> None:
    asked = {"name": "w", "endpoint": "http://127.0.0.1:9/", "http_method": "POST", "request_format": "json",
             "status": "active", "subscriptions": ["zen:event-type:ticket.created"]}  # fmt: skip
    made = api("POST", "/api/v2/webhooks", json={"webhook": asked})
    hook = made.json()["webhook"]
    assert made.status_code == 201
    assert "secret" not in json.dumps(hook)
    assert isinstance(hook["created_by"], str)
    secret = api("GET", f"/api/v2/webhooks/{hook['id']}/signing_secret").json()["signing_secret"]
    assert secret["algorithm"] == "SHA256"
    renewed = api("POST", f"/api/v2/webhooks/{hook['id']}/signing_secret").json()["signing_secret"]
    assert renewed["secret"] != secret["secret"]
    mixed = {**asked, "subscriptions": ["conditional_ticket_events", "zen:event-type:ticket.created"]}
    assert api("POST", "/api/v2/webhooks", json={"webhook": mixed}).status_code == 422
    assert api("DELETE", f"/api/v2/webhooks/{hook['id']}").status_code == 204
