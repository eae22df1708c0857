"""What the sandbox answers fits the published OpenAPI description, where that is at hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from plugin.sandbox import Account, MovedClock
from tests.sandbox.conftest import Api

CONTRACT = Path(__file__).parents[3] / "shared" / "contracts" / "zendesk-support-openapi.json"

pytestmark = pytest.mark.skipif(not CONTRACT.exists(), reason=f"{CONTRACT.name} is not at hand")

CALLS = [
    ("GET", "/api/v2/tickets/{ticket_id}", None),
    ("GET", "/api/v2/tickets/show_many", None),
    ("GET", "/api/v2/tickets", None),
    ("PUT", "/api/v2/tickets/{ticket_id}", {"ticket": {"comment": {"body": "Card", "public": False}}}),
    ("POST", "/api/v2/tickets", {"ticket": {"subject": "s", "comment": {"body": "b"}}}),
    ("GET", "/api/v2/tickets/{ticket_id}/comments", None),
    ("GET", "/api/v2/tickets/{ticket_id}/audits", None),
    ("GET", "/api/v2/tickets/{ticket_id}/tags", None),
    ("PUT", "/api/v2/tickets/{ticket_id}/tags", {"tags": ["a"]}),
    ("POST", "/api/v2/tickets/{ticket_id}/tags", {"tags": ["b"]}),
    ("DELETE", "/api/v2/tickets/{ticket_id}/tags", {"tags": ["b"]}),
    ("GET", "/api/v2/users/me", None),
    ("GET", "/api/v2/users/{user_id}", None),
    ("GET", "/api/v2/users/show_many", None),
    ("GET", "/api/v2/users/{user_id}/identities", None),
    ("GET", "/api/v2/groups", None),
    ("GET", "/api/v2/groups/{group_id}", None),
    ("GET", "/api/v2/incremental/tickets/cursor", None),
    ("GET", "/api/v2/account/settings", None),
    ("GET", "/api/v2/ticket_fields", None),
]


@pytest.fixture(scope="module")
def contract() -> dict[str, Any]:
    found: dict[str, Any] = _nullable(json.loads(CONTRACT.read_text(encoding="utf-8")))
    return found


@pytest.mark.parametrize(("method", "path", "body"), CALLS, ids=lambda part: str(part)[:60])
def test_an_answer_fits_the_contract(
    api: Api, account: Account, clock: MovedClock, ticket: int, contract: dict[str, Any],
    method: str, path: str, body: Any,
) -> None:  # fmt: skip
    account.do.transfer(ticket, group="Faults")
    account.do.call(ticket, "+447700900142")
    account.do.agent_replies(ticket, "We will look into it.", status="pending", tags=["vip"])
    account.desk.add_field("Root cause", options=["rc_outage"])
    ids = {"ticket_id": ticket, "user_id": account.integration.id, "group_id": next(iter(account.desk.state.groups))}
    start = int(clock.now().timestamp()) - 3600
    query = {"ids": ticket if "tickets/show" in path else account.integration.id} if "show_many" in path else {}
    query |= {"start_time": start} if "incremental" in path else {}
    answer = api(method, path.format(**ids), params=query, json=body)
    promised = contract["paths"][path][method.lower()]["responses"]
    assert str(answer.status_code) in promised
    content = promised[str(answer.status_code)].get("content", {})
    if answer.status_code != 204:
        schema = content["application/json"]["schema"]
        _checker(contract, schema).validate(answer.json())


def test_the_check_notices_a_wrong_answer(contract: dict[str, Any]) -> None:
    checker = _checker(contract, {"$ref": "urn:contract#/components/schemas/TicketResponse"})
    wrong = {"ticket": {"requester_id": "5", "status": "done"}}
    assert len(list(checker.iter_errors(wrong))) == 2


def _checker(contract: dict[str, Any], schema: Any) -> jsonschema.Draft202012Validator:
    whole: Resource[Any] = Resource.from_contents(contract, default_specification=DRAFT202012)
    return jsonschema.Draft202012Validator(schema, registry=Registry().with_resource("urn:contract", whole))


def _nullable(part: Any) -> Any:
    """The description forgets that most fields may be null, as recorded answers show; everything else binds."""
    if isinstance(part, list):
        return [_nullable(item) for item in part]
    if not isinstance(part, dict):
        return part
    done = {key: _nullable(value) for key, value in part.items()}
    if isinstance(done.get("$ref"), str):
        done["$ref"] = "urn:contract" + done["$ref"]
    if isinstance(done.get("type"), str):
        done["type"] = [done["type"], "null"]
    if isinstance(done.get("enum"), list) and None not in done["enum"]:
        done["enum"] = [*done["enum"], None]
    return done
