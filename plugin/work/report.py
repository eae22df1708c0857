"""Make each digest once and put it into the helpdesk once, whoever asks and however often."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from plugin.domain.alerts import RATE, Alert, find_alerts
from plugin.domain.alerts import WEEKS as ALERT_WEEKS
from plugin.domain.calendar import Calendar, NeverOpen, open_calendar
from plugin.domain.digest import LEAD, OWNER, Digest, Facts, NewLine, make_digest, marker_of, team_of
from plugin.domain.digest_periods import Period, Plan, due_periods, read_plan
from plugin.domain.digest_words import tell_audience
from plugin.ports import Account, DigestNote, Disconnected, Job, KeptDigest, Mode, Rejected, Temporary, Unit
from plugin.rendering import render_digest, say, word_chart
from plugin.storage.documents import from_json, to_json
from plugin.work.emerge import proposals_of
from plugin.work.post import MARGIN
from plugin.work.tools import Tools
from plugin.work.trouble import place_of

log = structlog.get_logger()

KIND = "digest"
LANE = "digest:"

SINCE = "digest_since"
"""Cursor that holds the moment when we first looked after an account's digests."""

SETTLE = timedelta(minutes=2)
"""How long a helpdesk may take until its search finds a ticket that it has just made."""

DAY = timedelta(days=1)

SUBJECT = "Followthrough: %s"
"""Subject of a digest ticket, in the account's language; the connector finds its ticket by audience, not by this."""

Fence = Callable[[], None]
"""Called right before each write; raises LostLease when somebody else has taken over."""


def ring_digests(tools: Tools) -> int:
    """Queue what is due and not made yet, for every account that works; returns how many jobs were added. Asking twice,
    or from two processes, changes nothing: the lead's row says that a period was looked after."""
    now = tools.clock.now()
    with tools.storage.unit(reading=True) as u:
        accounts = [a for a in u.accounts.all() if not a.paused]
    return sum(_ring(account, tools, now) for account in accounts)


def _ring(account: Account, tools: Tools, now: datetime) -> int:
    with tools.storage.unit(reading=True) as u:
        since = _since(u, account)
        due = [p for p in _due(account, now) if since is not None and p.end > since]
        missing = [p for p in due if u.digests.get(account.id, LEAD, p.key) is None]
    if since is not None and not missing:
        return 0
    with tools.storage.unit() as u:
        if since is None:  # nothing is made of the time before: we were not there
            u.history.set_cursor(account.id, SINCE, now.isoformat(), now)
        buried = _buried_since(u, account, min(p.due_at for p in missing)) if missing else set()
        lanes = {LANE + audience for p in missing for audience in _audiences(u, account, p)}
        return sum(u.queue.put(account.id, KIND, lane, now) for lane in sorted(lanes - buried))


def _buried_since(u: Unit, account: Account, due_at: datetime) -> set[str]:
    """Lanes that failed for good since then wait for an admin. What was buried before was about an earlier period."""
    jobs = (j for j in u.queue.jobs(account.id, "buried", 100_000) if j.kind == KIND)
    return {j.lane for j in jobs if j.created_at is None or j.created_at >= due_at}


def _audiences(u: Unit, account: Account, period: Period) -> list[str]:
    return [LEAD, *(OWNER + team for team in u.figures.owners(account.id, period.start, period.end))]


def _due(account: Account, now: datetime) -> tuple[Period, ...]:
    """Periods that are due; none where the account's calendar or plan cannot be read, which is logged and shown by
    `followthrough digest preview`."""
    try:
        calendar, plan = plan_of(account)
        return due_periods(calendar, plan, now)
    except (Rejected, NeverOpen) as error:
        log.error("digest.no_plan", account=account.id, reason=str(error))
        return ()


def plan_of(account: Account) -> tuple[Calendar, Plan]:
    """The account's calendar, and when its digests are due. Raises Rejected that names the wrong setting."""
    try:
        calendar = open_calendar(account.zone, account.hours, account.holidays, account.region)
        return calendar, read_plan(account.settings)
    except ValueError as error:
        raise Rejected(f"account {account.id}: {error}") from None


def _since(u: Unit, account: Account) -> datetime | None:
    kept = u.history.cursor(account.id, SINCE)
    return datetime.fromisoformat(kept) if kept else None


