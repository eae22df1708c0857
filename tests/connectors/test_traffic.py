"""What the Zendesk connector asks and what the sandbox answers fit Zendesk's published description."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from plugin.connectors import connect
from plugin.ports import Changes
from plugin.sandbox import MovedClock, Sandbox, open_sandbox
from tests.connectors.contract import Contract, judge
from tests.journey.conftest import account_of

DESCRIPTION = Path(__file__).parents[3] / "shared" / "contracts" / "zendesk-support-openapi.json"

NOT_DESCRIBED = {
    r"POST /oauth/tokens": "OAuth is in no published description",
    r"GET /api/v2/business_hours/schedules.*": "schedules are not in it",
    r"GET /api/v2/calls/\{id\}": "Talk partner calls are not in it",
}
"""Paths the description lacks, as its own readme says."""

_NULL = "external_id|forum_topic_id|assignee_id|group_id|priority|problem_id|recipient|satisfaction_rating|type"

KNOWN = {
    rf".* answered: tickets?(/\*)?/({_NULL}) is None, .*": "recorded answers of Zendesk hold null here",
    r".* answered: tickets?(/\*)?/organization_id is None, .*": "assumed: a customer without an organization has none",
    r".* answered: users?(/\*)?/default_group_id is None, .*": "assumed: only agents have a group",
    r"GET /api/v2/incremental/.* answered: tickets/\*/status is 'deleted', .*": "documented: deleted ones are in it",
    r"GET /api/v2/incremental/.* asked: query start_time is required": "wrong beside a cursor",
    r"GET .* answered: status 404 is not described": "a recorded answer for a deleted ticket",
    r".* asked: query page\[(size|after)\] is not described": "documented for all lists, on a page about paging",
    r".* asked: query include is not described": "documented for tickets, on a page about side-loading",
    r"GET .*/comments asked: query sort is not described": "documented with the endpoint since",
}
"""Misfits (patterns) with the reason why they are the description's fault, not ours."""


def play(sandbox: Sandbox) -> None:
    """One of everything the connector can do."""
    desk, clock = sandbox.account, sandbox.clock
    assert isinstance(clock, MovedClock)
    do, line = desk.do, connect(account_of(sandbox), clock, pause=lambda _: None)
    customer = do.customer("Ana", "ana@example.org", "+442079460123", numbers=["020 7946 0124"])
    plain = do.customer_writes(customer, "Where is my parcel?", subject="Parcel")
    do.agent_replies(plain, "I will look.", tags=["vip"])
    do.transfer(plain, group="Shipping")
    calls = do.customer_writes(customer, "Please call me.", subject="Call")
    do.call(calls, "+442079460123")
    do.call(calls, "+442079460123", partner=True, answered=False)
    do.bot_replies(calls, "We are closed.")
    merged, solved, gone = (do.customer_writes(customer, f"Number {n}", subject=f"T{n}") for n in range(3))
    do.merge(merged, plain)
    do.solve(solved)
    do.delete(gone)
    line.whoami()
    line.calendar()
    for ticket in (plain, calls, merged, solved, gone):
        line.fetch_ticket(str(ticket))
    now = line.fetch_ticket(str(plain))
    line.write(now, Changes("card-1", "<p>A note</p>", add_tags=("ft_promise_at_risk",)))
    line.write(line.fetch_ticket(str(plain)), Changes("card-2", "<p>Another</p>", remove_tags=("ft_promise_at_risk",)))
    line.find_marker(str(plain), "card-1", clock.now() - timedelta(hours=1))
    clock.advance(timedelta(minutes=5))
    line.changed_since(line.changed_since("").cursor)
    line.changed_since("c:" + b64encode(b"1772355900.0||1").decode())  # a cursor of theirs, as a long export gives


def test_the_traffic_fits_the_published_description(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if not DESCRIPTION.exists():
        pytest.skip(f"NOT RUN: the published description is not here ({DESCRIPTION.name})")
    traffic = tmp_path / "traffic.jsonl"
    with open_sandbox(MovedClock(datetime(2026, 3, 2, 9, 0, tzinfo=UTC))) as sandbox:
        sandbox.account.record(traffic)
        play(sandbox)
    rows = [json.loads(line) for line in traffic.read_text(encoding="utf-8").splitlines()]
    described, strange, misfits = judge(Contract(DESCRIPTION), rows)
    unknown = [m for m in misfits if not any(re.fullmatch(p, m) for p in KNOWN)]
    with capsys.disabled():
        print(f"\n{len(rows)} exchanges: {described.total()} of {len(described)} described operations, "
              f"{strange.total()} of {len(strange)} paths it lacks; {misfits.total()} misfits of {len(misfits)} kinds, "
              f"{len(unknown)} of them not explained")  # fmt: skip
        for misfit, number in sorted(misfits.items()):
            why = next((reason for pattern, reason in KNOWN.items() if re.fullmatch(pattern, misfit)), "NOT EXPLAINED")
            print(f"  {number:3} {misfit}: {why}")
    assert unknown == [], "a new misfit"
    assert [s for s in strange if not any(re.fullmatch(p, s) for p in NOT_DESCRIBED)] == []
    assert len(described) >= 9
    assert {row["method"] for row in rows} >= {"GET", "PUT", "DELETE"}


def test_the_check_notices_an_answer_that_does_not_fit() -> None:
    if not DESCRIPTION.exists():
        pytest.skip(f"NOT RUN: the published description is not here ({DESCRIPTION.name})")
    asked = {"method": "GET", "path": "/api/v2/tickets/17/tags", "query": "colour=red", "request": None}
    right = {**asked, "query": "", "status": 200, "response": {"tags": ["a"]}}
    wrong = {**asked, "status": 200, "response": {"tags": "a"}}
    contract = Contract(DESCRIPTION)
    assert contract.misfits(right) == ("GET /api/v2/tickets/{ticket_id}/tags", [])
    assert contract.misfits(wrong)[1] == [
        "asked: query colour is not described",
        "answered: tags is 'a', should be type array",
    ]
    assert contract.misfits({**right, "path": "/api/v2/unheard_of"})[0] == ""
