"""Who may sign in is decided on the command line as well; passwords never pass through it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from plugin.app import House, build
from plugin.cli import root
from plugin.cli.people import invite_first
from plugin.ports import Account, Human, Rejected
from plugin.settings import Settings
from plugin.work.admit import accept_link, make_link


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FOLLOWTHROUGH_HOME", str(tmp_path))
    monkeypatch.setenv("FOLLOWTHROUGH_PUBLIC_URL", "https://plugin.example/")
    return tmp_path


@pytest.fixture
def house(home: Path) -> Iterator[House]:
    opened = build(Settings())
    yield opened
    opened.close()


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(root, ["people", *arguments], standalone_mode=False)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


def token_in(output: str) -> str:
    (found,) = re.findall(r"https://plugin\.example/welcome\?token=(\S+)", output)
    return str(found)


def test_the_first_admin_gets_a_link_and_afterwards_nobody_does(house: House) -> None:
    token = token_in(run("token")[1])
    assert accept_link(house.storage, token, "Ada", "long enough to pass", house.clock.now()).role == "admin"
    with pytest.raises(Exception, match="there is an admin already"):
        run("token")


def test_a_person_is_added_listed_and_removed(house: House) -> None:
    with house.storage.unit() as u:
        u.accounts.add(Account("acme", "zendesk", "https://acme.example"))
    token = token_in(run("add", "Ilze", "--account", "acme")[1])
    (row,) = json.loads(run("list", "--json")[1])
    assert row == {"name": "ilze", "role": "lead", "accounts": ["acme"], "password": False, "seen_at": ""}
    accept_link(house.storage, token, "", "long enough to pass", house.clock.now())
    assert json.loads(run("list", "--json")[1])[0]["password"]
    assert "Removed" in run("remove", "ilze", "--yes")[1]
    assert json.loads(run("list", "--json")[1]) == []


def test_a_lost_password_is_replaced_by_a_link(house: House) -> None:
    token_in(run("add", "ilze")[1])
    accept_link(house.storage, token_in(run("token", "ILZE")[1]), "", "long enough to pass", house.clock.now())
    with house.storage.unit() as u:
        known = u.people.get("ilze")
    assert known is not None
    assert known.password.startswith("scrypt:")


@pytest.mark.parametrize(("arguments", "said"), [
    (["add", "<b>"], "A name is 1 to 60"), (["remove", "zed", "--yes"], "there is nobody called"),
    (["token", "zed"], "there is nobody called"), (["add", "x", "--account", "nothing"], "no account 'nothing'"),
])  # fmt: skip
def test_what_cannot_be_says_why(arguments: list[str], said: str) -> None:
    with pytest.raises(Exception, match=said):
        run(*arguments)


def test_a_name_is_given_once(house: House) -> None:
    run("add", "ilze")
    with pytest.raises(Rejected, match="choose another name"):
        run("add", "ILZE")


def test_the_server_prints_the_first_link_until_there_is_an_admin(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    invite_first(house, "http://127.0.0.1:1")
    printed = capsys.readouterr()
    assert token_in(printed.err)
    assert printed.out == ""
    with house.storage.unit() as u:
        u.people.add(Human("ada", "admin"), house.clock.now())
    invite_first(house, "http://127.0.0.1:1")
    assert capsys.readouterr().err == ""


def test_a_link_holds_no_password(house: House) -> None:
    link = make_link(house.storage, house.clock.now(), Human("ada", "admin", "scrypt:secret"))
    assert "scrypt" not in link
    assert "secret" not in link
