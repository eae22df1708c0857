"""Drive an account over HTTP, under /_sandbox/, so that another process can be its customers, agents and faults."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plugin.sandbox.account import Setup
from plugin.sandbox.clocks import MovedClock
from plugin.sandbox.deeds import ACTIONS
from plugin.sandbox.errors import ApiError, bad_request, no_such_path
from plugin.sandbox.freshdesk.deeds import FRESH_ACTIONS
from plugin.sandbox.state import Json

if TYPE_CHECKING:
    from plugin.sandbox.server import AnyAccount, Sandbox


def answer(sandbox: Sandbox, account: AnyAccount, name: str, asked: Json) -> Any:
    """Do one thing and return JSON; ApiError 400 for what cannot be done.

    act {"do": deed, …} · subscribe {"endpoint", "kind", "secret"} · turn {"webhook", knob: value} · fail {"count",
    "kind", "methods", "path"} · flush {"timeout"} · deliveries · ring {"webhook", "body"} · clock {"now"|"advance"} ·
    record {"path"} · notes {"ticket"} · tags {"ticket"} · settings {name: value} · accounts {"key", …} · about"""
    doing = _TABLE.get(name)
    if doing is None:
        raise no_such_path()
    try:
        return doing(sandbox, account, asked)
    except ApiError:
        raise
    except (TypeError, ValueError, KeyError, AttributeError) as wrong:
        raise bad_request(f"{type(wrong).__name__}: {wrong}") from wrong


def _act(_sandbox: Sandbox, account: AnyAccount, asked: Json) -> Json:
    deed = asked.pop("do")
    known = FRESH_ACTIONS if account.helpdesk == "freshdesk" else ACTIONS
    if deed not in known:
        raise ValueError(f"no deed is called {deed}; there are {', '.join(known)}")
    return {"result": getattr(account.do, deed)(**asked)}


def _subscribe(_sandbox: Sandbox, account: AnyAccount, asked: Json) -> Json:
    hook = account.subscribe(asked.pop("endpoint"), **asked)
    return {"id": hook.id, "secret": hook.secret}


def _turn(_sandbox: Sandbox, account: AnyAccount, asked: Json) -> Json:
    account.turn(**asked)
    return {}


def _fail(_sandbox: Sandbox, account: AnyAccount, asked: Json) -> Json:
    account.fail_next(asked.pop("count"), asked.pop("kind"), **asked)
    return {}


def _flush(_sandbox: Sandbox, account: AnyAccount, asked: Json) -> Json:
    return {"all": account.webhooks.flush(float(asked.get("timeout", 60)))}


def _deliveries(_sandbox: Sandbox, account: AnyAccount, _asked: Json) -> Json:
    return {"deliveries": account.webhooks.deliveries()}


def _ring(_sandbox: Sandbox, account: AnyAccount, asked: Json) -> Json:
    account.webhooks.ring(asked["webhook"], str(asked["body"]).encode())
    return {}


def _clock(sandbox: Sandbox, _account: AnyAccount, asked: Json) -> Json:
    if not isinstance(sandbox.clock, MovedClock):
        raise ValueError("this sandbox was given a clock that cannot be moved")
    if "advance" in asked:
        sandbox.clock.advance(timedelta(seconds=float(asked["advance"])))
    if "now" in asked:
        sandbox.clock.move_to(datetime.fromisoformat(asked["now"]))
    return {"now": sandbox.clock.now().isoformat()}


def _record(_sandbox: Sandbox, account: AnyAccount, asked: Json) -> Json:
    account.record(Path(asked["path"]) if asked.get("path") else None)
    return {}


def _notes(_sandbox: Sandbox, account: AnyAccount, asked: Json) -> Json:
    return {"notes": account.notes(int(asked["ticket"]))}


def _tags(_sandbox: Sandbox, account: AnyAccount, asked: Json) -> Json:
    return {"tags": account.tags(int(asked["ticket"]))}


def _settings(_sandbox: Sandbox, account: AnyAccount, asked: Json) -> Json:
    settings = account.desk.state.settings
    for name, value in asked.items():
        if not hasattr(settings, name):
            raise ValueError(f"there is no setting {name}")
        setattr(settings, name, value)
    return {}


def _accounts(sandbox: Sandbox, _account: AnyAccount, asked: Json) -> Json:
    if asked:
        sandbox.add_account(Setup(**asked))
    return {"accounts": {key: found.url for key, found in sandbox.accounts.items()}}


def _about(sandbox: Sandbox, account: AnyAccount, _asked: Json) -> Json:
    return {"key": account.key, "helpdesk": account.helpdesk, "url": account.url,
            "account_id": account.desk.state.settings.account_id,
            "integration_id": account.integration.id, "credentials": account.credentials(),
            "legacy": account.legacy_credentials(), "tickets": sorted(account.desk.state.tickets),
            "now": sandbox.clock.now().isoformat()}  # fmt: skip


_TABLE: dict[str, Callable[[Sandbox, AnyAccount, Json], Any]] = {
    "act": _act, "subscribe": _subscribe, "turn": _turn, "fail": _fail, "flush": _flush, "deliveries": _deliveries,
    "ring": _ring, "clock": _clock, "record": _record, "notes": _notes, "tags": _tags, "settings": _settings,
    "accounts": _accounts, "about": _about,
}  # fmt: skip
