"""An admin sees how every account is doing and changes it by forms that say what happened and how to undo it."""

from __future__ import annotations

import re

import pytest
import structlog
from flask import Flask

from plugin.app import House
from plugin.ports import Account, Human, Job, Mode
from tests.toydesk import ToyClock

from .filled import add_account, fill
from .visitor import Visitor, add_person, come_in, forms


@pytest.fixture
def boss(house: House, app: Flask) -> Visitor:
    add_account(house, "shop")
    fill(house, "shop")
    return come_in(app, house, "ada")


def account(house: House, name: str = "shop") -> Account:
    with house.storage.unit(reading=True) as u:
        found = u.accounts.get(name)
    assert found is not None
    return found


def jobs(house: House, state: str) -> list[Job]:
    with house.storage.unit(reading=True) as u:
        return u.queue.jobs("shop", state)


def person(house: House, name: str) -> Human | None:
    with house.storage.unit(reading=True) as u:
        return u.people.get(name)


def undo(visitor: Visitor, page: str) -> None:
    """Press the button in the message that says what changed."""
    said = page[page.index('class="done"') : page.index("</div>", page.index('class="done"'))]
    (form,) = forms(said)
    assert visitor.client.post(form.action, data=form.fields).status_code == 302


def after(visitor: Visitor, answer: object) -> str:
    """The page that a form leads to."""
    location = answer.headers["Location"]
    return visitor.open(location).text


# --- accounts --------------------------------------------------------------------------------------------------------


def test_an_account_shows_how_it_is_doing(boss: Visitor) -> None:
    page = " ".join(re.sub(r"<[^>]+>", " ", boss.open("/admin").text).split())
    assert "At work" in page
    assert "Last webhook Mon 2 Mar 11:00" in page
    assert "waiting: 1 · stuck: 1" in page
    assert "Webhooks that could not be read 1" in page


@pytest.mark.parametrize("mode", list(Mode))
def test_the_mode_is_changed_and_changed_back(house: House, boss: Visitor, mode: Mode) -> None:
    page = after(boss, boss.send("/admin/accounts/shop/mode", {"mode": mode.value}))
    assert account(house).mode is mode
    assert 'role="status"' in page
    if mode is not Mode.SUGGEST:
        undo(boss, page)
    assert account(house).mode is Mode.SUGGEST


def test_the_kill_switch_goes_on_and_off(house: House, boss: Visitor) -> None:
    page = after(boss, boss.send("/admin/accounts/shop/switch", {"stopped": "on"}))
    assert account(house).stopped
    assert "nothing is written" in page
    undo(boss, page)
    assert not account(house).stopped


def test_a_paused_account_says_why_and_goes_on_when_told(house: House, boss: Visitor) -> None:
    with house.storage.unit() as u:
        u.accounts.update("shop", paused="the token was <refused>")
    page = boss.open("/admin").text
    assert "the token was &lt;refused&gt;" in page
    assert "followthrough accounts set shop" in page
    assert "goes on" in after(boss, boss.send("/admin/accounts/shop/resume"))
    assert account(house).paused == ""


@pytest.mark.parametrize(("path", "fields"), [
    ("mode", {"mode": "destroy"}), ("mode", {}), ("switch", {"stopped": "maybe"}), ("switch", {}),
])  # fmt: skip
def test_what_nobody_offered_is_not_set(house: House, boss: Visitor, path: str, fields: dict[str, str]) -> None:
    before = account(house)
    assert boss.send(f"/admin/accounts/shop/{path}", fields).status_code == 400
    assert account(house) == before


def test_secrets_of_accounts_are_on_no_page(boss: Visitor) -> None:
    for path in ("/admin", "/admin/jobs", "/admin/people", "/accounts/shop"):
        page = boss.open(path).text
        assert not [secret for secret in ("token-of-shop", "signing-of-shop", "shop@example.org") if secret in page]


def test_the_connection_is_checked_and_a_failure_says_what_to_do(house: House, boss: Visitor) -> None:
    with house.storage.unit() as u:
        u.accounts.update("shop", host="http://127.0.0.1:9")
    house.pause = lambda seconds: None
    page = boss.send("/admin/accounts/shop/check").text
    assert "To be mended" in page
    assert "Is the address right, and does it answer here?" in page
    assert "Last verified webhook" in page


# --- jobs ------------------------------------------------------------------------------------------------------------


