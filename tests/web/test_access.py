"""Only those come in who may, nobody can guess, and nothing that a stranger sends is done."""

from __future__ import annotations

import json
import shutil
import threading
import urllib.request
from pathlib import Path

import pytest
import structlog
from flask import Flask, request

from plugin.app import House, build
from plugin.cli.server import make_server
from plugin.ports import Human
from plugin.settings import Settings
from plugin.web.access import safe_next
from plugin.work import admit
from tests.toydesk import ToyClock

from .visitor import PASSWORD, Visitor, add_person, come_in, forms

WRONG = "not the password at all"


def people(house: House) -> dict[str, Human]:
    with house.storage.unit(reading=True) as u:
        return {human.name: human for human in u.people.all()}


def first_link(house: House) -> str:
    return admit.first_link(house.storage, house.clock.now())


def choose(visitor: Visitor, token: str, name: str = "ada", password: str = PASSWORD, again: str | None = None) -> int:
    fields = {"token": token, "name": name, "password": password, "again": password if again is None else again}
    return visitor.send("/welcome", fields, from_page="/sign-in").status_code


# --- the first run ---------------------------------------------------------------------------------------------------


def test_the_link_of_the_first_run_makes_an_admin_who_is_signed_in(house: House, app: Flask) -> None:
    visitor, token = Visitor(app), first_link(house)
    page = visitor.open(f"/welcome?token={token}")
    assert page.status_code == 200
    assert forms(page.text)[0].fields["token"] == token
    assert choose(visitor, token, "Ada") == 302
    assert people(house)["ada"].role == "admin"
    assert visitor.open("/admin").status_code == 200


def test_a_link_is_good_once(house: House, app: Flask) -> None:
    token, other = first_link(house), first_link(house)
    assert choose(Visitor(app), token) == 302
    assert choose(Visitor(app), token, "eve") == 410
    assert choose(Visitor(app), other, "eve") == 410
    assert first_link(house) == ""
    assert list(people(house)) == ["ada"]


def test_a_used_link_stays_used_when_everybody_was_removed(house: House, app: Flask) -> None:
    token = first_link(house)
    choose(Visitor(app), token)
    with house.storage.unit() as u:
        u.people.remove("ada")
    assert choose(Visitor(app), token, "eve") == 400
    assert people(house) == {}
    assert choose(Visitor(app), first_link(house), "ada") == 302


def test_a_link_ends_after_a_day(house: House, app: Flask, clock: ToyClock) -> None:
    token = first_link(house)
    clock.move(hours=25)
    assert Visitor(app).open(f"/welcome?token={token}").status_code == 410


@pytest.mark.parametrize("token", ["", "x", "e30.x", "e30", "\u0000", "[]", "a" * 5000])
def test_a_made_up_link_is_a_page_that_says_so(app: Flask, token: str) -> None:
    page = Visitor(app).open(f"/welcome?token={token}")
    assert page.status_code == 410
    assert "Ask for a new one" in page.text


def test_a_link_of_another_installation_is_worth_nothing(app: Flask, tmp_path: Path) -> None:
    other = build(Settings(home=tmp_path / "other"))
    token = first_link(other)
    other.close()
    assert Visitor(app).open(f"/welcome?token={token}").status_code == 410


