"""What the helpdesk sees of us: one note however often it rings, and nothing but reads where we may not write."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from plugin import connectors
from plugin.ports import Delivery, Mode
from plugin.rendering import render_note
from plugin.sandbox import MovedClock, Sandbox, open_sandbox
from plugin.sandbox.deliveries import sign
from plugin.storage import open_storage
from plugin.work.drain import drain
from plugin.work.receive import receive
from plugin.work.tools import Limits, Tools
from tests.journey.conftest import account_of
from tests.work.conftest import card_by_hand, find_by_hand


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with open_sandbox(MovedClock(datetime(2026, 3, 2, 9, 0, tzinfo=UTC))) as opened:
        opened.account.desk.state.settings.limit = 1_000_000
        opened.account.desk.state.settings.race = 0.0
        yield opened


@pytest.fixture
def at_zendesk(sandbox: Sandbox, tmp_path: Path) -> Iterator[Callable[..., Tools]]:
    """The small house's findings and cards on a real connector to a sandbox."""
    storage = open_storage(f"sqlite:///{tmp_path / 'at_zendesk.sqlite3'}", clock=sandbox.clock)

    def make(**changes: object) -> Tools:
        account = account_of(sandbox, **changes)
        with storage.unit() as u:
            u.accounts.add(account)
        line = connectors.connect(account, sandbox.clock, pause=lambda _: None)
        limits = Limits(lease=timedelta(minutes=5), max_attempts=3)
        return Tools(
            storage, sandbox.clock, lambda _: line, lambda _: None, find_by_hand, card_by_hand, render_note, limits
        )  # type: ignore[arg-type, return-value]

    yield make
    storage.close()


def ring(tools: Tools, ticket: int, actor: int, number: int) -> None:
    """What the helpdesk would send for a change by this user."""
    with tools.storage.unit() as u:
        account = u.accounts.get("main")
    assert account is not None
    body = json.dumps({"type": "zen:event-type:ticket.comment_added", "subject": f"zen:ticket:{ticket}",
                       "id": f"e{number}", "detail": {"actor_id": str(actor)}}).encode()  # fmt: skip
    at = tools.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    headers = {"x-zendesk-webhook-signature": sign("s", at, body), "x-zendesk-webhook-signature-timestamp": at}
    delivery = Delivery("main", headers, body, tools.clock.now())
    receive(delivery, account, tools.connect(account), tools.storage.keep, tools.limits.quiet)


@pytest.mark.parametrize("knows_itself", [True, False])
def test_a_note_that_rings_for_itself_stays_one_note(
    sandbox: Sandbox, at_zendesk: Callable[..., Tools], knows_itself: bool
) -> None:
    """Two hundred rounds in which the webhook of our own note comes in; even where we do not know who we are."""
    desk, clock = sandbox.account, sandbox.clock
    assert isinstance(clock, MovedClock)
    tools = at_zendesk() if knows_itself else at_zendesk(own_user_id="")
    ticket = desk.do.customer_writes(
        desk.do.customer("Ana", "ana@example.org"), "it is a billing_error", subject="Bill"
    )
    ring(tools, ticket, 7, 0)
    for number in range(1, 201 if knows_itself else 41):
        clock.advance(timedelta(minutes=10))
        drain(tools)
        ring(tools, ticket, desk.integration.id, number)
    assert len(desk.notes(ticket)) == 1
    assert states_of(tools) <= {"waiting"}


def states_of(tools: Tools) -> set[str]:
    with tools.storage.unit() as u:
        return {job.state for job in u.queue.jobs()}


@pytest.mark.parametrize(
    "changes",
    [{"mode": Mode.OBSERVE}, {"mode": Mode.SUGGEST}, {"stopped": True}],
    ids=["observe", "suggest", "stopped"],
)
def test_a_helpdesk_we_may_not_write_to_sees_only_reads(
    sandbox: Sandbox, at_zendesk: Callable[..., Tools], tmp_path: Path, changes: dict[str, object]
) -> None:
    desk, traffic = sandbox.account, tmp_path / "traffic.jsonl"
    desk.record(traffic)
    tools = at_zendesk(**changes)
    ticket = desk.do.customer_writes(
        desk.do.customer("Ana", "ana@example.org"), "it is a billing_error", subject="Bill"
    )
    before = desk.desk.state.tickets[ticket].updated_at
    ring(tools, ticket, 7, 0)
    sandbox.clock.advance(timedelta(minutes=1))  # type: ignore[attr-defined]
    drain(tools)
    rows = [json.loads(line) for line in traffic.read_text().splitlines()]
    asked = {(row["method"], row["path"]) for row in rows}
    assert ("GET", f"/api/v2/tickets/{ticket}") in asked
    assert {path for method, path in asked if method != "GET"} <= {"/oauth/tokens"}
    assert desk.desk.state.tickets[ticket].updated_at == before
    with tools.storage.unit() as u:
        assert u.ledger.newest_card("main", str(ticket)) is not None  # it had something to say
