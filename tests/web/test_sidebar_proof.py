"""Who is let in to the sidebar page, and to which ticket: every way round the proof is refused."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import jwt
import pytest

from plugin.connectors.freshdesk import pages as freshdesk
from plugin.ports import Account, Mode, PageRequest, Refused
from plugin.web.tokens import GOOD_FOR, LONGEST, Passes
from tests.web.inside import AUDIENCE, NOW, TICKET, Inside, a_key, a_ticket, a_token, an_account, claims, make_inside


@pytest.fixture
def inside(tmp_path: Path) -> Iterator[Inside]:
    made = make_inside(tmp_path / "home")
    yield made
    made.house.close()


def forge(header: dict[str, str], body: dict[str, object], secret: bytes | None = None) -> str:
    """A token put together by hand, signed with `secret` (HS256) or not at all."""
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in (header, body)]
    signature = hmac.new(secret, b".".join(parts), hashlib.sha256).digest() if secret else b""
    return b".".join([*parts, base64.urlsafe_b64encode(signature).rstrip(b"=")]).decode()


SECOND = int(NOW.timestamp())

ATTACKS = {
    "the public key taken for a password": lambda: forge(
        {"alg": "HS256", "typ": "JWT"}, claims(NOW), a_key("app")[1].encode()
    ),
    "no signature at all": lambda: forge({"alg": "none"}, claims(NOW)),
    "another key": lambda: a_token(NOW, key="thief"),
    "another algorithm of the same key": lambda: jwt.encode(claims(NOW), a_key("app")[0], algorithm="RS512"),
    "another installation": lambda: a_token(NOW, aud=AUDIENCE.replace("7.json", "8.json")),
    "no installation": lambda: a_token(NOW, aud=None),
    "another account as issuer": lambda: a_token(NOW, iss="evil.zendesk.com"),
    "an issuer that only begins like ours": lambda: a_token(NOW, iss="acme.zendesk.com.evil.example"),
    "no issuer": lambda: a_token(NOW, iss=None),
    "over since a minute": lambda: a_token(NOW, exp=SECOND - 60),
    "without an end": lambda: a_token(NOW, exp=None),
    "without a beginning": lambda: a_token(NOW, iat=None),
    "from the future": lambda: a_token(NOW, iat=SECOND + 600, exp=SECOND + 900),
    "not good yet": lambda: a_token(NOW, nbf=SECOND + 600),
    "an end that is a word": lambda: forge({"alg": "RS256"}, claims(NOW, exp="never")),
    "none": lambda: "",
    "no token's shape": lambda: "a.b",
    "far too long": lambda: "a" * 100_000,
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_token_that_proves_nothing_opens_nothing(inside: Inside, attack: str) -> None:
    answer = inside.open(ATTACKS[attack]())
    assert answer.status_code in (401, 413)
    assert "data-bearer" not in answer.text
    assert "charged" not in answer.text


def test_a_good_token_opens_the_page(inside: Inside) -> None:
    answer = inside.open()
    assert answer.status_code == 200
    assert inside.card().status_code == 200


@pytest.mark.parametrize("issuer", ["acme.zendesk.com", "https://acme.zendesk.com", "ACME.zendesk.com"])
def test_the_issuer_may_be_written_with_and_without_its_scheme(inside: Inside, issuer: str) -> None:
    assert inside.open(inside.token(iss=issuer)).status_code == 200


def test_a_token_opens_one_page_and_no_second_one(inside: Inside) -> None:
    token = inside.token()
    assert inside.open(token).status_code == 200
    assert inside.open(token).status_code == 401


def test_a_token_is_no_pass_for_what_comes_later(inside: Inside) -> None:
    inside.bearer = inside.token()
    assert inside.card().status_code == 401


def test_the_page_cannot_be_got_by_its_address(inside: Inside) -> None:
    answer = inside.client.get("/sidebar/zendesk?origin=https://acme.zendesk.com")
    assert answer.status_code == 401
    assert "opens from a ticket" in answer.text


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "http://acme.zendesk.com", "", "https://[", "acme.zendesk.com"]
)
def test_an_unknown_window_opens_nothing(inside: Inside, origin: str) -> None:
    assert inside.open(origin=origin).status_code == 401


def test_one_accounts_token_does_not_open_another(inside: Inside) -> None:
    other = an_account("other", "https://other.zendesk.com")
    with inside.house.storage.unit() as u:
        u.accounts.add(other)
    assert inside.open(origin="https://other.zendesk.com").status_code == 401
    assert inside.client.post("/sidebar/zendesk/other", data={"token": inside.token()}).status_code == 401


def test_an_account_without_the_apps_key_opens_nothing(inside: Inside) -> None:
    with inside.house.storage.unit() as u:
        u.accounts.add(an_account("bare", "https://bare.zendesk.com", settings={}))
    assert inside.open(inside.token(iss="bare.zendesk.com"), origin="https://bare.zendesk.com").status_code == 401


def test_a_key_with_a_fault_in_it_is_a_refusal_and_no_bug(inside: Inside) -> None:
    with inside.house.storage.unit() as u:
        u.accounts.add(an_account("odd", "https://odd.zendesk.com", settings={
            "app_public_key": "-----BEGIN PUBLIC KEY-----\nno\n-----END PUBLIC KEY-----", "app_audience": AUDIENCE,
        }))  # fmt: skip
    assert inside.open(inside.token(iss="odd.zendesk.com"), origin="https://odd.zendesk.com").status_code == 401


def test_the_page_may_stand_in_its_own_account_only(inside: Inside) -> None:
    policy = inside.open().headers["Content-Security-Policy"]
    assert "frame-ancestors https://acme.zendesk.com" in policy
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy


def test_no_cookie_is_set(inside: Inside) -> None:
    answers = [inside.open(), inside.card(), inside.act(act="look")]
    assert [a.headers.get("Set-Cookie") for a in answers] == [None] * 3


# --- passes ----------------------------------------------------------------------------------------------------------


def test_a_page_belongs_to_the_ticket_that_it_names_first(inside: Inside) -> None:
    inside.save(a_ticket("18"), an_account())
    inside.open()
    first = inside.bearer
    assert inside.card("17").status_code == 200
    assert inside.card("18").status_code == 403
    inside.bearer = first
    assert inside.card("18").status_code == 403
    assert inside.card("17").status_code == 200


def test_a_page_that_has_not_said_where_it_is_can_do_nothing(inside: Inside) -> None:
    inside.open()
    assert inside.act(act="look").status_code == 403


@pytest.mark.parametrize("named", ["", "?", "../1", "1 2", "x" * 41, "١٧"])
def test_a_name_that_is_no_ticket_is_refused(inside: Inside, named: str) -> None:
    inside.open()
    assert inside.card(named).status_code == 403


def test_a_pass_ends_and_is_renewed_while_it_is_used(inside: Inside) -> None:
    inside.open()
    inside.card()
    for _ in range(3):
        inside.clock.move(seconds=GOOD_FOR - 60)
        assert inside.card().status_code == 200
    inside.clock.move(seconds=GOOD_FOR + 60)
    assert inside.card().status_code == 401


def test_a_page_that_stays_open_keeps_its_pass_without_the_card(inside: Inside) -> None:
    inside.open()
    inside.card()
    for _ in range(3):
        inside.clock.move(seconds=GOOD_FOR - 60)
        kept = inside.card("", keep="1")
        assert (kept.status_code, kept.data) == (204, b"")
    assert inside.card().status_code == 200


@pytest.mark.parametrize("language", ["../../web/x", "xx", "", "ar-EG;q=1", "\u00e9"])
def test_a_refusal_speaks_a_language_we_have(inside: Inside, language: str) -> None:
    answer = inside.client.get("/sidebar/zendesk", headers={"Accept-Language": language})
    assert f'<html lang="{"ar" if language.startswith("ar") else "en"}"' in answer.text


def test_no_pass_is_renewed_for_ever(inside: Inside) -> None:
    passes = Passes("secret")
    held = passes.open("acme", TICKET, "9", NOW)
    late = replace(held, opened=held.opened - LONGEST + 10)
    assert passes.read("Bearer " + passes.write(late, NOW), NOW).until == held.opened + 10


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic x", "Bearer x.y", "Bearer " + "x" * 5000, "Bearer \u00e9"]
)
def test_what_is_no_pass_of_ours_is_refused(header: str) -> None:
    passes = Passes("secret")
    with pytest.raises(Refused):
        passes.read(header, NOW)


def test_a_pass_of_another_database_is_refused(inside: Inside) -> None:
    foreign = Passes("another secret")
    inside.bearer = foreign.write(foreign.open("acme", TICKET, "9", NOW), NOW)
    assert inside.card().status_code == 401


def test_a_pass_is_worth_nothing_once_its_account_is_gone(inside: Inside) -> None:
    inside.open()
    inside.card()
    with inside.house.storage.unit() as u:
        u.accounts.remove("acme")
    inside.house._accounts.clear()
    assert inside.card().status_code == 401


def test_one_ticket_is_not_asked_for_without_end(inside: Inside) -> None:
    inside.open()
    answers = [inside.card(keep="1").status_code for _ in range(130)]
    assert answers[:100] == [204] * 100
    assert answers[-1] == 429


# --- Freshdesk -------------------------------------------------------------------------------------------------------

FRESH = Account(
    "fresh", "freshdesk", "https://fresh.freshdesk.com", mode=Mode.SUGGEST,
    credentials={"api_key": "k", "app_secret": "the-app-secret before"},
)  # fmt: skip


def ask(secret: str | None, said: object) -> PageRequest:
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    headers = {} if secret is None else {"x-followthrough-app": secret}
    return PageRequest("fresh", headers, {}, {}, body, NOW)


@pytest.mark.parametrize("secret", [None, "", "x", "the-app-secre", "the-app-secret before", "thé"])
def test_freshdesk_without_the_apps_secret_opens_nothing(secret: str | None) -> None:
    with pytest.raises(Refused) as refused:
        freshdesk.open_page(ask(secret, {"ticket_id": 17}), FRESH)
    assert refused.value.status == 401


def test_an_account_without_an_app_secret_is_not_opened_by_an_empty_one() -> None:
    with pytest.raises(Refused):
        freshdesk.open_page(ask("", {"ticket_id": 17}), replace(FRESH, credentials={"app_secret": ""}))


@pytest.mark.parametrize("secret", ["the-app-secret", "before"])
@pytest.mark.parametrize("ticket", [17, "17"])
def test_the_apps_secret_opens_the_page_of_the_named_ticket(secret: str, ticket: int | str) -> None:
    viewer = freshdesk.open_page(ask(secret, {"ticket_id": ticket, "agent_id": 5}), FRESH)
    assert (viewer.ticket_id, viewer.user_id, viewer.by_name) == ("17", "5", False)


@pytest.mark.parametrize(
    "said", [{}, [], b"{", b"[" * 100_000, {"ticket_id": "x"}, {"ticket_id": True}, {"ticket_id": "1" * 30}]
)
def test_freshdesk_without_a_ticket_is_refused(said: object) -> None:
    with pytest.raises(Refused) as refused:
        freshdesk.open_page(ask("before", said), FRESH)
    assert refused.value.status == 400


def test_freshdesk_gets_its_card_and_a_pass_for_that_ticket_only(tmp_path: Path) -> None:
    inside = make_inside(tmp_path / "home", FRESH)
    inside.desk.open_page = freshdesk.open_page  # type: ignore[method-assign]
    head = {"X-Followthrough-App": "the-app-secret"}
    answer = inside.client.post("/sidebar/freshdesk/fresh", json={"ticket_id": 17, "agent_id": 5}, headers=head)
    assert answer.status_code == 200
    assert "Overdue" in answer.json["html"]
    inside.bearer = answer.json["bearer"]
    assert inside.card("").status_code == 200
    assert inside.card("18").status_code == 403
    wrong = inside.client.post(
        "/sidebar/freshdesk/fresh", json={"ticket_id": 17}, headers={"X-Followthrough-App": "no"}
    )
    assert wrong.status_code == 401
    assert wrong.json.keys() == {"html"}
    inside.house.close()


def test_one_freshdesks_secret_opens_no_other_freshdesk(tmp_path: Path) -> None:
    inside = make_inside(tmp_path / "home", FRESH)
    inside.desk.open_page = freshdesk.open_page  # type: ignore[method-assign]
    other = replace(FRESH, id="other", host="https://other.freshdesk.com", credentials={"app_secret": "others"})
    with inside.house.storage.unit() as u:
        u.accounts.add(other)
    codes = [
        inside.client.post(
            f"/sidebar/freshdesk/{name}", json={"ticket_id": 17}, headers={"X-Followthrough-App": secret}
        ).status_code
        for name in ("fresh", "other", "nobody") for secret in ("the-app-secret", "others")
    ]  # fmt: skip
    assert codes == [200, 401, 401, 200, 401, 401]
    inside.house.close()
