"""Show a lead the causes of an account and those that may be new; let an admin change the list, and undo it."""

from __future__ import annotations

from functools import partial
from typing import Any

import structlog
from flask import Blueprint, Response, abort, g, redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from plugin.domain.card import N_
from plugin.domain.taxonomy import MOST_CAUSES, CauseKind, Taxonomy
from plugin.domain.taxonomy_edits import OWN_FAMILY, add, merge, part_of, rename, retire, route, split
from plugin.domain.taxonomy_toml import LARGEST, LONGEST_NAME, LONGEST_TEXT, write_taxonomy
from plugin.ports import Account, Rejected
from plugin.web.access import Reception, guard, the_account
from plugin.web.frame import field, locale, say_done, show
from plugin.work.causes import Changed, Edit, change, import_text, reinstate, restore, taxonomy_of
from plugin.work.emerge import accept, dismiss, key_for, merge_into, proposals_of, reopen

log = structlog.get_logger()

MOST_VERSIONS = 20
"""Of the history that are shown."""


def causes(house: Reception) -> Blueprint:
    """/accounts/<id>/causes for leads: the list, and what may be new, to be decided."""
    pages = Blueprint("causes", __name__, url_prefix="/accounts/<account_id>")
    guard(pages, house, "lead")
    pages.add_url_rule("/causes", "page", partial(show_causes, house))
    for path, view in (
        ("accept", accept_one), ("merge", merge_one), ("dismiss", dismiss_one), ("reopen", reopen_one)
    ):  # fmt: skip
        rule = f"/emerging/<int(max=2147483647):number>/{path}"
        pages.add_url_rule(rule, path, partial(view, house), methods=["POST"])
    return pages


def causes_admin(house: Reception) -> Blueprint:
    """The forms by which an admin changes the list, and the list as a file."""
    pages = Blueprint("causes_admin", __name__, url_prefix="/admin/accounts/<account_id>/causes")
    guard(pages, house, "admin")
    pages.add_url_rule("/file.toml", "file", partial(export_file, house))
    for path, view in (
        ("add", add_one), ("change", change_one), ("merge", merge_two), ("split", split_one), ("retire", retire_one),
        ("reinstate", reinstate_one), ("import", import_file), ("restore", restore_one),
    ):  # fmt: skip
        pages.add_url_rule(f"/{path}", path, partial(view, house), methods=["POST"])
    return pages


# --- the page --------------------------------------------------------------------------------------------------------


def show_causes(
    house: Reception, account_id: str, wrong: str = "", text: str = "", changes: tuple[str, ...] = (), status: int = 200
) -> Response:
    """The list with who can remove each, what has no team and since when, what may be new, and the history. After a
    file was tried: what it would change, or what is wrong with it."""
    now = house.clock.now()
    with house.storage.unit(reading=True) as u:
        account = the_account(u, account_id)
        taxonomy = taxonomy_of(u, account.id).spoken(locale())
        values: dict[str, Any] = {
            "proposals": proposals_of(u, account.id), "history": u.taxonomies.list(account.id)[:MOST_VERSIONS],
            "decided": proposals_of(u, account.id, ("accepted", "merged", "dismissed"))[:MOST_VERSIONS],
        }  # fmt: skip
    days = {key: taxonomy.days_unrouted(key, now.date()) for key in taxonomy.causes}
    return show(
        "causes/page.html", status, zone=account.zone, account=account, taxonomy=taxonomy, days=days, wrong=wrong,
        text=text, changes=changes, most=MOST_CAUSES, longest=LONGEST_NAME, longest_text=LONGEST_TEXT, **values,
    )  # fmt: skip


# --- what may be new -------------------------------------------------------------------------------------------------


def accept_one(house: Reception, account_id: str, number: int) -> AnyResponse:
    """It becomes a cause."""
    account = _account(house, account_id)
    name, definition = field("name", LONGEST_NAME).strip(), field("definition", LONGEST_TEXT).strip()
    try:
        made = accept(house.storage, account, number, name, definition or name, field("owner"), _by(), _now(house))
    except Rejected as error:
        return _refuse(house, account_id, error)
    return _done(account_id, N_("A new cause: %(name)s"), name, made)


def merge_one(house: Reception, account_id: str, number: int) -> AnyResponse:
    """It is a known cause in other words."""
    account = _account(house, account_id)
    try:
        merge_into(house.storage, account, number, field("key"), _by(), _now(house))
    except Rejected as error:
        return _refuse(house, account_id, error)
    return _decided(account_id, number, N_("Merged: %(name)s"), field("key"))


def dismiss_one(house: Reception, account_id: str, number: int) -> AnyResponse:
    """It is nothing, for ever."""
    account = _account(house, account_id)
    try:
        dismiss(house.storage, account, number, _by(), _now(house))
    except Rejected as error:
        return _refuse(house, account_id, error)
    return _decided(account_id, number, N_("Dismissed, and not proposed again"), "")


def reopen_one(house: Reception, account_id: str, number: int) -> AnyResponse:
    """It waits for a decision again."""
    account = _account(house, account_id)
    try:
        reopen(house.storage, account, number, _by(), _now(house))
    except Rejected as error:
        return _refuse(house, account_id, error)
    say_done(N_("It waits for a decision again"))
    return redirect(url_for("causes.page", account_id=account_id))


def _decided(account_id: str, number: int, msgid: str, name: str) -> AnyResponse:
    say_done(msgid, {"name": name} if name else {},
             (url_for("causes.reopen", account_id=account_id, number=number), {}))  # fmt: skip
    return redirect(url_for("causes.page", account_id=account_id))


