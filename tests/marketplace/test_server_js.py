"""The serverless part of the Freshworks app, run under Node with a stand-in for the platform around it."""

from __future__ import annotations

import hashlib
import hmac
import json
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from plugin.connectors.freshdesk.inbound import point, verify
from plugin.marketplace import freshworks, read_manifest
from plugin.ports import Delivery, Refused
from plugin.settings import SystemClock
from tests.marketplace.packages import good

NODE = shutil.which("node")

pytestmark = pytest.mark.skipif(NODE is None, reason="node is not installed")

PLATFORM = """
const { handler, payload, answer } = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const source = require('fs').readFileSync(process.argv[1], 'utf8');
const seen = { sent: [], rendered: [], logged: [] };
const $request = { invokeTemplate: async (name, options) => {
  seen.sent.push({ name, ...options });
  if (answer >= 400) { throw { status: answer, response: 'no' }; }
  if (answer === 0) { throw new Error('no connection'); }
  return { status: answer };
} };
const $db = new Proxy({}, { get: () => { throw new Error('the key-value store is not for this'); } });
const log = (...words) => seen.logged.push(words.join(' '));
const load = new Function('exports', 'require', '$request', '$db', 'renderData', 'console', 'setTimeout',
  source + '\\nreturn exports;');
const handlers = load({}, require, $request, $db, (...said) => seen.rendered.push(said[0] ?? null),
  { log, error: log, info: log, warn: log }, undefined);
handlers[handler](payload).then(() => process.stdout.write(JSON.stringify(seen)));
"""

SECRET = "s3cret-of-the-app"

ACTOR = {
    "id": 67013469919,
    "type": "agent",
    "name": "Ann Agent",
    "email": "ann@acme.example",
    "phone": "+371 20000000",
    "current_login_ip": "198.51.100.7",
    "privileges": "1152921504606846975",
}

ENVELOPE = {
    "account_id": "11010177632",
    "domain": "acme.freshdesk.com",
    "event": "onTicketUpdate",
    "region": "US",
    "timestamp": 1636116313.9754386,
    "version": "1.0.0",
    "currentHost": {"endpoint_urls": {"freshdesk": "https://acme.freshdesk.com"}},
    "iparams": {"account": "acme", "app_secret": SECRET},
}

TICKET = {
    "id": 22,
    "model_id": 990022,
    "subject": "My parcel is lost",
    "description": "<p>Call me on +371 29999999</p>",
    "requester_id": 67,
    "tags": ["vip"],
    "changes": {"status": [2, 4]},
}

CONVERSATION = {"id": 901, "ticket_id": 22, "body_text": "I will call you at 5", "user_id": 67, "notable_id": 990022}


def payload(**data: Any) -> dict[str, Any]:
    return ENVELOPE | {"data": {"actor": ACTOR, **data}}


