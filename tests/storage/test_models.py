"""Models are versions of one account: sealed, one in use, a few to go back to, and a number never means two of them."""

from __future__ import annotations

from sqlalchemy import text

from plugin.storage.unit import Database

from .examples import NOW, account


def add(storage: Database, body: bytes, account_id: str = "acme", keep: int = 3) -> int:
    with storage.unit() as u:
        return u.models.add(account_id, "causes", body, "{}", NOW, keep)


def test_the_newest_is_used_and_the_ones_before_it_are_spares(storage: Database) -> None:
    assert [add(storage, b"%d" % n) for n in range(5)] == [1, 2, 3, 4, 5]
    with storage.unit(reading=True) as u:
        assert u.models.version("acme", "causes") == 5
        kept = [(m.version, m.state) for _, m in u.models.list("acme", "causes")]
        used = u.models.get("acme", "causes", 5)
        assert u.models.get("acme", "causes", 1) is None
    assert kept == [(5, "used"), (4, "spare"), (3, "spare")]
    assert used is not None
    assert (used.body, used.made_at) == (b"4", NOW)


def test_going_back_uses_the_one_before_and_in_the_end_none(storage: Database) -> None:
    add(storage, b"a"), add(storage, b"b")
    with storage.unit() as u:
        assert [u.models.revert("acme", "causes") for _ in range(3)] == [1, 0, None]
        assert u.models.version("acme", "causes") == 0


def test_a_number_never_stands_for_two_models(storage: Database) -> None:
    add(storage, b"a"), add(storage, b"b")
    with storage.unit() as u:
        u.models.revert("acme", "causes")
    assert add(storage, b"c") == 3
    with storage.unit() as u:
        assert u.models.revert("acme", "causes") == 1, "the dropped second version is not come back to"


def test_another_account_has_models_of_its_own(storage: Database) -> None:
    with storage.unit() as u:
        u.accounts.add(account("other"))
    add(storage, b"ours")
    with storage.unit(reading=True) as u:
        assert u.models.version("other", "causes") == 0
        assert u.models.get("other", "causes", 1) is None
        assert u.models.list("other") == []


def test_what_a_model_knows_is_sealed_and_survives_a_new_key(storage: Database) -> None:
    add(storage, b"the word overcharged")
    with storage.engine.connect() as connection:
        assert b"overcharged" not in bytes(connection.execute(text("SELECT body FROM models")).scalar_one())
    storage.rotate_keys()
    with storage.unit(reading=True) as u:
        kept = u.models.get("acme", "causes", 1)
    assert kept is not None
    assert kept.body == b"the word overcharged"