# --- the job ---------------------------------------------------------------------------------------------------------


def report(job: Job, account: Account, tools: Tools) -> None:
    """Make what is due for one audience, and post what may be posted. It can be done again from any point: a row is
    kept once, and after an unfinished try the helpdesk is asked first."""
    audience, now = job.lane.removeprefix(LANE), tools.clock.now()
    due = _due(account, now)
    for period in due:
        _make_once(account, audience, period, tools, now)
    _set_aside(account, audience, {p.key for p in due}, tools, now)
    for period in due:
        _post_once(account, audience, period.key, tools, lambda: _hold(job, tools))
    with tools.storage.unit() as u:
        u.queue.done(job, tools.clock.now())


def _hold(job: Job, tools: Tools) -> None:
    """A worker whose lease has run out, or passed to another, writes nothing."""
    with tools.storage.unit() as u:
        u.queue.renew(job, tools.clock.now(), tools.limits.lease)


def _make_once(account: Account, audience: str, period: Period, tools: Tools, now: datetime) -> None:
    with tools.storage.unit(reading=True) as u:
        if u.digests.get(account.id, audience, period.key) is not None:
            return
        since = _since(u, account)
    if since is not None and period.end <= since:
        return
    digest = make(account, audience, period, tools, now)
    kept = KeptDigest(
        audience=audience,
        period=period.key,
        version=marker_of(account.id, audience, period.key),
        made_at=now,
        body=to_json(digest),
        picture=b"" if digest.empty else draw(digest, account, tools),
        state=_first_state(digest, account),
    )
    with tools.storage.unit() as u:
        u.digests.keep(account.id, kept)


def make(account: Account, audience: str, period: Period, tools: Tools, now: datetime) -> Digest:
    """The digest of a period as the ledger knows it now; stores nothing."""
    team, link = team_of(audience), _link(account, tools)
    with tools.storage.unit(reading=True) as u:
        impact = u.figures.impact(account.id, period.start, period.end, team)
        before = u.figures.impact(account.id, period.before_start, period.before_end, team)
        owing = u.figures.owing(account.id, now, team)
        facts = Facts(
            impact=impact,
            before=before,
            owing=replace(
                owing,
                worst=tuple(replace(o, url=link(o.ticket_id)) for o in owing.worst),
                next=tuple(replace(o, url=link(o.ticket_id)) for o in owing.next),
            ),
            coverage=u.figures.coverage(account.id, now),
            quotes={c.key: u.figures.quotes(account.id, period.start, period.end, c.key) for c in impact.causes},
            since=_since(u, account),
            alerts=_alerts(u, account, period),
            news=[NewLine(p.told.name, p.told.customers) for p in proposals_of(u, account.id)],
        )
    return make_digest(audience, period, facts, tools.taxonomy(account).spoken(account.locale), now, link)


def _alerts(u: Unit, account: Account, period: Period) -> tuple[Alert, ...]:
    """Causes with more customers than on the same weekdays before; none while we have not read long enough."""
    back, since = period.start - timedelta(weeks=ALERT_WEEKS), _since(u, account)
    days = round((period.end - period.start) / DAY)
    read = (period.start - max(back, since or back)) // DAY
    daily = u.figures.daily(account.id, back, period.end)
    return find_alerts(daily, days, read, RATE[period.key.partition(":")[0]])


def _link(account: Account, tools: Tools) -> Callable[[str], str]:
    """Where an agent opens a ticket; "" while the helpdesk's connector cannot be had."""
    try:
        return tools.connect(account).ticket_url
    except Rejected:
        return lambda _: ""


def draw(digest: Digest, account: Account, tools: Tools) -> bytes:
    """Its picture as PNG; b"" where there is nothing to draw, or it cannot be drawn: the words say the same."""
    try:
        return tools.draw(word_chart(digest, account))
    except Exception as error:  # a font or a disk that is full must not keep the digest from its readers
        log.error("digest.no_picture", account=account.id, error=place_of(error))
        return b""


def _first_state(digest: Digest, account: Account) -> str:
    if digest.empty:
        return "empty"
    return "due" if account.mode is Mode.WRITE and not account.stopped else "made"