def run(handler: str, given: dict[str, Any], answer: int = 202) -> dict[str, Any]:
    """What the handler sent, rendered and logged."""
    server = Path(freshworks.HERE) / "server" / "server.js"
    told = json.dumps({"handler": handler, "payload": given, "answer": answer})
    done = subprocess.run(
        [str(NODE), "-e", PLATFORM, str(server)], input=told, capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 0, done.stderr
    seen: dict[str, Any] = json.loads(done.stdout)
    return seen


def only_bell(seen: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The one call and its body."""
    (call,) = seen["sent"]
    assert call["name"] == "ring"
    return call, json.loads(call["body"])


def test_a_ticket_event_rings_with_ids_and_the_events_name_only() -> None:
    _, body = only_bell(run("onTicketHandler", payload(ticket=TICKET, requester={"email": "c@b.example"})))
    assert body == {
        "event": "onTicketUpdate",
        "timestamp": 1636116313.9754386,
        "account_id": "11010177632",
        "data": {"actor": {"id": "67013469919"}, "ticket": {"id": "22"}},
    }


def test_a_conversation_event_rings_for_its_ticket_without_a_word_of_it() -> None:
    given = payload(conversation=CONVERSATION) | {"event": "onConversationCreate"}
    call, body = only_bell(run("onConversationHandler", given))
    assert body["data"]["conversation"] == {"id": "901", "ticket_id": "22"}
    for word in ("call you", "Ann", "198.51.100.7", "1152921504606846975", "acme.example", SECRET):
        assert word not in json.dumps(call)


def test_the_signature_is_over_the_time_and_the_very_letters_sent() -> None:
    call, _ = only_bell(run("onTicketHandler", payload(ticket=TICKET)))
    signed = f"{call['context']['time']}.{call['body']}".encode()
    assert call["context"]["signature"] == hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
    assert abs(int(call["context"]["time"]) - time.time()) < 60
    assert call["body"].isascii()


@pytest.mark.parametrize("ticket", [{}, {"id": None}, {"id": "22; drop"}, {"id": -1}, {"id": [22]}, {"id": 2.5}])
def test_what_names_no_ticket_does_not_ring(ticket: dict[str, Any]) -> None:
    assert run("onTicketHandler", payload(ticket=ticket))["sent"] == []


@pytest.mark.parametrize("handler", ["onTicketHandler", "onConversationHandler"])
def test_an_event_without_data_is_no_accident(handler: str) -> None:
    assert run(handler, dict(ENVELOPE))["sent"] == []


def test_without_the_secret_nothing_is_sent_and_that_is_logged() -> None:
    seen = run("onTicketHandler", payload(ticket=TICKET) | {"iparams": {}})
    assert seen["sent"] == []
    assert seen["logged"] == ["Followthrough was not reached 22 0"]


@pytest.mark.parametrize("answer", [401, 429, 503, 0])
def test_a_bell_that_fails_is_logged_without_words(answer: int) -> None:
    seen = run("onTicketHandler", payload(ticket=TICKET), answer)
    assert seen["logged"] == [f"Followthrough was not reached 22 {answer}"]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (202, None),
        (401, {"message": "Followthrough does not accept this app secret."}),
        (404, {"message": "Followthrough has no account of this name."}),
        (503, None),
        (0, None),
    ],
)
def test_installing_says_when_the_secret_or_the_name_is_wrong(answer: int, said: dict[str, str] | None) -> None:
    seen = run("onAppInstallHandler", payload() | {"event": "onAppInstall"}, answer)
    assert seen["rendered"] == [said]
    assert said is None or len(said["message"]) <= 60  # more would be cut off


def delivered(seen: dict[str, Any]) -> Delivery:
    """What arrives here when the platform fills in the template `ring`, as config/requests.json has it."""
    call, _ = only_bell(seen)
    schema = json.loads(good("freshdesk")["config/requests.json"])["ring"]["schema"]
    headers = {}
    for name, text in schema["headers"].items():
        for key, value in call["context"].items():
            text = text.replace(f"<%= context.{key} %>", value)
        headers[name.lower()] = text
    assert "<%" not in json.dumps(headers)
    return Delivery("acme", headers, call["body"].encode(), SystemClock().now())


@pytest.mark.parametrize(
    ("handler", "event", "data", "kind"),
    [
        ("onTicketHandler", "onTicketCreate", {"ticket": TICKET}, "ticket"),
        ("onTicketHandler", "onTicketUpdate", {"ticket": TICKET}, "ticket"),
        ("onTicketHandler", "onTicketDelete", {"ticket": TICKET}, "gone"),
        ("onConversationHandler", "onConversationCreate", {"conversation": CONVERSATION}, "ticket"),
        ("onConversationHandler", "onConversationDelete", {"conversation": CONVERSATION}, "ticket"),
    ],
)
def test_our_connector_believes_the_bell(handler: str, event: str, data: dict[str, Any], kind: str) -> None:
    delivery = delivered(run(handler, payload(**data) | {"event": event}))
    verify(delivery, (), (SECRET,), "", delivery.received_at)
    bell = point(delivery)
    assert (bell.kind, bell.ticket_id, bell.event, bell.actor_id) == (kind, "22", event, "67013469919")


def test_our_connector_believes_no_bell_rung_with_another_secret() -> None:
    delivery = delivered(run("onTicketHandler", payload(ticket=TICKET)))
    with pytest.raises(Refused, match="does not match"):
        verify(delivery, (), ("another-secret",), "", delivery.received_at)


def test_the_bell_of_an_installation_points_at_no_ticket() -> None:
    delivery = delivered(run("onAppInstallHandler", payload() | {"event": "onAppInstall"}))
    verify(delivery, (), (SECRET,), "", delivery.received_at)
    assert point(delivery).kind == "other"


def test_every_event_of_the_manifest_has_a_handler_that_runs() -> None:
    modules = read_manifest()["freshworks"]["modules"]
    handlers = {heard["handler"] for module in modules.values() for heard in module.get("events", {}).values()}
    assert handlers == {"onAppInstallHandler", "onTicketHandler", "onConversationHandler"}
    for handler in handlers:
        run(handler, payload(ticket=TICKET, conversation=CONVERSATION))
