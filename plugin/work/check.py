"""Look at an account's connection and say of each failure how to mend it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from plugin.ports import Account, Connector, Disconnected, Identity, Mode, Rejected, Storage, Temporary

MOST_SKEW = 60.0
"""Seconds our clock may differ from the helpdesk's; signatures are refused after 300."""

LEAST_LIMIT = 100
"""Requests a minute below which a helpdesk plan is too small for steady work."""


@dataclass(frozen=True, slots=True)
class Checked:
    """One thing looked at. `ok` is None where it could not be looked at."""

    what: str
    ok: bool | None
    saw: str
    fix: str = ""


def check_account(connector: Connector, storage: Storage, account: Account) -> Iterator[Checked]:
    """Everything that can be told without writing anything to the helpdesk."""
    me: Identity | None = None
    try:
        me = connector.whoami()
        yield Checked("reach", True, account.host)
        yield _rights(me, account)
        yield from (Checked("sees everything", False, gap, remedy) for gap, remedy in me.gaps)
        yield from _numbers(me)
    except Disconnected as error:
        yield Checked("reach", True, account.host)
        yield Checked("rights", False, str(error), "give new credentials: followthrough accounts set " + account.id)
    except (Temporary, Rejected) as error:
        yield Checked(
            "reach", False, f"{account.host}: {error}", "is the address right, and is it reachable from here?"
        )
    yield _signature(storage, account)
    yield from _schedule(connector, account) if me else ()
    if account.paused:
        yield Checked(
            "paused", False, account.paused, f"mend the cause, then: followthrough accounts set {account.id} --resume"
        )
    if account.mode is Mode.WRITE and account.stopped:
        yield Checked("kill switch", False, "on: nothing is written", f"followthrough accounts set {account.id} --go")


def _rights(me: Identity, account: Account) -> Checked:
    if me.role not in ("admin", "agent"):
        return Checked("rights", False, f"we are a {me.role}", "use the credentials of an agent or admin")
    if not account.own_user_id:
        saw = f"we are user {me.user_id}, which is not stored: our own notes would pass for others'"
        return Checked("rights", False, saw,
                       f"give the credentials once more: followthrough accounts set {account.id}")  # fmt: skip
    if account.own_user_id != me.user_id:
        return Checked("rights", False, f"we are user {me.user_id}, not {account.own_user_id} as when it was added",
                       "remove and add the account, so that our own notes are recognised")  # fmt: skip
    return Checked("rights", True, f"{me.role}, user {me.user_id}")


def _numbers(me: Identity) -> Iterator[Checked]:
    if me.limit is None:
        yield Checked("rate limit", None, "the helpdesk did not say")
    else:
        yield Checked("rate limit", me.limit >= LEAST_LIMIT, f"{me.limit} requests a minute, we use at most half",
                      "a plan with a higher limit, or expect delays")  # fmt: skip
    if me.skew is None:
        yield Checked("clock", None, "the helpdesk did not say the time")
    else:
        yield Checked("clock", abs(me.skew) <= MOST_SKEW, f"{me.skew:+.0f} s apart", "set this machine's clock (NTP)")


def _signature(storage: Storage, account: Account) -> Checked:
    fix = f"printf 'signing=…\\n' | followthrough accounts set {account.id}"
    if not account.signing:
        return Checked("signature", False, "no signing secret is stored", fix)
    with storage.unit(reading=True) as u:
        newest = u.history.deliveries(account.id, None, 1)
    if newest:
        return Checked("signature", True, f"last verified webhook at {newest[0]['received_at']:%Y-%m-%d %H:%M:%SZ}")
    return Checked("signature", None, "no webhook has come in yet; change a ticket, then check again")


def _schedule(connector: Connector, account: Account) -> Iterator[Checked]:
    try:
        hours = connector.calendar()
    except (Temporary, Rejected) as error:
        yield Checked("business hours", None, f"could not be read: {error}")
        return
    theirs = f"{hours.hours} ({hours.zone})" if hours else "the helpdesk has none to show"
    yield Checked("business hours", True, f"we use {account.hours} ({account.zone}); the helpdesk: {theirs}")