# --- the list --------------------------------------------------------------------------------------------------------


def export_file(house: Reception, account_id: str) -> Response:
    """The list as TOML, to be kept or edited."""
    with house.storage.unit(reading=True) as u:
        account = the_account(u, account_id)
        taxonomy, version = taxonomy_of(u, account.id), u.taxonomies.version(account.id)
    text = write_taxonomy(taxonomy, f"Causes of {account.id}, version {version}. What each entry means: docs/causes.md")
    head = {"Content-Disposition": f'attachment; filename="causes-{account.id}.toml"'}
    return Response(text, mimetype="application/toml", headers=head)


def add_one(house: Reception, account_id: str) -> AnyResponse:
    """One more cause."""
    name, definition = field("name", LONGEST_NAME).strip(), field("definition", LONGEST_TEXT).strip()
    phrases = tuple(line.strip() for line in field("phrases", LARGEST).splitlines() if line.strip())

    def edit(before: Taxonomy, today: Any) -> Taxonomy:
        made = CauseKind(key_for(name, before), name, definition, OWN_FAMILY, field("owner"), phrases=phrases)
        return add(before, made, today)

    return _change(house, account_id, edit, f"add {name}", N_("A new cause: %(name)s"), name)


def change_one(house: Reception, account_id: str) -> AnyResponse:
    """Another name, or another team."""
    key, name, owner = field("key"), field("name", LONGEST_NAME).strip(), field("owner")

    def edit(before: Taxonomy, today: Any) -> Taxonomy:
        spoken = before.spoken(locale()).causes.get(key)
        renamed = before if spoken and spoken.name == name else rename(before, key, name)
        return route(renamed, key, owner, today)

    return _change(house, account_id, edit, f"change {key}", N_("Changed: %(name)s"), name)


def merge_two(house: Reception, account_id: str) -> AnyResponse:
    """One cause goes on in another."""
    key, into = field("key"), field("into")
    return _change(house, account_id, lambda before, today: merge(before, key, into, today), f"merge {key} into {into}",
                   N_("Merged: %(name)s"), key)  # fmt: skip


def split_one(house: Reception, account_id: str) -> AnyResponse:
    """Two causes in place of one; the first gets what nothing tells apart."""
    key, names = field("key"), [field(part, LONGEST_NAME).strip() for part in ("first", "second")]

    def edit(before: Taxonomy, today: Any) -> Taxonomy:
        whole = before.causes.get(key)
        parts = [part_of(whole, key_for(name, before), name) for name in names] if whole else []
        return split(before, key, parts, parts[0].key if parts else "", today)

    return _change(house, account_id, edit, f"split {key}", N_("Split: %(name)s"), key)


def retire_one(house: Reception, account_id: str) -> AnyResponse:
    """Tag it no more."""
    key = field("key")
    return _change(house, account_id, lambda before, today: retire(before, key, today), f"retire {key}",
                   N_("Retired: %(name)s"), key)  # fmt: skip


def reinstate_one(house: Reception, account_id: str) -> AnyResponse:
    """Tag it again."""
    account = _account(house, account_id)
    try:
        made = reinstate(house.storage, account, field("key"), _by(), _now(house))
    except Rejected as error:
        return _refuse(house, account_id, error)
    return _done(account_id, N_("Tagged again: %(name)s"), field("key"), made)


def import_file(house: Reception, account_id: str) -> AnyResponse:
    """A whole file: first what it would change, then, when that is wanted, the change."""
    account, text = _account(house, account_id), field("text", LARGEST + 1)
    dry_run = field("sure") != "yes"
    try:
        made = change(house.storage, account, import_text(text), "import a file", _by(), _now(house), dry_run=dry_run)
    except Rejected as error:
        return show_causes(house, account_id, wrong=str(error), text=text, status=400)
    if dry_run:
        return show_causes(house, account_id, text=text, changes=made.lines or ("=",))
    return _done(account_id, N_("The list was replaced by the file"), "", made)


def restore_one(house: Reception, account_id: str) -> AnyResponse:
    """An earlier version again."""
    account, version = _account(house, account_id), field("version", 10)
    if not version.isdecimal():
        abort(400)
    try:
        made = restore(house.storage, account, int(version), _by(), _now(house))
    except Rejected as error:
        return _refuse(house, account_id, error)
    return _done(account_id, N_("Version %(name)s holds again"), version, made)


# --- the steps -------------------------------------------------------------------------------------------------------


def _change(house: Reception, account_id: str, edit: Edit, what: str, msgid: str, name: str) -> AnyResponse:
    account = _account(house, account_id)
    try:
        made = change(house.storage, account, edit, what, _by(), _now(house))
    except Rejected as error:
        return _refuse(house, account_id, error)
    return _done(account_id, msgid, name, made)


def _done(account_id: str, msgid: str, name: str, made: Changed) -> AnyResponse:
    """Back to the page; an admin can undo it there."""
    back = url_for("causes_admin.restore", account_id=account_id)
    undo = (back, {"version": str(made.version - 1)}) if made.version and g.human.role == "admin" else None
    say_done(msgid, {"name": name} if name else {}, undo)
    return redirect(url_for("causes.page", account_id=account_id))


def _refuse(house: Reception, account_id: str, error: Rejected) -> Response:
    return show_causes(house, account_id, wrong=str(error), status=400)


def _account(house: Reception, account_id: str) -> Account:
    with house.storage.unit(reading=True) as u:
        return the_account(u, account_id)


def _by() -> str:
    return str(g.human.name)


def _now(house: Reception) -> Any:
    return house.clock.now()
