"""Digests in Zendesk: one ticket of our own for each audience, private notes with their picture; on the sandbox."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from plugin.connectors import connect
from plugin.domain.ticket import Role
from plugin.ports import Account as PluginAccount
from plugin.ports import Connector, DigestNote, Rejected, Temporary
from plugin.sandbox import Account, MovedClock, open_sandbox
from plugin.sandbox.faults import Fault

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20


@pytest.fixture
def there() -> Iterator[Account]:
    with open_sandbox(MovedClock(NOON)) as sandbox:
        yield sandbox.account


@pytest.fixture
def line(there: Account) -> Connector:
    account = PluginAccount(
        "acme", "zendesk", there.url, own_user_id=str(there.integration.id), credentials=there.credentials()
    )
    return connect(account, there.desk.clock, pause=lambda _: None)


def test_a_digest_has_one_ticket_of_ours_with_a_private_note_and_its_picture(there: Account, line: Connector) -> None:
    assert line.find_digest_ticket("lead") == ""
    ticket, other = line.open_digest_ticket("lead", "Digests <of> Acme"), line.open_digest_ticket("owner:x", "X")
    assert line.find_digest_ticket("lead") == ticket
    assert line.find_digest_ticket("owner:x") == other
    line.post_digest(ticket, DigestNote("lead-2026-w10", "<b>12 customers</b>", PICTURE))
    assert line.find_marker(ticket, "lead-2026-w10", NOON)
    assert [b64decode(kept["content"]) for kept in there.desk.state.uploads.values()] == [PICTURE]
    row = there.desk.state.tickets[int(ticket)]
    assert (row.requester_id, row.tags) == (there.integration.id, ["ft_digest"])
    found = line.fetch_ticket(ticket)
    assert found.ours
    assert [(m.role, m.public) for m in found.messages] == [(Role.SELF, False)] * 2


def test_an_uploaded_picture_whose_note_failed_shows_nowhere(there: Account, line: Connector) -> None:
    ticket = line.open_digest_ticket("lead", "Digests")
    there.faults.order(Fault("reset", 1, ("PUT",)))
    with pytest.raises(Temporary) as error:
        line.post_digest(ticket, DigestNote("d-1", "<b>12</b>", PICTURE))
    assert error.value.unknown
    assert not line.find_marker(ticket, "d-1", NOON)
    line.post_digest(ticket, DigestNote("d-1", "<b>12</b>", PICTURE))
    assert len(line.fetch_ticket(ticket).messages) == 2


@pytest.mark.parametrize("end", ["close", "delete"])
def test_a_digest_ticket_that_ended_is_refused(there: Account, line: Connector, end: str) -> None:
    ticket = line.open_digest_ticket("lead", "Digests")
    getattr(there.do, end)(int(ticket))
    with pytest.raises(Rejected):
        line.post_digest(ticket, DigestNote("d-1", "<b>12</b>"))
    again = line.open_digest_ticket("lead", "Digests")
    assert line.find_digest_ticket("lead") == again != ticket
