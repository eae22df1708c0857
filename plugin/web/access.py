"""Sign in, sign out, and choose a password; everything else of our own pages asks here who is looking."""

from __future__ import annotations

import ipaddress
from datetime import datetime, timedelta
from typing import Protocol
from urllib.parse import urlsplit

import structlog
from flask import Blueprint, Flask, Response, abort, current_app, g, redirect, request, session, url_for
from flask_wtf.csrf import CSRFProtect
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from plugin.domain.card import N_
from plugin.domain.taxonomy import Taxonomy
from plugin.ports import Account, Clock, Connector, Human, Rejected, Storage, Temporary, Unit
from plugin.settings import Settings
from plugin.web.frame import field, show
from plugin.work.admit import (
    LONGEST,
    ROLES,
    Invitation,
    accept_link,
    first_link,
    may_see,
    open_link,
    sign_in,
    sign_out,
    whoever,
)
from plugin.work.trouble import place_of

log = structlog.get_logger()

IDLE = timedelta(hours=12)
"""A session ends when nothing was asked in it for so long."""

TRIES = RateLimitItemPerMinute(20)
"""Sign-ins and opened links from one address. Counted in this process; behind a proxy that is not
FOLLOWTHROUGH_TRUSTED_PROXY all share its address."""

_WRONG = N_("The name or the password is not right, or there were too many tries: then wait a few minutes")
_BUSY = N_("Too many tries from your address; wait a minute")


class Reception(Protocol):
    """What our own pages need of the house."""

    settings: Settings
    storage: Storage
    clock: Clock

    def connector(self, account: Account) -> Connector: ...

    def taxonomy(self, account: Account) -> Taxonomy: ...


def set_up_sessions(app: Flask, house: Reception) -> None:
    """Signed cookies that scripts and other sites cannot use, and a check on the forms of all pages with a guard."""
    secure = urlsplit(house.settings.public_url).scheme == "https"
    app.secret_key = house.storage.secret("session")
    app.config.update(
        SESSION_COOKIE_NAME="__Host-followthrough" if secure else "followthrough",
        SESSION_COOKIE_SECURE=secure, SESSION_COOKIE_HTTPONLY=True, SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/", PERMANENT_SESSION_LIFETIME=IDLE, MAX_FORM_MEMORY_SIZE=100_000,
        WTF_CSRF_CHECK_DEFAULT=False, WTF_CSRF_TIME_LIMIT=None, WTF_CSRF_SSL_STRICT=False,
    )  # fmt: skip
    CSRFProtect(app)
    app.register_blueprint(access(house))


def guard(pages: Blueprint, house: Reception, role: str = "lead") -> None:
    """Let only signed-in people with at least this role see these pages, and only forms we handed out change things."""

    @pages.before_request
    def look() -> AnyResponse | None:
        g.human = _who(house)
        if g.human is None:
            return _send_to_sign_in()
        if ROLES.index(g.human.role) < ROLES.index(role):
            abort(403)
        current_app.extensions["csrf"].protect()
        return None

    friendly_errors(pages)


def visible(u: Unit) -> list[Account]:
    """The accounts that who is signed in looks after."""
    return [account for account in u.accounts.all() if may_see(g.human, account.id)]


def the_account(u: Unit, account_id: str) -> Account:
    """This account; 404 where there is none, and alike where it is not theirs to see."""
    account = u.accounts.get(account_id) if may_see(g.human, account_id) else None
    if account is None:
        abort(404)
    return account


def friendly_errors(pages: Blueprint | Flask) -> None:
    """Every refusal is a page in the reader's language that says what to do."""

    @pages.errorhandler(HTTPException)
    def tell(error: HTTPException) -> Response:
        return show("_error.html", error.code or 500, title=_TITLES.get(error.code or 500, _TITLES[500]))

    @pages.errorhandler(Exception)
    def admit_it(error: Exception) -> Response:
        log.error("pages.bug", error=place_of(error), page=request.endpoint)
        return show("_error.html", 500, title=_TITLES[500])

    @pages.errorhandler(Temporary)
    def wait(error: Temporary) -> Response:
        log.warning("pages.temporary", reason=str(error))
        return show("_error.html", 503, title=_TITLES[503])


_TITLES = {
    400: N_("This form was open too long, or did not come from us. Go back, load the page again and try once more"),
    401: N_("Your sign-in has ended; sign in and do it again"),
    403: N_("Only an admin may do this"),
    404: N_("There is nothing here, or you may not see it"),
    405: N_("This address only takes forms"),
    413: N_("That was too much text"),
    500: N_("Something went wrong on our side; nothing was changed"),
    503: N_("The database is busy; try again in a minute"),
}


def access(house: Reception) -> Blueprint:
    """/sign-in, /sign-out and /welcome."""
    pages, door = Blueprint("access", __name__), _Door(house)
    friendly_errors(pages)

    @pages.before_request
    def look() -> None:
        g.human = _who(house)
        current_app.extensions["csrf"].protect()

    pages.add_url_rule("/sign-in", "ask", door.ask)
    pages.add_url_rule("/sign-in", "enter", door.enter, methods=["POST"])
    pages.add_url_rule("/sign-out", "leave", door.leave, methods=["POST"])
    pages.add_url_rule("/welcome", "choose", door.choose)
    pages.add_url_rule("/welcome", "chosen", door.chosen, methods=["POST"])
    return pages


