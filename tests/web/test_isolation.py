"""Another account's ids and credentials, on every route there is: nothing of it is seen, nothing of it changes.

Made from the application's own list of routes. A new route is asked by itself; when it takes something that is not
named here yet, a test says where to name it.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from plugin.app import House, build
from plugin.domain.emerging import Profile, Proposal
from plugin.domain.findings import Cause, Evidence, Findings
from plugin.domain.taxonomy_edits import retire
from plugin.domain.taxonomy_toml import write_taxonomy
from plugin.domain.ticket import Person, Status, Ticket
from plugin.languages.taxonomy import load_taxonomy
from plugin.ports import Correction
from plugin.settings import Settings
from plugin.storage.documents import to_json
from plugin.storage.tables import metadata
from plugin.storage.unit import Database
from plugin.web.tokens import Passes
from plugin.work.causes import change
from tests.toydesk import ToyClock

from .filled import add_account, causes, fill
from .inside import a_key, a_token
from .talk import SECRET, envelope, sign, stamp
from .visitor import PASSWORD, Visitor, add_person

OURS, THEIRS = "tulip", "walnut"
"""Two accounts of one installation. Every intruder belongs to the first and asks for the second."""

RETIRED = "missing_feature"
"""A cause that neither account tags any more."""

SAME = "same-1"
"""A ticket that both helpdesks happen to have."""

TELLS = (
    f"parcel of {THEIRS}", f"about {THEIRS} number", f"-of-{THEIRS}", f"{THEIRS}.example", f"{THEIRS}-waiting",
    f"{THEIRS}-stuck", f"{THEIRS}@", "wanda",
)  # fmt: skip
"""What only their rows hold; their name alone is no secret to who has just sent it."""

VALUES: dict[str, Callable[[Stage], str]]
"""What to put into a route's address, by the name of its place: always something of theirs."""

FIELDS: dict[str, dict[str, str]] = {
    "access.enter": {"name": "eve", "password": "not her password", "next": f"/accounts/{THEIRS}"},
    "access.leave": {},
    "access.chosen": {"token": "made up", "name": "wanda", "password": PASSWORD, "again": PASSWORD},
    "admin.bury": {},
    "admin.check": {},
    "admin.mode": {"mode": "write"},
    "admin.resume": {},
    "admin.retry": {},
    "admin.retry_all": {},
    "admin.switch": {"stopped": "on"},
    "causes.accept": {"name": "mine"},
    "causes.dismiss": {},
    "causes.merge": {},
    "causes.reopen": {},
    "causes_admin.add": {"name": "mine", "definition": "mine"},
    "causes_admin.change": {"name": "mine"},
    "causes_admin.import": {"text": write_taxonomy(load_taxonomy()), "sure": "yes"},
    "causes_admin.merge": {"into": "product_defect"},
    "causes_admin.reinstate": {},
    "causes_admin.restore": {"version": "0"},
    "causes_admin.retire": {},
    "causes_admin.split": {"first": "mine", "second": "mine too"},
    "guard.may_contact": {"ticket_id": SAME, "channel": "call"},
    "guard.override": {"ticket_id": SAME, "channel": "call", "reason": "eve says so"},
    "preferences_page.add": {"wish": "want", "channel": "sms"},
    "preferences_page.end_all": {},
    "preferences_page.end_one": {},
    "preferences_page.erase": {"sure": "yes"},
    "people.add": {"name": "eve", "role": "admin"},
    "people.change": {"role": "lead", f"account_{OURS}": OURS},
    "people.link": {},
    "people.remove": {},
    "sidebar.act": {"act": "dismiss", "topic": "causes", "ticket": SAME},
    "sidebar.first": {},
    "sidebar.undo": {"ticket": SAME},
}
"""What the forms of a route take, by its endpoint; `{}` where they take nothing but our token."""

OPEN = {"static", "health.healthz", "health.readyz", "access.ask", "access.choose"}
"""Pages that hold nothing of any account, so that nobody has to be known there."""


