"""Let an admin see how every account is doing, and change how far we go in it."""

from __future__ import annotations

from functools import partial

import structlog
from flask import Blueprint, Response, abort, g, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from plugin.domain.card import N_, Text
from plugin.ports import Account, Job, Mode, Rejected, Unit
from plugin.web.access import Reception, guard, the_account, visible
from plugin.web.frame import field, one_of, say_done, show
from plugin.work.check import REACH, Checked, check_account
from plugin.work.tools import ticket_of

log = structlog.get_logger()

MODES = (
    (Mode.OBSERVE, N_("Observe"), N_("Reads tickets and fills these pages. The helpdesk stays as it is.")),
    (Mode.SUGGEST, N_("Suggest"), N_("Also shows the card beside the ticket. Still writes nothing to the helpdesk.")),
    (Mode.WRITE, N_("Write"), N_("Also puts notes, tags and digests into the helpdesk. Only agents see them.")),
)  # fmt: skip

_NOW = {
    Mode.OBSERVE: N_("%(account)s: only watching now"),
    Mode.SUGGEST: N_("%(account)s: cards are shown now, nothing is written"),
    Mode.WRITE: N_("%(account)s: notes, tags and digests are written now"),
}

STATES = ("buried", "leased", "waiting")
"""Of jobs, in the order in which they need somebody."""

MOST_JOBS = 100


def admin(house: Reception) -> Blueprint:
    """/admin and /admin/jobs, and the forms on them."""
    pages = Blueprint("admin", __name__, url_prefix="/admin")
    guard(pages, house, "admin")
    job = "/accounts/<account_id>/jobs/<int(max=9223372036854775807):job_id>"
    for path, name, view, method in (
        ("", "accounts", show_accounts, "GET"),
        ("/jobs", "jobs", show_jobs, "GET"),
        ("/accounts/<account_id>/mode", "mode", set_mode, "POST"),
        ("/accounts/<account_id>/switch", "switch", set_switch, "POST"),
        ("/accounts/<account_id>/resume", "resume", resume, "POST"),
        ("/accounts/<account_id>/check", "check", check, "POST"),
        ("/accounts/<account_id>/jobs/retry", "retry_all", retry_all, "POST"),
        (f"{job}/retry", "retry", retry, "POST"),
        (f"{job}/bury", "bury", bury, "POST"),
    ):
        pages.add_url_rule(path, name, partial(view, house), methods=[method])
    return pages


# --- accounts --------------------------------------------------------------------------------------------------------


def show_accounts(house: Reception) -> Response:
    """Every account of this admin: how it is doing, how far it may go, and what stops it."""
    with house.storage.unit(reading=True) as u:
        rows = [(account, u.overview.pulse(account.id)) for account in visible(u)]
    return show("admin/accounts.html", rows=rows, modes=MODES)


def check(house: Reception, account_id: str) -> Response:
    """Ask the helpdesk now what `followthrough check` asks; nothing is written to it."""
    with house.storage.unit(reading=True) as u:
        account = the_account(u, account_id)
    try:
        results = list(check_account(house.connector(account), house.storage, account))
    except Rejected as error:  # there is no connector for this helpdesk
        results = [Checked(REACH, False, detail=str(error))]
    return show("admin/check.html", account=account, results=results)


def set_mode(house: Reception, account_id: str) -> AnyResponse:
    """How far we may go in this helpdesk."""
    mode = one_of(field("mode"), [m.value for m in Mode])
    if not mode:
        abort(400)
    with house.storage.unit() as u:
        before = the_account(u, account_id).mode
        u.accounts.update(account_id, mode=Mode(mode))
    _log("mode", account_id, mode)
    undo = (request.path, {"mode": before.value}) if before != mode else None
    say_done(_NOW[Mode(mode)], {"account": account_id}, undo)
    return redirect(url_for("admin.accounts"))