def _set_aside(account: Account, audience: str, due: set[str], tools: Tools, now: datetime) -> None:
    """Digests that never arrived and are no longer the latest stay on their page: old news is not posted late."""
    with tools.storage.unit() as u:
        for kept in u.digests.newest(account.id, audience):
            if kept.state in ("due", "started") and kept.period not in due:
                u.digests.finish(account.id, audience, kept.period, now, "made")


# --- posting ---------------------------------------------------------------------------------------------------------


def _post_once(account: Account, audience: str, period: str, tools: Tools, fence: Fence) -> None:
    with tools.storage.unit(reading=True) as u:
        kept = u.digests.get(account.id, audience, period)
    if kept is None or kept.state not in ("due", "started"):
        return None
    if account.mode is not Mode.WRITE or account.stopped:
        return _finish(account, kept, tools, "made")
    digest = from_json(Digest, kept.body)
    note = DigestNote(
        marker=kept.version,
        html=render_digest(digest, account, kept.version, picture=bool(kept.picture)),
        picture=kept.picture,
        picture_name=f"digest-{period.replace(':', '-')}.png",
    )
    post_note(account, digest, note, tools, fence, _begin(account, kept, tools))
    return _finish(account, kept, tools, "posted")


def _begin(account: Account, kept: KeptDigest, tools: Tools) -> Callable[[], datetime | None]:
    """Says that posting begins, before the first byte leaves; gives the moment of an earlier try."""

    def begin() -> datetime | None:
        with tools.storage.unit() as u:
            return u.digests.start(account.id, kept.audience, kept.period, tools.clock.now())

    return begin


def _finish(account: Account, kept: KeptDigest, tools: Tools, state: str) -> None:
    with tools.storage.unit() as u:
        u.digests.finish(account.id, kept.audience, kept.period, tools.clock.now(), state)


@dataclass(frozen=True, slots=True)
class _Desk:
    """The one ticket of the helpdesk that an audience's digests go to."""

    account: Account
    digest: Digest
    tools: Tools
    fence: Fence

    def ticket(self) -> str:
        """Its id; opened when there is none. After an unfinished try it is looked for first, and given time to show up
        in the helpdesk's search."""
        account, audience, now = self.account, self.digest.audience, self.tools.clock.now()
        with self.tools.storage.unit(reading=True) as u:
            known, started = u.digests.desk_ticket(account.id, audience)
        if known:
            return known
        found = self.tools.connect(account).find_digest_ticket(audience)
        if found:
            return self._remember(found)
        if started is not None and now < started + SETTLE:
            raise Temporary("the digest ticket may be there already", (started + SETTLE - now).total_seconds())
        return self.open(again=started is not None)

    def open(self, *, again: bool) -> str:
        """Make it: the row comes before the act. `again` starts its clock anew."""
        account, audience = self.account, self.digest.audience
        with self.tools.storage.unit() as u:
            if again:
                u.digests.set_ticket(account.id, audience, "", self.tools.clock.now())
            else:
                u.digests.start_ticket(account.id, audience, self.tools.clock.now())
        self.fence()
        subject = SUBJECT % say(tell_audience(self.digest), account.locale, account.zone)
        return self._remember(self.tools.connect(account).open_digest_ticket(audience, subject))

    def _remember(self, ticket_id: str) -> str:
        with self.tools.storage.unit() as u:
            u.digests.set_ticket(self.account.id, self.digest.audience, ticket_id, self.tools.clock.now())
        return ticket_id


def post_note(
    account: Account,
    digest: Digest,
    note: DigestNote,
    tools: Tools,
    fence: Fence,
    begin: Callable[[], datetime | None],
) -> str:
    """Put the note on the audience's ticket unless it is there; returns the ticket. A ticket that takes no more notes
    (closed, deleted) is replaced by a new one, once. Raises Rejected or Temporary."""
    connector, desk = tools.connect(account), _Desk(account, digest, tools, fence)
    ticket = desk.ticket()
    started = begin()
    if started is not None and connector.find_marker(ticket, note.marker, started - MARGIN):
        return ticket
    fence()
    try:
        connector.post_digest(ticket, note)
    except Disconnected:
        raise
    except Rejected:
        if connector.fetch_ticket(ticket).status.writable:
            raise  # another ticket would be refused as well
        ticket = desk.open(again=True)
        fence()
        connector.post_digest(ticket, note)
    return ticket
