"""Look at an account's connection and say of each failure how to mend it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from plugin.domain.card import N_, Text
from plugin.ports import Account, Connector, Disconnected, Identity, Mode, Rejected, Storage, Temporary

MOST_SKEW = 60.0
"""Seconds our clock may differ from the helpdesk's; signatures are refused after 300."""

LEAST_LIMIT = 100
"""Requests a minute below which a helpdesk plan is too small for steady work."""

REACH, RIGHTS, SIGHT = Text(N_("Reach")), Text(N_("Rights")), Text(N_("What we can see"))
LIMIT, CLOCK, SIGNATURE = Text(N_("Rate limit")), Text(N_("Clock")), Text(N_("Signature"))
HOURS, PAUSE, SWITCH = Text(N_("Business hours")), Text(N_("Paused")), Text(N_("Kill switch"))

CREDENTIALS = Text(N_("Give new credentials with this command:"))
UNTOLD = Text(N_("The helpdesk did not say."))


@dataclass(frozen=True, slots=True)
class Checked:
    """One thing looked at. `ok` is None where it could not be looked at. `fix` says what to do, `command` what to type
    for it; `detail` is what a machine answered, in its own words."""

    what: Text
    ok: bool | None
    saw: Text | None = None
    fix: Text | None = None
    command: str = ""
    detail: str = ""


def check_account(connector: Connector, storage: Storage, account: Account) -> Iterator[Checked]:
    """Everything that can be told without writing anything to the helpdesk."""
    me: Identity | None = None
    try:
        me = connector.whoami()
        yield Checked(REACH, True, detail=account.host)
        yield _rights(me, account)
        yield from (Checked(SIGHT, False, Text(gap), Text(remedy)) for gap, remedy in me.gaps)
        yield from _numbers(me)
    except Disconnected as error:
        seen = Text(N_("The helpdesk does not accept our credentials."))
        yield Checked(RIGHTS, False, seen, CREDENTIALS, _set(account), str(error))
    except (Temporary, Rejected) as error:
        seen, fix = (
            Text(N_("The helpdesk does not answer.")),
            Text(N_("Is the address right, and does it answer here?")),
        )
        yield Checked(REACH, False, seen, fix, detail=f"{account.host}: {error}")
    yield _signature(storage, account)
    yield from _schedule(connector, account) if me else ()
    if account.paused:
        fix = Text(N_("Mend the cause, then go on with this command:"))
        yield Checked(PAUSE, False, None, fix, f"{_set(account)} --resume", account.paused)
    if account.mode is Mode.WRITE and account.stopped:
        seen, fix = Text(N_("On: nothing is written.")), Text(N_("Turn it off with this command:"))
        yield Checked(SWITCH, False, seen, fix, f"{_set(account)} --go")


def _set(account: Account) -> str:
    return f"followthrough accounts set {account.id}"


def _rights(me: Identity, account: Account) -> Checked:
    if me.role not in ("admin", "agent"):
        seen = Text(N_("Our user is neither agent nor admin: %(role)s"), {"role": me.role})
        return Checked(RIGHTS, False, seen, Text(N_("Use the credentials of an agent or admin.")))
    if not account.own_user_id:
        seen = Text(
            N_("Our user is not stored: our own notes would pass for others'. User: %(user)s"), {"user": me.user_id}
        )
        return Checked(RIGHTS, False, seen, CREDENTIALS, _set(account))
    if account.own_user_id != me.user_id:
        seen = Text(N_("We are another user than when the account was added. Now: %(now)s. Then: %(then)s"),
                    {"now": me.user_id, "then": account.own_user_id})  # fmt: skip
        fix = N_("Remove the account and add it again, so that our own notes are recognised.")
        return Checked(RIGHTS, False, seen, Text(fix))
    role = Text(N_("admin")) if me.role == "admin" else Text(N_("agent"))
    return Checked(RIGHTS, True, Text(N_("%(role)s, user %(user)s"), {"role": role, "user": me.user_id}))


def _numbers(me: Identity) -> Iterator[Checked]:
    if me.limit is None:
        yield Checked(LIMIT, None, UNTOLD)
    else:
        seen = Text(N_("Requests a minute: %(count)d. We use at most half."), {"count": me.limit})
        fix = N_("Take a plan with a higher limit, or expect delays.")
        yield Checked(LIMIT, me.limit >= LEAST_LIMIT, seen, Text(fix))
    if me.skew is None:
        yield Checked(CLOCK, None, UNTOLD)
    else:
        seen = Text(N_("Seconds apart: %(count)d"), {"count": round(me.skew)})
        yield Checked(CLOCK, abs(me.skew) <= MOST_SKEW, seen, Text(N_("Set this machine's clock (NTP).")))


def _signature(storage: Storage, account: Account) -> Checked:
    if not account.signing:
        seen, fix = Text(N_("No signing secret is stored.")), Text(N_("Give it with this command:"))
        return Checked(SIGNATURE, False, seen, fix, f"printf 'signing=…\\n' | {_set(account)}")
    with storage.unit(reading=True) as u:
        newest = u.history.deliveries(account.id, None, 1)
    if newest:
        when = newest[0]["received_at"]
        return Checked(SIGNATURE, True, Text(N_("Last verified webhook: %(at)s"), {"at": when}))
    return Checked(SIGNATURE, None, Text(N_("No webhook has come in yet. Change a ticket, then check again.")))


def _schedule(connector: Connector, account: Account) -> Iterator[Checked]:
    try:
        hours = connector.calendar()
    except (Temporary, Rejected) as error:
        yield Checked(HOURS, None, Text(N_("They could not be read.")), detail=str(error))
        return
    ours = f"{account.hours} ({account.zone})"
    if not hours:
        yield Checked(HOURS, True, Text(N_("We use %(ours)s. The helpdesk has none to show."), {"ours": ours}))
        return
    theirs = f"{hours.hours} ({hours.zone})"
    seen = Text(N_("We use %(ours)s. The helpdesk's own: %(theirs)s"), {"ours": ours, "theirs": theirs})
    yield Checked(HOURS, True, seen)