def set_switch(house: Reception, account_id: str) -> AnyResponse:
    """The kill switch: nothing is written to the helpdesk while it is on."""
    wanted = one_of(field("stopped"), ("on", "off"))
    if not wanted:
        abort(400)
    with house.storage.unit() as u:
        the_account(u, account_id)
        u.accounts.update(account_id, stopped=wanted == "on")
    _log("kill_switch", account_id, wanted)
    on, off = N_("%(account)s: the kill switch is on, nothing is written"), N_("%(account)s: the kill switch is off")
    back = {"stopped": "off" if wanted == "on" else "on"}
    say_done(on if wanted == "on" else off, {"account": account_id}, (request.path, back))
    return redirect(url_for("admin.accounts"))


def resume(house: Reception, account_id: str) -> AnyResponse:
    """Go on after a pause; what is still wrong pauses it again."""
    with house.storage.unit() as u:
        the_account(u, account_id)
        u.accounts.update(account_id, paused="")
    _log("resume", account_id, "")
    say_done(N_("%(account)s: goes on. If the cause still stands, it pauses again by itself"), {"account": account_id})
    return redirect(url_for("admin.accounts"))


# --- jobs ------------------------------------------------------------------------------------------------------------


def show_jobs(house: Reception) -> Response:
    """What waits and what is stuck, account by account, the stuck first."""
    asked = request.args.get("account", "")
    with house.storage.unit(reading=True) as u:
        accounts = visible(u)
        chosen = [the_account(u, asked)] if asked else accounts
        rows = [(account, _jobs(u, account), u.overview.pulse(account.id)) for account in chosen]
    shown = [(a, [(j, *_ticket(house, a, j)) for j in found], pulse) for a, found, pulse in rows]
    return show("admin/jobs.html", rows=shown, accounts=accounts, asked=asked, most=MOST_JOBS)


def _jobs(u: Unit, account: Account) -> list[Job]:
    return [job for state in STATES for job in u.queue.jobs(account.id, state, MOST_JOBS)]


def _ticket(house: Reception, account: Account, job: Job) -> tuple[Text, str]:
    """What the job is about, and where that is."""
    if not job.lane.startswith("ticket:"):
        return Text(N_("Other work: %(lane)s"), {"lane": job.lane}), ""
    ticket = ticket_of(job.lane)
    try:
        return Text(N_("Ticket %(id)s"), {"id": ticket}), house.connector(account).ticket_url(ticket)
    except Rejected:
        return Text(N_("Ticket %(id)s"), {"id": ticket}), ""


def retry(house: Reception, account_id: str, job_id: int) -> AnyResponse:
    """A buried job waits again."""
    now = house.clock.now()
    with house.storage.unit() as u:
        _their_job(u, account_id, job_id)
        if not u.queue.revive(job_id, now):
            abort(404)
    _log("retry", account_id, str(job_id))
    say_done(N_("The job waits again and is tried within seconds"))
    return redirect(url_for("admin.jobs"))


def retry_all(house: Reception, account_id: str) -> AnyResponse:
    """All buried jobs of an account wait again."""
    now = house.clock.now()
    with house.storage.unit() as u:
        account = the_account(u, account_id)
        revived = [u.queue.revive(job.id, now) for job in u.queue.jobs(account.id, "buried", 10_000)]
    _log("retry_all", account_id, str(sum(revived)))
    say_done(N_("%(account)s: jobs that wait again: %(count)s"), {"account": account_id, "count": str(sum(revived))})
    return redirect(url_for("admin.jobs"))


def bury(house: Reception, account_id: str, job_id: int) -> AnyResponse:
    """Take a job out of the way."""
    with house.storage.unit() as u:
        _their_job(u, account_id, job_id)
        if not u.queue.bury(job_id, house.clock.now(), "by hand"):
            abort(404)
    _log("bury", account_id, str(job_id))
    back = url_for("admin.retry", account_id=account_id, job_id=job_id)
    say_done(N_("The job is buried: it is not tried any more"), undo=(back, {}))
    return redirect(url_for("admin.jobs"))


def _their_job(u: Unit, account_id: str, job_id: int) -> None:
    """404 unless it is a job of exactly this account."""
    if u.overview.account_of_job(job_id) != the_account(u, account_id).id:
        abort(404)


def _log(what: str, account_id: str, value: str) -> None:
    log.info("admin.changed", what=what, account=account_id, value=value, by=g.human.name)