def test_a_stuck_job_is_shown_with_its_reason_and_tried_again(house: House, boss: Visitor) -> None:
    assert "reason-of-shop" in boss.open("/admin/jobs").text
    (stuck,) = jobs(house, "buried")
    page = after(boss, boss.send(f"/admin/accounts/shop/jobs/{stuck.id}/retry"))
    assert "waits again" in page
    assert jobs(house, "buried") == []


def test_a_waiting_job_is_buried_and_brought_back(house: House, boss: Visitor) -> None:
    (waiting,) = jobs(house, "waiting")
    page = after(boss, boss.send(f"/admin/accounts/shop/jobs/{waiting.id}/bury"))
    assert len(jobs(house, "buried")) == 2
    undo(boss, page)
    assert [job.lane for job in jobs(house, "waiting")] == [waiting.lane]


def test_all_stuck_jobs_are_tried_again_at_once(house: House, boss: Visitor) -> None:
    (waiting,) = jobs(house, "waiting")
    boss.send(f"/admin/accounts/shop/jobs/{waiting.id}/bury")
    assert "jobs that wait again: 2" in after(boss, boss.send("/admin/accounts/shop/jobs/retry"))
    assert (len(jobs(house, "buried")), len(jobs(house, "waiting"))) == (0, 2)


@pytest.mark.parametrize("job", ["0", "999", "9223372036854775807", "9223372036854775808", "x", "-1"])
@pytest.mark.parametrize("act", ["retry", "bury"])
def test_a_job_that_is_not_there_is_not_found(boss: Visitor, job: str, act: str) -> None:
    assert boss.send(f"/admin/accounts/shop/jobs/{job}/{act}").status_code == 404


def test_a_job_is_reached_only_through_its_own_account(house: House, boss: Visitor) -> None:
    (stuck,) = jobs(house, "buried")
    assert boss.send(f"/admin/accounts/acme/jobs/{stuck.id}/retry").status_code == 404
    assert jobs(house, "buried") == [stuck]


# --- people ----------------------------------------------------------------------------------------------------------


def test_a_person_is_added_and_comes_in_by_the_link_that_is_shown_once(house: House, app: Flask, boss: Visitor) -> None:
    fields = {"name": "Ilze", "role": "lead", "account_shop": "shop"}
    page = boss.send("/admin/people/add", fields).text
    (token,) = re.findall(r"/welcome\?token=([\w.-]+)", page)
    assert token not in boss.open("/admin/people").text
    added = person(house, "ilze")
    assert added is not None
    assert (added.role, added.accounts, added.password) == ("lead", ("shop",), "")
    newcomer = Visitor(app)
    chosen = {"token": token, "password": "a sentence that is long", "again": "a sentence that is long"}
    assert newcomer.send("/welcome", chosen).status_code == 302
    assert newcomer.open("/accounts/shop").status_code == 200


@pytest.mark.parametrize(("fields", "status"), [
    ({"name": "ada", "role": "lead"}, 400), ({"name": "", "role": "lead"}, 400), ({"name": "x", "role": "god"}, 400),
    ({"name": "x", "role": "lead", "account_no": "nothing"}, 400), ({"name": "<b>", "role": "lead"}, 400),
])  # fmt: skip
def test_a_person_that_cannot_be_is_not_added(house: House, boss: Visitor, fields: dict[str, str], status: int) -> None:
    assert boss.send("/admin/people/add", fields).status_code == status
    with house.storage.unit() as u:
        assert [human.name for human in u.people.all()] == ["ada"]


def test_a_role_is_changed_and_changed_back(house: House, app: Flask, boss: Visitor) -> None:
    add_person(house, "ilze", "lead", ("shop",))
    page = after(boss, boss.send("/admin/people/ilze/change", {"role": "admin"}))
    changed = person(house, "ilze")
    assert changed is not None
    assert (changed.role, changed.accounts) == ("admin", ())
    undo(boss, page)
    changed = person(house, "ilze")
    assert changed is not None
    assert (changed.role, changed.accounts) == ("lead", ("shop",))


def test_a_removed_person_is_out(house: House, app: Flask, boss: Visitor) -> None:
    other = come_in(app, house, "ilze", "lead")
    assert "removed" in after(boss, boss.send("/admin/people/ilze/remove"))
    assert not other.is_in()


