"""Let an admin of the whole installation decide who may sign in, as what, and to which accounts."""

from __future__ import annotations

from functools import partial

import structlog
from flask import Blueprint, Response, abort, g, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from plugin.domain.card import N_
from plugin.ports import Human, Rejected, Unit
from plugin.web.access import Reception, guard
from plugin.web.frame import field, one_of, say_done, show
from plugin.work.admit import ROLES, check_name, make_link, runs_the_house

log = structlog.get_logger()


def people(house: Reception) -> Blueprint:
    """/admin/people and the forms on it; only for admins of all accounts."""
    pages = Blueprint("people", __name__, url_prefix="/admin/people")
    guard(pages, house, "admin")
    pages.before_request(_only_the_boss)
    for path, name, view, method in (
        ("", "everybody", show_people, "GET"),
        ("/add", "add", add, "POST"),
        ("/<name>/change", "change", change, "POST"),
        ("/<name>/link", "link", link, "POST"),
        ("/<name>/remove", "remove", remove, "POST"),
    ):
        pages.add_url_rule(path, name, partial(view, house), methods=[method])
    return pages


def _only_the_boss() -> None:
    if not runs_the_house(g.human):
        abort(403)


def show_people(house: Reception, wrong: str = "", token: str = "", whose: str = "", status: int = 200) -> Response:
    """Everybody, and a form for one more; after adding somebody also the link to hand on."""
    now = house.clock.now()
    with house.storage.unit(reading=True) as u:
        rows, accounts = u.people.all(), [account.id for account in u.accounts.all()]
    base = (house.settings.public_url or request.host_url).rstrip("/")
    address = f"{base}{url_for('access.choose')}?token={token}" if token else ""
    return show("admin/people.html", status, rows=rows, accounts=accounts, roles=ROLES, wrong=wrong, address=address,
                whose=whose, now=now)  # fmt: skip


def add(house: Reception) -> Response:
    """Somebody new, who chooses a password by the link that is shown."""
    now = house.clock.now()
    try:
        human = Human(check_name(field("name")), _role(), accounts=_accounts(house))
        with house.storage.unit() as u:
            if u.people.get(human.name):
                raise Rejected(N_("There is somebody of that name already; choose another name"))
            u.people.add(human, now)
    except Rejected as error:
        return show_people(house, wrong=str(error), status=400)
    log.info("people.added", role=human.role, by=g.human.name)
    return show_people(house, token=make_link(house.storage, now, human), whose=human.name)


def link(house: Reception, name: str) -> Response:
    """A link to choose a new password, for who lost theirs; until it is used the old one holds."""
    with house.storage.unit(reading=True) as u:
        human = _other(u, name)
    return show_people(house, token=make_link(house.storage, house.clock.now(), human), whose=human.name)


def change(house: Reception, name: str) -> AnyResponse:
    """Another role, or other accounts."""
    fresh = {"role": _role(), "accounts": _accounts(house)}
    with house.storage.unit() as u:
        human = _other(u, name)
        u.people.update(name, **fresh)
    log.info("people.changed", role=fresh["role"], by=g.human.name)
    before = {"role": human.role} | {f"account_{account}": account for account in human.accounts}
    say_done(N_("%(name)s: changed"), {"name": human.name}, (request.path, before))
    return redirect(url_for("people.everybody"))


def remove(house: Reception, name: str) -> AnyResponse:
    """They are out at once."""
    with house.storage.unit() as u:
        human = _other(u, name)
        u.people.remove(name)
    log.info("people.removed", by=g.human.name)
    say_done(N_("%(name)s: removed. To undo it, add them again; they choose a new password"), {"name": human.name})
    return redirect(url_for("people.everybody"))


def _other(u: Unit, name: str) -> Human:
    """Somebody else: nobody shuts themselves out, so there is always an admin left."""
    human = u.people.get(name)
    if human is None or human.name == g.human.name:
        abort(404)
    return human


def _role() -> str:
    role = one_of(field("role"), ROLES)
    if not role:
        abort(400)
    return role


def _accounts(house: Reception) -> tuple[str, ...]:
    """The accounts ticked on the form; none ticked means all."""
    ticked = {value for name, value in request.form.items(multi=True) if name.startswith("account_")}
    with house.storage.unit(reading=True) as u:
        known = {account.id for account in u.accounts.all()}
    if ticked - known:
        abort(400)
    return tuple(sorted(ticked))