class _Door:
    """The pages for those who are not in yet."""

    def __init__(self, house: Reception) -> None:
        self.house = house
        self.limiter = MovingWindowRateLimiter(MemoryStorage())

    def ask(self) -> AnyResponse:
        """The sign-in form."""
        if g.human:
            return redirect(safe_next(request.args.get("next", "")))
        return _ask(self.house)

    def enter(self) -> AnyResponse:
        """A name and a password."""
        if not self._has_tries("sign-in"):
            return _ask(self.house, _BUSY, 429)
        now = self.house.clock.now()
        try:
            human = sign_in(self.house.storage, field("name"), field("password", LONGEST + 1), now)
        except Temporary as error:
            return _ask(self.house, str(error), 503)
        log.info("sign_in", right=human is not None)
        if human is None:
            return _ask(self.house, _WRONG, 401)
        _open_session(human, now)
        return redirect(safe_next(field("next", 500)))

    def leave(self) -> AnyResponse:
        """Sign out, everywhere."""
        if g.human:
            sign_out(self.house.storage, g.human.name)
        session.clear()
        return redirect(url_for("access.ask"))

    def choose(self) -> AnyResponse:
        """Where a link leads."""
        if not self._has_tries("welcome"):
            return _useless(_BUSY, 429)
        try:
            return _choose(open_link(self.house.storage, request.args.get("token", ""), self.house.clock.now()))
        except Rejected as error:
            return _useless(str(error), 410)

    def chosen(self) -> AnyResponse:
        """A password was chosen."""
        if not self._has_tries("welcome"):
            return _useless(_BUSY, 429)
        storage, token, now = self.house.storage, field("token", 500), self.house.clock.now()
        try:
            invitation = open_link(storage, token, now)
        except Rejected as error:
            return _useless(str(error), 410)
        password = field("password", LONGEST + 1)
        if password != field("again", LONGEST + 1):
            return _choose(invitation, N_("The two passwords are not the same"), 400)
        try:
            human = accept_link(storage, token, field("name"), password, now)
        except (Rejected, Temporary) as error:
            return _choose(invitation, str(error), 400 if isinstance(error, Rejected) else 503)
        log.info("password_chosen", role=human.role)
        _open_session(human, now)
        return redirect("/")

    def _has_tries(self, page: str) -> bool:
        return self.limiter.hit(TRIES, page, address_of_visitor())


def safe_next(address: str) -> str:
    """An address on our own pages: a path, and nothing that a browser could take for another host."""
    plain = address.isascii() and address.isprintable() and "\\" not in address
    ours = plain and address.startswith("/") and not address.startswith("//")
    return address if ours else "/"


def _who(house: Reception) -> Human | None:
    """The person of this session, if it has one that still lasts."""
    try:
        name, epoch, at = str(session["name"]), int(session["epoch"]), float(session["at"])
    except (KeyError, ValueError, TypeError):
        return None
    now = house.clock.now()
    human = whoever(house.storage, name, epoch) if now.timestamp() - at <= IDLE.total_seconds() else None
    if human is None:
        session.clear()
    elif now.timestamp() - at > 60:
        session["at"] = now.timestamp()
    return human


def _open_session(human: Human, now: datetime) -> None:
    """Nothing of the session before lives on in it, the form token neither."""
    session.clear()
    g.pop("csrf_token", None)
    session.update(name=human.name, epoch=human.epoch, at=now.timestamp())


def _send_to_sign_in() -> AnyResponse:
    if request.method not in ("GET", "HEAD"):
        abort(401)
    here = request.full_path.rstrip("?")
    return redirect(url_for("access.ask", next=here) if here != "/" else url_for("access.ask"))


def _ask(house: Reception, wrong: str = "", status: int = 200) -> Response:
    nobody = bool(first_link(house.storage, house.clock.now()))
    towards = safe_next(request.values.get("next", ""))
    response = show("access/sign_in.html", status, wrong=wrong, nobody=nobody, towards=towards, name=field("name"))
    if status in (429, 503):
        response.headers["Retry-After"] = "60"
    return response


def _choose(invitation: Invitation, wrong: str = "", status: int = 200) -> Response:
    token = request.values.get("token", "")[:500]
    typed = invitation.name or field("name")
    return show("access/welcome.html", status, wrong=wrong, token=token, invitation=invitation, name=typed)


def _useless(why: str, status: int) -> Response:
    return show("_error.html", status, title=why)


def address_of_visitor() -> str:
    """Who asks: an IPv4 address, or the /64 of an IPv6 one (whoever has one has all of it)."""
    try:
        address = ipaddress.ip_address(request.remote_addr or "")
    except ValueError:
        return "unknown"
    if address.version == 4:
        return str(address)
    return str(ipaddress.ip_network((address, 64), strict=False))
