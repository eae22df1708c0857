"""The guard over HTTP: answers whoever may ask, stops nobody when it fails, and forgets no override."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from plugin.connectors.freshdesk import pages as freshdesk_pages
from plugin.domain.ticket import Role
from plugin.ports import Mode, PageRequest
from plugin.web import guard
from tests.web.inside import NOW, TICKET, Inside, a_ticket, an_account, make_inside

SECRET = "app-secret-of-acme"
EVIL = "Do not call me <script>alert(1)</script> ever again."


@pytest.fixture
def inside(tmp_path: Path) -> Iterator[Inside]:
    made = make_inside(tmp_path / "home")
    made.open()
    made.card()
    yield made
    made.house.close()


def ask(inside: Inside, verb: str = "may-contact", account: str = "acme", **said: Any) -> Any:
    body = {"ticket_id": TICKET, "channel": "call", "point": "", **said}
    headers = {**(inside.headers if inside.bearer else {}), **inside.extra}
    return inside.client.post(f"/api/guard/{account}/{verb}", json=body, headers=headers)


def change(inside: Inside, **changes: Any) -> None:
    with inside.house.storage.unit() as u:
        u.accounts.update("acme", **changes)
    inside.house._accounts.clear()


def test_a_refused_way_is_stopped_with_the_customers_words_and_a_better_way(inside: Inside) -> None:
    answer = ask(inside, channel="call", at="2026-03-04T15:30:00+02:00")
    assert answer.status_code == 200
    assert (answer.json["verdict"], answer.json["reason"]) == ("warn", "other_channel")
    assert answer.json["quote"]["text"] == "Write to me at ilze@example.org"
    assert answer.json["better"] == {
        "channel": "email", "point": "ilze@example.org", "text": "Contact wish: e-mail, ilze@example.org",
    }  # fmt: skip


def test_the_way_that_was_asked_for_is_let_through(inside: Inside) -> None:
    answer = ask(inside, channel="email", point="Ilze@example.org").json
    assert (answer["verdict"], answer["reason"], answer["better"]) == ("allow", "as_asked", None)
    assert answer["text"] == "This is what the customer asked for"


def test_a_ticket_nobody_has_looked_at_stops_nobody_and_says_so(inside: Inside) -> None:
    inside.open()
    inside.card("99")
    answer = ask(inside, ticket_id="99").json
    assert (answer["verdict"], answer["reason"]) == ("allow", "cannot_tell")
    assert "cannot tell" in answer["text"]


def test_a_broken_guard_stops_nobody_and_says_so(inside: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("Please do not call my home line")

    monkeypatch.setattr(guard, "ask_guard", broken)
    answer = ask(inside)
    assert answer.status_code == 200
    assert (answer.json["verdict"], answer.json["reason"]) == ("allow", "cannot_tell")
    assert "home line" not in answer.text


def test_an_account_that_is_only_watched_stops_nobody(inside: Inside) -> None:
    change(inside, mode=Mode.OBSERVE)
    assert ask(inside).json["reason"] == "only_watching"


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ({"channel": "pigeon"}, "channel"),
        ({"channel": ""}, "channel"),
        ({"channel": ["call"]}, "channel"),
        ({"at": "tomorrow"}, '"at"'),
    ],
)
def test_a_question_that_makes_no_sense_is_told_what_to_send(inside: Inside, said: dict[str, Any], names: str) -> None:
    answer = ask(inside, **said)
    assert answer.status_code == 400
    assert names in answer.json["error"]


def test_what_is_no_json_is_told_what_to_send(inside: Inside) -> None:
    answer = inside.client.post("/api/guard/acme/may-contact", data="{", headers=inside.headers)
    assert answer.status_code in (400, 403)


def test_a_customers_words_come_as_data(inside: Inside) -> None:
    inside.save(a_ticket("66", ((-3, Role.CUSTOMER, EVIL),)), an_account())
    inside.open()
    inside.card("66")
    answer = ask(inside, ticket_id="66")
    assert answer.json["verdict"] == "block"
    assert answer.mimetype == "application/json"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


# --- who may ask -----------------------------------------------------------------------------------------------------


def test_without_a_proof_nothing_is_told(inside: Inside) -> None:
    inside.bearer = ""
    assert ask(inside).status_code == 401
    inside.bearer = "made.up"
    assert ask(inside).status_code == 401


def test_a_pass_is_good_for_its_own_ticket_and_account_only(inside: Inside) -> None:
    inside.save(a_ticket("18"), an_account())
    assert ask(inside, ticket_id="18").status_code == 403
    with inside.house.storage.unit() as u:
        u.accounts.add(an_account("other", "https://other.zendesk.com"))
    assert ask(inside, account="other").status_code == 401
    assert ask(inside, account="nobody").status_code == 401


def test_a_pass_that_is_over_is_refused(inside: Inside) -> None:
    inside.clock.move(minutes=16)
    assert ask(inside).status_code == 401


def test_the_apps_secret_lets_a_server_ask_for_any_ticket_of_its_account(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    def open_page(request: PageRequest, account: Any) -> Any:
        return freshdesk_pages.open_page(request, account)

    monkeypatch.setattr(inside.desk, "open_page", open_page)
    change(inside, credentials={"app_secret": SECRET})
    inside.bearer, inside.extra = "", {"X-Followthrough-App": SECRET}
    assert ask(inside, channel="email", point="ilze@example.org").json["reason"] == "as_asked"
    inside.extra = {"X-Followthrough-App": "another"}
    assert ask(inside).status_code == 401


def test_who_asks_too_often_is_told_to_wait_and_still_not_stopped(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "PER_TICKET", 2)
    answers = [ask(inside) for _ in range(3)]
    assert [a.status_code for a in answers] == [200, 200, 429]
    assert answers[-1].json["verdict"] == "allow"
    assert answers[-1].headers["Retry-After"] == "60"


# --- going on in spite of it -----------------------------------------------------------------------------------------


def test_an_override_is_kept_with_its_reason_and_what_the_guard_had_said(inside: Inside) -> None:
    told = ask(inside).json
    answer = ask(inside, "override", reason="She rang us and asked for a call at once")
    assert answer.status_code == 200
    with inside.house.storage.unit(reading=True) as u:
        (kept,) = u.preferences.overruled("acme")
    assert (kept.ticket_id, kept.channel, kept.verdict, kept.reason) == (
        TICKET,
        "call",
        told["verdict"],
        told["reason"],
    )
    assert kept.words == "She rang us and asked for a call at once"
    assert (kept.user_id, kept.made_at) == ("9001", NOW)


@pytest.mark.parametrize("reason", ["", "   ", None, 0.5])
def test_no_override_without_a_reason(inside: Inside, reason: Any) -> None:
    assert ask(inside, "override", reason=reason).status_code == 400
    with inside.house.storage.unit(reading=True) as u:
        assert u.preferences.overruled("acme") == []


def test_where_nothing_stands_in_the_way_nothing_is_overruled(inside: Inside) -> None:
    assert ask(inside, "override", channel="email", point="ilze@example.org", reason="just so").status_code == 409


def test_an_override_changes_no_verdict(inside: Inside) -> None:
    before = ask(inside).json
    ask(inside, "override", reason="urgent")
    assert ask(inside).json == before