@dataclass
class Stage:
    """The house with both accounts, and what is theirs."""

    house: House
    app: Flask
    job: int = 0
    correction: int = 0
    visitors: dict[str, Visitor] = field(default_factory=dict)

    @property
    def now(self) -> Any:
        return self.house.clock.now()

    def rows(self) -> dict[str, list[tuple[Any, ...]]]:
        """Everything that is theirs, and everybody who may sign in, as the database holds it."""
        assert isinstance(self.house.storage, Database)
        found = {}
        with self.house.storage.engine.connect() as connection:
            for table in metadata.sorted_tables:
                owner = table.c.get("account_id", table.c.id if table.name == "accounts" else None)
                if owner is not None:
                    asked = select(table).where(owner == THEIRS)
                    found[table.name] = sorted(map(tuple, connection.execute(asked)), key=repr)
            kept = [c for c in metadata.tables["people"].c if c.name not in ("seen_at", "failures", "epoch")]
            found["people"] = sorted(map(tuple, connection.execute(select(*kept))), key=repr)
        return found


VALUES = {
    "account_id": lambda stage: THEIRS,
    "audience": lambda stage: "lead",
    "filename": lambda stage: "pages.css",
    "helpdesk": lambda stage: "zendesk",
    "job_id": lambda stage: str(stage.job),
    "key": lambda stage: causes()[1],
    "name": lambda stage: "wanda",
    "number": lambda stage: "1",
    "period": lambda stage: "week:2026-W09",
    "token": lambda stage: "made.up",
}


def stock(house: House, name: str) -> int:
    """One account with its tickets, one of which both have; returns a correction's id."""
    key = a_key(name)[1]
    audience = f"https://{name}.example/installation"
    add_account(
        house, name, settings={"app_public_key": key, "app_audience": audience}, signing=(f"{SECRET}-of-{name}",)
    )
    fill(house, name)
    now = house.clock.now()
    account = house.account(name)
    assert account is not None
    change(house.storage, account, lambda before, today: retire(before, RETIRED, today), "retire", "ada", now)
    proof = Evidence("m0", f"my parcel of {name} is late")
    found = Findings(SAME, now, cause=Cause(causes()[1], "product", "likely", (proof,)))
    with house.storage.unit() as u:
        made = Proposal(("snorbel",), 9, 9, 0, Profile((), 1.0))
        u.emerging.propose(name, to_json(made), [(SAME, f"words-of-{name}")], now)
        u.ledger.save(name, Ticket(SAME, Status.OPEN, Person("c"), now - timedelta(hours=1), now), found, now)
        return u.corrections.add(name, Correction(SAME, "causes", f"cause:{causes()[1]}", "confirm", words="x"), now)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both accounts on disk, once."""
    home = tmp_path_factory.mktemp("isolation") / "home"
    house = build(Settings(home=home, workers=0), ToyClock())
    stock(house, OURS)
    stock(house, THEIRS)
    add_person(house, "wanda")
    for name, role, account in (("lead", "lead", OURS), ("admin", "admin", OURS), ("their lead", "lead", THEIRS)):
        add_person(house, name, role, (account,))
    house.close()
    return home


@pytest.fixture
def stage(built: Path, tmp_path: Path) -> Iterator[Stage]:
    """A copy for a test that changes something."""
    shutil.copytree(built, tmp_path / "home")
    yield from opened(tmp_path / "home")


@pytest.fixture(scope="module")
def unchanged(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One copy for all requests that must change nothing."""
    home = tmp_path_factory.mktemp("unchanged") / "home"
    shutil.copytree(built, home)
    yield from opened(home)


def opened(home: Path) -> Iterator[Stage]:
    house = build(Settings(home=home, workers=0), ToyClock())
    house.pause = lambda seconds: None
    made = Stage(house, house.web())
    with house.storage.unit(reading=True) as u:
        made.job = next(job.id for job in u.queue.jobs(THEIRS, "buried"))
        made.correction = u.corrections.all(THEIRS)[0].id
    yield made
    house.close()


# --- who asks --------------------------------------------------------------------------------------------------------


def signed_in(name: str) -> Callable[[Stage], Visitor]:
    def come(stage: Stage) -> Visitor:
        visitor = Visitor(stage.app)
        assert visitor.sign_in(name).status_code == 302
        return visitor

    return come


def with_pass(account: str) -> Callable[[Stage], Visitor]:
    """A page inside a helpdesk, opened on the ticket that both have."""

    def come(stage: Stage) -> Visitor:
        passes = Passes(stage.house.storage.secret("sidebar"))
        held = passes.write(passes.open(account, SAME, "9", stage.now), stage.now)
        return Visitor(stage.app, Authorization=f"Bearer {held}")

    return come


INTRUDERS = {
    "nobody": lambda stage: Visitor(stage.app),
    "a lead of ours": signed_in("lead"),
    "an admin of ours": signed_in("admin"),
    "a page of ours": with_pass(OURS),
}


