"""What the journeys share: the small house of the work tests, and the account that speaks to a sandbox."""

from __future__ import annotations

from dataclasses import replace

from plugin.ports import Account, Mode
from plugin.sandbox import Sandbox
from tests.work.conftest import house

__all__ = ["account_of", "house"]


def account_of(sandbox: Sandbox, **changes: object) -> Account:
    desk = sandbox.account
    account = Account("main", "zendesk", desk.url, Mode.WRITE, own_user_id=str(desk.integration.id),
                      external_id=str(desk.desk.state.settings.account_id), signing=("s",),
                      credentials=desk.credentials())  # fmt: skip
    return replace(account, **changes)  # type: ignore[arg-type]