@pytest.mark.parametrize("act", ["remove", "change", "link"])
def test_nobody_shuts_themselves_out(house: House, boss: Visitor, act: str) -> None:
    assert boss.send(f"/admin/people/ada/{act}", {"role": "lead"}).status_code == 404
    me = person(house, "ada")
    assert me is not None
    assert me.role == "admin"


def test_a_new_link_leaves_the_old_password_until_it_is_used(house: House, app: Flask, boss: Visitor) -> None:
    add_person(house, "ilze")
    page = boss.send("/admin/people/ilze/link").text
    assert "/welcome?token=" in page
    assert Visitor(app).sign_in("ilze").status_code == 302


# --- who may ---------------------------------------------------------------------------------------------------------

FORMS = (
    ("/admin/accounts/shop/mode", {"mode": "write"}), ("/admin/accounts/shop/switch", {"stopped": "on"}),
    ("/admin/accounts/shop/resume", {}), ("/admin/accounts/shop/jobs/retry", {}),
    ("/admin/people/add", {"name": "eve", "role": "admin"}), ("/admin/people/ada/change", {"role": "lead"}),
    ("/admin/people/ada/link", {}), ("/admin/people/ada/remove", {}),
)  # fmt: skip


@pytest.mark.parametrize(("path", "fields"), FORMS)
def test_a_lead_cannot_do_what_an_admin_does(
    house: House, app: Flask, boss: Visitor, path: str, fields: dict[str, str]
) -> None:
    lead, before = come_in(app, house, "lea", "lead"), account(house)
    key = lead.key("/accounts/shop")
    assert key
    answer = lead.client.post(path, data={"csrf_token": key, **fields})
    assert answer.status_code == 403
    assert "Only an admin" in answer.text
    with house.storage.unit() as u:
        assert {human.name: human.role for human in u.people.all()} == {"ada": "admin", "lea": "lead"}
    assert account(house) == before
    assert len(jobs(house, "buried")) == 1


@pytest.mark.parametrize(("path", "fields"), FORMS)
@pytest.mark.parametrize("key", ["", "made up", "of somebody else"])
def test_a_form_from_elsewhere_changes_nothing(
    house: House, app: Flask, boss: Visitor, path: str, fields: dict[str, str], key: str
) -> None:
    add_person(house, "eva")
    if key == "of somebody else":
        other = Visitor(app)
        other.sign_in("eva")
        key = other.key("/admin")
    before = account(house)
    assert boss.client.post(path, data={"csrf_token": key, **fields}).status_code == 400
    assert account(house) == before
    assert len(jobs(house, "buried")) == 1


@pytest.mark.parametrize("path", ["/admin", "/admin/jobs", "/admin/people"])
def test_a_lead_is_not_shown_the_admins_pages_nor_links_to_them(
    house: House, app: Flask, boss: Visitor, path: str
) -> None:
    lead = come_in(app, house, "lea", "lead")
    assert lead.open(path).status_code == 403
    assert f'href="{path}"' not in lead.open("/accounts/shop").text


def test_an_admin_of_some_accounts_decides_about_those_and_about_nobody(
    house: House, app: Flask, boss: Visitor
) -> None:
    some = come_in(app, house, "sam", "admin", ("acme",))
    assert "shop" not in some.open("/admin").text
    assert some.send("/admin/accounts/acme/switch", {"stopped": "on"}).status_code == 302
    assert some.send("/admin/accounts/shop/switch", {"stopped": "on"}).status_code == 404
    assert not account(house).stopped
    assert some.open("/admin/people").status_code == 403
    assert some.send("/admin/people/sam/change", {"role": "admin"}).status_code == 403


def test_every_change_is_logged_with_who_did_it(boss: Visitor) -> None:
    with structlog.testing.capture_logs() as logged:
        boss.send("/admin/accounts/shop/switch", {"stopped": "on"})
    (row,) = logged
    assert (row["event"], row["what"], row["account"], row["by"]) == ("admin.changed", "kill_switch", "shop", "ada")


def test_a_session_that_ended_in_the_middle_of_a_form_says_so(house: House, boss: Visitor, clock: ToyClock) -> None:
    key = boss.key("/admin")
    clock.move(hours=13)
    answer = boss.client.post("/admin/accounts/shop/switch", data={"csrf_token": key, "stopped": "on"})
    assert answer.status_code == 401
    assert "Your sign-in has ended" in answer.text