def intruder(stage: Stage, who: str) -> Visitor:
    """The same visitor each time, signed in again after signing out."""
    known = stage.visitors.get(who)
    if known is None or (who.endswith("of ours") and who != "a page of ours" and not known.is_in()):
        stage.visitors[who] = INTRUDERS[who](stage)
    return stage.visitors[who]


OWNERS = {"an admin of all": signed_in("wanda"), "a page of theirs": with_pass(THEIRS)}
"""Who may: the control that shows that the questions mean something."""


# --- what is asked ---------------------------------------------------------------------------------------------------


def routes() -> list[tuple[Rule, str]]:
    """Every route with every method, from an application that is closed again at once."""
    with tempfile.TemporaryDirectory() as folder:
        house = build(Settings(home=Path(folder), workers=0), ToyClock())
        rules = list(house.web().url_map.iter_rules())
        house.close()
    return [(rule, method) for rule in rules for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})]


ROUTES = routes()
NAMES = [f"{method} {rule}" for rule, method in ROUTES]
every_route = pytest.mark.parametrize(("rule", "method"), ROUTES, ids=NAMES)


def ask(stage: Stage, visitor: Visitor, rule: Rule, method: str) -> TestResponse:
    """One request for something of theirs, with all that the visitor has."""
    places = {name: VALUES[name](stage) for name in rule.arguments if name not in (rule.defaults or {})}
    path = stage.app.url_map.bind("localhost").build(rule.endpoint, places, method=method)
    if method == "GET":
        query = {"account": THEIRS, "ticket": SAME, "days": "90", "origin": f"https://{THEIRS}.example"}
        return visitor.client.get(path, query_string=query, headers=visitor.headers)
    fields = {**FIELDS[rule.endpoint], "id": str(stage.correction), "key": f"cause:{causes()[1]}"}
    if rule.endpoint.startswith("causes"):
        fields["key"] = RETIRED if rule.endpoint.endswith("reinstate") else causes()[1]
    if rule.endpoint == "sidebar.first":
        fields["token"] = token_of(OURS, stage)
        path += f"?origin=https://{THEIRS}.example"
    return visitor.client.post(path, data={"csrf_token": key_of(visitor), **fields}, headers=visitor.headers)


def key_of(visitor: Visitor) -> str:
    """A form token that is good for this visitor."""
    return visitor.key(visitor.somewhere())


def token_of(account: str, stage: Stage) -> str:
    """What a helpdesk signs for its own page."""
    issuer, audience = f"{account}.example", f"https://{account}.example/installation"
    return a_token(stage.now, account, iss=issuer, aud=audience)


def tells(answer: TestResponse) -> list[str]:
    """What an answer shows of theirs."""
    whole = answer.text + json.dumps(list(answer.headers.items())) if answer.mimetype != "image/png" else "-of-walnut"
    sent = re.compile(rf"https(://|%3A//){THEIRS}\.example")  # as it was asked for, in an address that is echoed
    return [word for word in TELLS if word in sent.sub("", whole)]


@every_route
def test_every_route_is_known_to_this_test(rule: Rule, method: str) -> None:
    unknown = set(rule.arguments) - set(VALUES)
    assert not unknown, f"say in VALUES what of the other account to put into {sorted(unknown)} of {rule}"
    if method != "GET":
        assert rule.endpoint in FIELDS, f"say in FIELDS what {rule.endpoint} ({rule}) takes"


@every_route
@pytest.mark.parametrize("who", INTRUDERS)
def test_another_accounts_ids_open_nothing_and_change_nothing(
    unchanged: Stage, who: str, rule: Rule, method: str
) -> None:
    visitor, before = intruder(unchanged, who), unchanged.rows()
    answer = ask(unchanged, visitor, rule, method)
    assert tells(answer) == []
    assert unchanged.rows() == before
    if rule.arguments - {"filename"} and rule.endpoint not in OPEN:
        assert answer.status_code in (302, 400, 401, 403, 404, 405), answer.status_code
    if who == "nobody" and rule.endpoint not in OPEN:
        assert answer.status_code in (302, 400, 401, 403, 404, 405, 410), answer.status_code


SHOWN = {
    "dashboard.overview": "walnut", "dashboard.one": "parcel of walnut", "dashboard.cause": "parcel of walnut",
    "dashboard.promises": "about walnut number", "dashboard.digest": "walnut", "dashboard.chart": "",
    "admin.accounts": "walnut.example", "admin.jobs": "-of-walnut", "people.everybody": "wanda",
    "sidebar.card": "parcel of walnut", "causes.page": "words-of-walnut", "causes_admin.file": "",
}  # fmt: skip
"""What those who may see on each page that shows something of an account."""


