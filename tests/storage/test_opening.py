"""Keys, files and what stands in them: who only has the file reads nothing, and a lost key says so at once."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from plugin.ports import Rejected, Temporary
from plugin.storage import WrongKey, open_storage
from plugin.storage.unit import Database

from .conftest import Open
from .examples import KEY, NOW, OTHER_KEY, StoppedClock, account, card, delivery, doorbell, findings, promise, ticket
from .test_inbox import together

QUOTE, NUMBER, SECRET = "the parrot is no more", "+37129999999", "hush-hush-secret"


def fill(database: Database) -> None:
    """Words, a number and a secret, in every place that may hold them."""
    words = f"{QUOTE} {NUMBER}"
    with database.unit() as unit:
        unit.accounts.add(account(signing=(SECRET,), credentials={"token": SECRET}, settings={"note": SECRET}))
        unit.ledger.save("acme", ticket(), findings(promise(quote=words), words=words), NOW)
        unit.ledger.keep_card("acme", "1", card())
        unit.queue.put("acme", "post", "t1", NOW, {"words": words})
    database.keep(delivery(body=words.encode()), doorbell("1", "a", "gone"), NOW)


def check(database: Database) -> None:
    """All of it can be read."""
    with database.unit(reading=True) as unit:
        assert unit.accounts.all()[0].signing == (SECRET,)
        found = unit.ledger.findings("acme", "1")
        assert found is not None
        assert found.commitments[0].evidence.quote == f"{QUOTE} {NUMBER}"
        assert unit.ledger.cards("acme", "1") == [card()]
        assert unit.history.body(unit.history.deliveries()[0]["id"]).decode() == f"{QUOTE} {NUMBER}"
        assert [job.payload for job in unit.queue.jobs()] == [{"words": f"{QUOTE} {NUMBER}"}, {"doorbell": "gone"}]


def test_words_numbers_and_secrets_are_not_in_the_files(tmp_path: Path, clock: StoppedClock) -> None:
    database = open_storage(f"sqlite:///{tmp_path / 'memory.db'}", clock=clock)
    fill(database)
    files = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert {"memory.db", "memory.db-wal"} <= set(files)
    assert b"ticket:1" in files["memory.db-wal"], "the control: what is not sealed is found"
    for name, content in files.items():
        for canary in (QUOTE, NUMBER, SECRET, "Owed: a call", "I will call you"):
            for coded in (canary.encode(), canary.encode("utf-16-le"), canary.encode().hex().encode()):
                assert coded not in content, (name, canary)
    check(database)
    database.close()


def test_the_first_run_makes_a_key_and_a_database_that_only_we_can_read(tmp_path: Path, clock: StoppedClock) -> None:
    url = f"sqlite:///{tmp_path / 'new' / 'memory.db'}"
    open_storage(url, clock=clock).close()
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "new").iterdir()}
    assert modes == {"memory.db": 0o600, "memory.db.key": 0o600}
    open_storage(url, clock=clock).close()


def test_processes_that_start_at_once_agree_on_one_key(tmp_path: Path, clock: StoppedClock) -> None:
    url = f"sqlite:///{tmp_path / 'memory.db'}"
    opened = together(6, lambda _: open_storage(url, clock=clock))
    assert all(isinstance(database, Database) for database in opened), opened
    sealed = opened[0].vault.seal(b"one")  # type: ignore[attr-defined] - the line above says what it is
    for database in opened:
        assert isinstance(database, Database)
        assert database.vault.open(sealed) == b"one"
        database.close()


def test_a_lost_key_file_is_one_clear_error_and_makes_no_new_key(tmp_path: Path, clock: StoppedClock) -> None:
    url, key_file = f"sqlite:///{tmp_path / 'memory.db'}", tmp_path / "memory.db.key"
    open_storage(url, clock=clock).close()
    key = key_file.read_text()
    key_file.unlink()
    with pytest.raises(WrongKey, match="back-up"):
        open_storage(url, clock=clock)
    assert not key_file.exists()
    open_storage(url, [key.strip()], clock=clock).close()


def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path, clock: StoppedClock) -> None:
    url = f"sqlite:///{tmp_path / 'memory.db'}"
    open_storage(url, clock=clock).close()
    (tmp_path / "memory.db.key").chmod(0o644)
    with pytest.raises(Rejected, match="chmod 600"):
        open_storage(url, clock=clock)


def test_a_wrong_key_is_one_clear_error_at_opening(open_it: Open) -> None:
    fill(open_it())
    with pytest.raises(WrongKey, match="FOLLOWTHROUGH_KEYS"):
        open_it([OTHER_KEY])
    check(open_it([OTHER_KEY, KEY]))


@pytest.mark.parametrize("keys", [["too short"], ["ü" * 44], [""], [KEY, "x"]])
def test_what_is_no_key_is_refused_without_being_repeated(open_it: Open, keys: list[str]) -> None:
    with pytest.raises(Rejected, match="no key") as caught:
        open_it(keys)
    assert not any(key and key in str(caught.value) for key in keys)


def test_after_a_rotation_the_old_key_may_go(open_it: Open) -> None:
    fill(open_it([KEY]))
    both = open_it([OTHER_KEY, KEY])
    before = both.vault.lookup("requester", "acme", "501")
    assert both.rotate_keys() > 8
    with pytest.raises(WrongKey):
        open_it([KEY])
    new = open_it([OTHER_KEY])
    check(new)
    assert new.vault.lookup("requester", "acme", "501") == before, "look-up hashes survive"


def test_look_up_hashes_differ_by_purpose_part_and_database(tmp_path: Path, clock: StoppedClock) -> None:
    one, two = (open_storage(f"sqlite:///{tmp_path / name}", [KEY], clock=clock) for name in ("one.db", "two.db"))
    hashes = [
        one.vault.lookup("requester", "a", "b"), one.vault.lookup("transition", "a", "b"),
        one.vault.lookup("requester", "ab", ""), two.vault.lookup("requester", "a", "b"),
    ]  # fmt: skip
    assert len(set(hashes)) == 4
    one.close()
    two.close()


@pytest.mark.parametrize(
    "url", ["sqlite://", "sqlite:///:memory:", "mysql://x/y", "nonsense", "sqlite:////proc/nowhere/memory.db"]
)
def test_an_address_that_cannot_be_used_is_rejected(url: str, clock: StoppedClock) -> None:
    with pytest.raises(Rejected):
        open_storage(url, [KEY], clock=clock)


def test_a_server_that_does_not_answer_is_temporary_and_its_password_is_not_shown(clock: StoppedClock) -> None:
    pytest.importorskip("psycopg")
    with pytest.raises(Temporary) as caught:
        open_storage("postgresql://me:opensesame@127.0.0.1:1/none", [KEY], clock=clock)
    assert "opensesame" not in str(caught.value)
    assert "127.0.0.1:1/none" in str(caught.value)
    assert "FOLLOWTHROUGH_DATABASE" in str(caught.value)


def test_a_postgres_without_keys_says_what_to_set(url: str, clock: StoppedClock) -> None:
    if url.startswith("sqlite"):
        pytest.skip("SQLite has a key file beside it")
    with pytest.raises(Rejected, match="FOLLOWTHROUGH_KEYS"):
        open_storage(url, clock=clock)


def test_importing_the_package_loads_no_database_library() -> None:
    heavy = "{'sqlalchemy', 'alembic', 'cryptography', 'psycopg'}"
    code = f"import sys, plugin.storage; print({heavy} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "set()"


def test_opening_current_tables_needs_no_alembic(tmp_path: Path, clock: StoppedClock) -> None:
    url = f"sqlite:///{tmp_path / 'memory.db'}"
    open_storage(url, [KEY], clock=clock).close()
    opening = f"plugin.storage.open_storage({url!r}, [{KEY!r}], clock=None)"
    code = f"import sys, plugin.storage; {opening}; print('alembic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "False"