@pytest.mark.parametrize(
    ("name", "password", "again"),
    [("ada", "short", None), ("ada", "x" * 1001, None), ("ada", PASSWORD, PASSWORD + "!"), ("", PASSWORD, None),
     ("a" * 61, PASSWORD, None), ("a<b>", PASSWORD, None), ("a\u202eb", PASSWORD, None)],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_its_reason(
    house: House, app: Flask, name: str, password: str, again: str | None
) -> None:
    assert choose(Visitor(app), first_link(house), name, password, again) == 400
    assert people(house) == {}


def test_an_invited_person_chooses_a_password_and_keeps_the_role(house: House, app: Flask) -> None:
    add_person(house, "ada")
    with house.storage.unit() as u:
        u.people.add(Human("ilze", "lead", accounts=("acme",)), house.clock.now())
    token = admit.make_link(house.storage, house.clock.now(), people(house)["ilze"])
    assert Visitor(app).sign_in("ilze", "").status_code == 401
    assert choose(Visitor(app), token, "somebody else") == 302
    assert (people(house)["ilze"].role, people(house)["ilze"].accounts) == ("lead", ("acme",))
    assert "somebody else" not in people(house)
    assert choose(Visitor(app), token) == 410
    assert Visitor(app).sign_in("Ilze").status_code == 302


def test_a_new_password_ends_the_sessions_of_the_old_one(house: House, app: Flask) -> None:
    thief = come_in(app, house, "ada")
    choose(Visitor(app), admit.make_link(house.storage, house.clock.now(), people(house)["ada"]), password=PASSWORD * 2)
    assert not thief.is_in()


# --- signing in ------------------------------------------------------------------------------------------------------


def test_the_right_password_opens_and_a_wrong_one_does_not(house: House, app: Flask) -> None:
    add_person(house, "ada")
    assert Visitor(app).sign_in("ada", WRONG).status_code == 401
    visitor = Visitor(app)
    assert visitor.sign_in("  ADA ").status_code == 302
    assert visitor.is_in()


def refusals(house: House) -> dict[str, tuple[str, str]]:
    """Why somebody is refused: name and password."""
    add_person(house, "ada")
    add_person(house, "locked")
    with house.storage.unit() as u:
        u.people.add(Human("invited", "lead"), house.clock.now())
        u.people.update("locked", locked_until=house.clock.now().replace(year=2999))
    return {
        "wrong": ("ada", WRONG),
        "unknown": ("eve", WRONG),
        "invited": ("invited", ""),
        "locked": ("locked", PASSWORD),
    }


def test_every_refusal_says_the_same_and_costs_the_same(
    house: House, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked, opened, really = [], [], type(house.storage).unit
    monkeypatch.setattr(admit, "check_password_hash", lambda known, _: checked.append(known.split("$")[0]) or False)
    monkeypatch.setattr(type(house.storage), "unit", lambda self, **how: opened.append(how) or really(self, **how))
    said = {}
    for why, (name, password) in refusals(house).items():
        visitor = Visitor(app)
        key = visitor.key()
        checked.clear(), opened.clear()
        answer = visitor.client.post("/sign-in", data={"csrf_token": key, "name": name, "password": password})
        said[why] = (answer.status_code, answer.text.replace(key, "").replace(name, ""), len(checked), str(opened))
    assert {row[2] for row in said.values()} == {1}
    assert len({(row[0], row[3]) for row in said.values()}) == 1
    assert len({forms(row[1])[0].action for row in said.values()}) == 1
    assert len({row[1].split('role="alert"')[1].split("</p>")[0] for row in said.values()}) == 1


def test_after_a_few_wrong_passwords_the_right_one_waits_too_longer_each_time(
    house: House, app: Flask, clock: ToyClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_person(house, "ada")
    for _ in range(admit.FREE_TRIES):
        assert admit.sign_in(house.storage, "ada", WRONG, clock.now()) is None
    waits = []
    for _ in range(3):
        assert admit.sign_in(house.storage, "ada", PASSWORD, clock.now()) is None
        until = people(house)["ada"].locked_until
        assert until is not None
        waits.append((until - clock.now()).total_seconds())
        clock.move(seconds=waits[-1] + 1)
        admit.sign_in(house.storage, "ada", WRONG, clock.now())
    assert waits == [15, 30, 60]
    clock.move(minutes=16)
    assert admit.sign_in(house.storage, "ada", PASSWORD, clock.now()) is not None
    assert (people(house)["ada"].failures, people(house)["ada"].seen_at) == (0, clock.now())


def test_one_address_gets_twenty_tries_a_minute(house: House, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admit, "check_password_hash", lambda known, tried: False)  # twenty real ones take seconds
    add_person(house, "ada")
    visitor = Visitor(app)
    codes = [visitor.sign_in("nobody", WRONG).status_code for _ in range(21)]
    assert codes == [401] * 20 + [429]
    assert Visitor(app).sign_in("ada").status_code == 429


def test_a_flood_of_sign_ins_is_told_to_wait(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        def acquire(self, timeout: float) -> bool:
            return False

    monkeypatch.setattr(admit, "_HASHING", Full())
    add_person(house, "ada")
    assert Visitor(house.web()).sign_in("ada").status_code == 503


# --- sessions --------------------------------------------------------------------------------------------------------


def test_a_session_ends_after_twelve_idle_hours_and_lives_while_it_is_used(
    house: House, app: Flask, clock: ToyClock
) -> None:
    visitor = come_in(app, house, "ada")
    for _ in range(3):
        clock.move(hours=11)
        assert visitor.is_in()
    clock.move(hours=12, minutes=1)
    assert not visitor.is_in()


def test_signing_out_ends_the_session_everywhere(house: House, app: Flask) -> None:
    visitor = come_in(app, house, "ada")
    stolen = visitor.client.get_cookie("followthrough")
    assert stolen is not None
    elsewhere = Visitor(app)
    elsewhere.sign_in("ada")
    assert visitor.send("/sign-out").status_code == 302
    assert not visitor.is_in()
    thief = Visitor(app)
    thief.client.set_cookie("followthrough", stolen.value)
    assert not thief.is_in()
    assert not elsewhere.is_in()


def test_a_removed_person_is_out_at_once(house: House, app: Flask) -> None:
    visitor = come_in(app, house, "ada")
    with house.storage.unit() as u:
        u.people.remove("ada")
    assert not visitor.is_in()


def test_what_an_attacker_put_into_the_session_before_is_gone_after_signing_in(house: House, app: Flask) -> None:
    add_person(house, "ada")
    visitor = Visitor(app)
    before = visitor.key()
    cookie = visitor.client.get_cookie("followthrough")
    visitor.sign_in("ada")
    after = visitor.client.get_cookie("followthrough")
    assert cookie is not None
    assert after is not None
    assert cookie.value != after.value
    assert visitor.client.post("/sign-out", data={"csrf_token": before}).status_code == 400
    fixed = Visitor(app)
    fixed.client.set_cookie("followthrough", cookie.value)
    assert not fixed.is_in()


@pytest.mark.parametrize(("public", "flags"), [
    ("https://desk.example", {"__Host-followthrough", "Secure", "HttpOnly", "Path=/", "SameSite=Lax"}),
    ("", {"followthrough", "HttpOnly", "Path=/", "SameSite=Lax"}),
])  # fmt: skip
def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(
    blank: Path, tmp_path: Path, public: str, flags: set[str]
) -> None:
    shutil.copytree(blank, tmp_path / "home")
    house = build(Settings(home=tmp_path / "home", public_url=public))
    add_person(house, "ada")
    said = Visitor(house.web()).open("/sign-in").headers["Set-Cookie"]
    house.close()
    parts = {part.strip().split("=")[0] if n == 0 else part.strip() for n, part in enumerate(said.split(";"))}
    assert parts == flags


def test_a_cookie_signed_with_another_key_is_nobody(house: House, app: Flask, tmp_path: Path) -> None:
    other = build(Settings(home=tmp_path / "other"), ToyClock())
    stranger = come_in(other.web(), other, "ada")
    add_person(house, "ada")
    cookie = stranger.client.get_cookie("followthrough")
    other.close()
    assert cookie is not None
    visitor = Visitor(app)
    visitor.client.set_cookie("followthrough", cookie.value)
    assert not visitor.is_in()


# --- forms and redirects ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/sign-in", "/sign-out", "/welcome"])
@pytest.mark.parametrize("key", ["", "made up"])
def test_a_form_without_our_token_does_nothing(house: House, app: Flask, path: str, key: str) -> None:
    visitor = come_in(app, house, "ada")
    answer = visitor.client.post(path, data={"csrf_token": key, "name": "ada", "password": PASSWORD})
    assert answer.status_code == 400
    assert visitor.is_in()


def test_a_token_of_somebody_elses_session_does_nothing(house: House, app: Flask) -> None:
    visitor = come_in(app, house, "ada")
    assert visitor.client.post("/sign-out", data={"csrf_token": Visitor(app).key()}).status_code == 400


@pytest.mark.parametrize(
    "address",
    ["//evil.example", "https://evil.example", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)", "/\t/evil",
     "///evil.example", "/\r\nSet-Cookie: a=b", "evil", "", "/é", "http:/evil", "//\\evil", "\x00/a"],
)  # fmt: skip
def test_after_signing_in_nobody_is_sent_to_another_place(house: House, app: Flask, address: str) -> None:
    add_person(house, "ada")
    assert Visitor(app).sign_in("ada", towards=address).headers["Location"] == "/"


def test_after_signing_in_one_is_where_one_wanted_to_be(house: House, app: Flask) -> None:
    add_person(house, "ada")
    visitor = Visitor(app)
    sent = visitor.open("/accounts/acme?days=28")
    assert sent.headers["Location"] == "/sign-in?next=/accounts/acme?days%3D28"
    wanted = forms(visitor.open(sent.headers["Location"]).text)[0].fields["next"]
    assert visitor.sign_in("ada", towards=wanted).headers["Location"] == "/accounts/acme?days=28"
    assert safe_next("/admin/jobs?state=buried#1") == "/admin/jobs?state=buried#1"


# --- what is said ----------------------------------------------------------------------------------------------------


def test_no_password_and_no_link_is_ever_logged(house: House, app: Flask, capsys: pytest.CaptureFixture[str]) -> None:
    token = first_link(house)
    with structlog.testing.capture_logs() as logged:
        visitor = Visitor(app)
        visitor.open(f"/welcome?token={token}")
        choose(visitor, token)
        visitor.send("/sign-out")
        visitor.sign_in("ada")
        visitor.sign_in("ada", WRONG)
    written = json.dumps(logged, default=str) + "".join(capsys.readouterr())
    assert {row["event"] for row in logged} == {"password_chosen", "sign_in"}
    assert not any(secret in written for secret in (PASSWORD, WRONG, token, "ada"))


def test_a_name_or_a_link_that_is_a_script_stays_text(app: Flask) -> None:
    page = Visitor(app).sign_in('"><script>alert(1)</script>', WRONG).text
    page += Visitor(app).open("/sign-in?next=/%22%3E%3Cscript%3E").text
    assert "<script" not in page


def test_every_page_has_the_strict_headers(app: Flask) -> None:
    for path in ("/sign-in", "/welcome", "/static/pages.css"):
        headers = Visitor(app).open(path).headers
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("asked", "lang", "direction"),
    [("de-CH,de;q=0.9,en;q=0.1", "de", "ltr"), ("ar", "ar", "rtl"), ("fi,sv", "en", "ltr"), ("", "en", "ltr"),
     ("*", "en", "ltr"), ("x" * 300, "en", "ltr"), ("fi, lv;q=0.5, en;q=0.4", "lv", "ltr")],
)  # fmt: skip
def test_a_page_speaks_the_browsers_language(app: Flask, asked: str, lang: str, direction: str) -> None:
    page = Visitor(app, Accept_Language=asked).open("/sign-in")
    assert f'<html lang="{lang}" dir="{direction}">' in page.text
    assert page.headers["Content-Language"] == lang


@pytest.mark.parametrize(("trusted", "seen"), [("127.0.0.1", "203.0.113.7"), ("", "127.0.0.1")])
def test_only_a_trusted_proxy_tells_who_asks(tmp_path: Path, trusted: str, seen: str) -> None:
    house = build(Settings(home=tmp_path / "proxy", workers=0, reconcile_seconds=0, trusted_proxy=trusted))
    web, addresses = house.web(), []
    web.before_request(lambda: addresses.append(request.remote_addr))
    house.web = lambda *_: web  # type: ignore[method-assign]
    server = make_server(house, "127.0.0.1", 0)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        asked = urllib.request.Request(
            f"http://127.0.0.1:{server.effective_port}/healthz", headers={"X-Forwarded-For": "203.0.113.7"}
        )
        urllib.request.urlopen(asked, timeout=5).read()
    finally:
        server.close()
        house.close()
    assert addresses == [seen]


def test_an_address_that_is_nobodys_is_told_in_the_readers_language(app: Flask) -> None:
    answer = app.test_client().get("/no/such/page", headers={"Accept-Language": "lv"})
    assert answer.status_code == 404
    assert 'lang="lv"' in answer.text
    assert "/static/" in answer.text