@every_route
def test_the_same_questions_are_answered_to_those_who_may(stage: Stage, rule: Rule, method: str) -> None:
    """Without this the test above could pass because the questions are nonsense."""
    if rule.endpoint in OPEN or rule.endpoint.startswith("access."):
        pytest.skip("belongs to no account")
    if rule.endpoint in ("sidebar.first", "sidebar.closed"):
        pytest.skip("proved by the helpdesk: tests/web/test_sidebar_proof.py")
    if rule.endpoint.startswith(("guard.", "preferences_page.")):
        pytest.skip("asked in JSON, or opened by a link: tests/web/test_guard.py, tests/web/test_preferences_page.py")
    owner = OWNERS["a page of theirs" if rule.endpoint.startswith("sidebar.") else "an admin of all"](stage)
    if rule.endpoint.startswith("people.") and "name" in rule.arguments:
        add_person(stage.house, "second")
        owner = signed_in("second")(stage)
    if rule.endpoint == "admin.bury":
        with stage.house.storage.unit() as u:
            stage.job = next(job.id for job in u.queue.jobs(THEIRS, "waiting"))
    if rule.endpoint == "admin.check":
        with stage.house.storage.unit() as u:
            u.accounts.update(THEIRS, host="http://127.0.0.1:9")  # the only route that would ask a helpdesk
    before = stage.rows()
    answer = ask(stage, owner, rule, method)
    assert answer.status_code < 400, answer.text[-500:]
    if method == "GET":
        assert rule.endpoint in SHOWN, f"say in SHOWN what {rule.endpoint} shows to those who may see it"
        assert SHOWN[rule.endpoint] in (answer.text if answer.mimetype == "text/html" else "")
    elif rule.endpoint not in ("admin.resume", "admin.check", "people.link", "people.add"):
        assert stage.rows() != before


@pytest.mark.parametrize("who", ["a lead of ours", "an admin of ours"])
def test_lists_do_not_even_name_the_other_account(stage: Stage, who: str) -> None:
    visitor = INTRUDERS[who](stage)
    for path in ("/", f"/accounts/{OURS}", "/admin", "/admin/jobs"):
        answer = visitor.open(path)
        assert THEIRS not in answer.text
        assert "wanda" not in answer.text


# --- credentials -----------------------------------------------------------------------------------------------------


def test_a_webhook_signed_for_one_account_rings_no_other(stage: Stage) -> None:
    body, at, before = envelope(account=42), stamp(), stage.rows()
    codes = {}
    for account in (OURS, THEIRS):
        headers = {"X-Zendesk-Webhook-Signature": sign(body, at, f"{SECRET}-of-{OURS}"),
                   "X-Zendesk-Webhook-Signature-Timestamp": at, "X-Zendesk-Webhook-Invocation-Id": "i"}  # fmt: skip
        client = stage.app.test_client()
        codes[account] = client.post(f"/hooks/zendesk/{account}", data=body, headers=headers).status_code
    assert codes[THEIRS] == 401
    assert stage.rows() == before


@pytest.mark.parametrize("signed_for", [OURS, THEIRS])
def test_a_proof_for_one_account_opens_no_other(stage: Stage, signed_for: str) -> None:
    other = THEIRS if signed_for == OURS else OURS
    client, form = stage.app.test_client(), {"token": token_of(signed_for, stage)}
    refused = client.post("/sidebar/zendesk", query_string={"origin": f"https://{other}.example"}, data=form)
    assert refused.status_code == 401
    opened = client.post("/sidebar/zendesk", query_string={"origin": f"https://{signed_for}.example"}, data=form)
    assert opened.status_code == 200


def test_a_correction_of_another_account_cannot_be_undone(stage: Stage) -> None:
    visitor, before = INTRUDERS["a page of ours"](stage), stage.rows()
    answer = visitor.client.post("/sidebar/undo", data={"id": str(stage.correction)}, headers=visitor.headers)
    assert answer.status_code == 409
    assert stage.rows() == before


def test_an_account_that_a_person_lost_is_gone_from_the_next_page_on(stage: Stage) -> None:
    visitor = signed_in("their lead")(stage)
    assert visitor.open(f"/accounts/{THEIRS}").status_code == 200
    with stage.house.storage.unit() as u:
        u.people.update("their lead", accounts=(OURS,))
    assert visitor.open(f"/accounts/{THEIRS}").status_code == 404
