"""One Freshdesk account's path, token and secrets open nothing of another one's: not its webhook, not its sidebar."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from werkzeug.test import Client

from plugin.app import House, build
from plugin.ports import Account, Mode
from plugin.settings import Settings

ACCOUNTS = ("north", "south")
BODY = json.dumps({"ticket_id": "17", "event": "reply"}).encode()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    house = build(Settings(home=tmp_path_factory.mktemp("two"), workers=0, reconcile_seconds=0))
    with house.storage.unit() as u:
        for name in ACCOUNTS:
            secrets = {"api_key": f"key-{name}", "hook_path": f"path-{name}", "app_secret": f"app-{name}"}
            u.accounts.add(
                Account(name, "freshdesk", f"https://{name}.freshdesk.com", Mode.SUGGEST,
                        signing=(f"token-{name}",), credentials=secrets)
            )  # fmt: skip
    yield house
    house.close()


def kept(house: House) -> dict[str, int]:
    with house.storage.unit(reading=True) as u:
        return {name: len(u.history.deliveries(name, None, 1000)) for name in ACCOUNTS}


def by_rule(path: str, token: str) -> tuple[str, dict[str, str]]:
    return f"/path-{path}", {"X-Followthrough-Token": f"token-{token}"}


def by_app(signer: str) -> tuple[str, dict[str, str]]:
    now = str(int(time.time()))
    signed = hmac.new(f"app-{signer}".encode(), f"{now}.".encode() + BODY, hashlib.sha256).hexdigest()
    return "", {"X-Followthrough-Time": now, "X-Followthrough-Signature": signed}


@pytest.mark.parametrize(("account", "path", "token"), list(product(ACCOUNTS, repeat=3)))
def test_a_rule_rings_only_with_its_own_path_and_its_own_token(
    house: House, account: str, path: str, token: str
) -> None:
    before, (end, headers) = kept(house), by_rule(path, token)
    sent = Client(house.web()).post(f"/hooks/freshdesk/{account}{end}", data=BODY, headers=headers)
    own = account == path == token
    assert sent.status_code == 202 if own else sent.status_code in (401, 404)
    assert kept(house) == {**before, account: before[account] + own}


@pytest.mark.parametrize(("account", "signer"), list(product(ACCOUNTS, repeat=2)))
def test_an_app_rings_only_for_the_account_whose_secret_signs(house: House, account: str, signer: str) -> None:
    before, (end, headers) = kept(house), by_app(signer)
    sent = Client(house.web()).post(f"/hooks/freshdesk/{account}{end}", data=BODY, headers=headers)
    assert sent.status_code == (202 if account == signer else 401)
    assert kept(house) == {**before, account: before[account] + (account == signer)}


@pytest.mark.parametrize(("account", "secret"), list(product(ACCOUNTS, repeat=2)))
def test_a_sidebar_opens_only_with_its_own_accounts_secret(house: House, account: str, secret: str) -> None:
    asked = Client(house.web()).post(
        f"/sidebar/freshdesk/{account}", json={"ticket_id": 17, "agent_id": 9},
        headers={"X-Followthrough-App": f"app-{secret}"},
    )  # fmt: skip
    if account == secret:
        assert asked.status_code == 200
        assert asked.get_json()["bearer"]
    else:
        assert asked.status_code == 401
        assert b"bearer" not in asked.data


def test_a_pass_of_one_account_shows_and_changes_nothing_of_the_other(house: House) -> None:
    client = Client(house.web())
    opened = client.post("/sidebar/freshdesk/north", json={"ticket_id": 17, "agent_id": 9},
                         headers={"X-Followthrough-App": "app-north"})  # fmt: skip
    headers = {"Authorization": f"Bearer {opened.get_json()['bearer']}"}
    guard = client.post("/api/guard/south/may-contact", headers=headers,
                        json={"ticket_id": "17", "channel": "call", "point": "+37126123456"})  # fmt: skip
    assert guard.status_code in (401, 403, 404)


def test_the_address_of_another_helpdesk_does_not_fit(house: House) -> None:
    end, headers = by_rule("north", "north")
    assert Client(house.web()).post(f"/hooks/zendesk/north{end}", data=BODY, headers=headers).status_code == 404


def test_no_secret_is_in_the_database_file(house: House) -> None:
    folder = Path(house.settings.home)
    files = [file.read_bytes() for file in folder.glob("followthrough.sqlite3*") if not file.name.endswith(".key")]
    for name, kind in product(ACCOUNTS, ("token", "app", "path", "key")):
        assert not any(f"{kind}-{name}".encode() in content for content in files)
