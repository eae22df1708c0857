"""One digest per audience and period, sealed, with its way into the helpdesk; nobody sees those of another account."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from plugin.ports import KeptDigest
from plugin.storage.unit import Database

from .conftest import Open
from .examples import MINUTE, NOW, account

DIGEST = KeptDigest("lead", "week:2026-W13", "v1", NOW, '{"quote": "charged twice"}', b"\x89PNG", "due")


def keep(storage: Database, digest: KeptDigest = DIGEST, account_id: str = "acme") -> bool:
    with storage.unit() as u:
        return u.digests.keep(account_id, digest)


def test_a_digest_comes_back_as_it_was_kept(storage: Database) -> None:
    assert keep(storage)
    with storage.unit() as u:
        assert u.digests.get("acme", "lead", "week:2026-W13") == DIGEST
        assert u.digests.get("acme", "lead", "week:2026-W12") is None
        assert u.digests.get("acme", "owner:finance", "week:2026-W13") is None


def test_the_second_of_an_audience_and_period_is_not_kept(storage: Database) -> None:
    assert keep(storage)
    assert not keep(storage, replace(DIGEST, version="v2", body="other"))
    assert keep(storage, replace(DIGEST, audience="owner:finance"))
    assert keep(storage, replace(DIGEST, period="day:2026-03-26"))
    with storage.unit() as u:
        assert [d.version for d in u.digests.newest("acme", "lead")] == ["v1", "v1"]
        kept = u.digests.get("acme", "lead", "week:2026-W13")
    assert kept is not None
    assert kept.body == DIGEST.body


def test_of_many_that_keep_at_once_one_succeeds(open_it: Open) -> None:
    databases = [open_it(), open_it()]
    with databases[0].unit() as u:
        u.accounts.add(account("acme"))
    start, stored = threading.Barrier(6), []

    def race(n: int) -> None:
        start.wait()
        stored.append(keep(databases[n % 2], replace(DIGEST, version=f"v{n}")))

    threads = [threading.Thread(target=race, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(stored) == [False] * 5 + [True]


def test_words_and_picture_are_sealed(storage: Database) -> None:
    keep(storage)
    with storage.engine.connect() as connection:
        row = connection.execute(text("SELECT body, picture FROM digests")).one()
    assert b"charged" not in bytes(row.body)
    assert b"PNG" not in bytes(row.picture)


def test_the_newest_come_first_and_within_the_limit(storage: Database) -> None:
    for n in range(5):
        keep(storage, replace(DIGEST, period=f"day:2026-03-0{n + 1}", made_at=NOW + n * MINUTE))
    keep(storage, replace(DIGEST, audience="owner:x", made_at=NOW + 9 * MINUTE))
    with storage.unit() as u:
        assert [d.period[-2:] for d in u.digests.newest("acme", "lead", 3)] == ["05", "04", "03"]
        assert [d.audience for d in u.digests.newest("acme", limit=2)] == ["owner:x", "lead"]


def test_posting_remembers_its_first_start(storage: Database) -> None:
    keep(storage)
    with storage.unit() as u:
        assert u.digests.start("acme", "lead", "week:2026-W13", NOW) is None
        assert u.digests.start("acme", "lead", "week:2026-W13", NOW + MINUTE) == NOW
        u.digests.finish("acme", "lead", "week:2026-W13", NOW + 2 * MINUTE, "posted")
        kept = u.digests.get("acme", "lead", "week:2026-W13")
    assert kept is not None
    assert (kept.state, kept.started_at, kept.posted_at) == ("posted", NOW, NOW + 2 * MINUTE)


def test_a_digest_that_was_set_aside_was_never_posted(storage: Database) -> None:
    keep(storage)
    with storage.unit() as u:
        u.digests.finish("acme", "lead", "week:2026-W13", NOW, "made")
        kept = u.digests.get("acme", "lead", "week:2026-W13")
    assert kept is not None
    assert (kept.state, kept.posted_at) == ("made", None)


def test_the_digest_ticket_is_started_before_it_is_known(storage: Database) -> None:
    with storage.unit() as u:
        assert u.digests.desk_ticket("acme", "lead") == ("", None)
        u.digests.start_ticket("acme", "lead", NOW)
        u.digests.start_ticket("acme", "lead", NOW + MINUTE)
        assert u.digests.desk_ticket("acme", "lead") == ("", NOW)
        u.digests.set_ticket("acme", "lead", "77", NOW + 2 * MINUTE)
        assert u.digests.desk_ticket("acme", "lead") == ("77", NOW)
        u.digests.set_ticket("acme", "lead", "", NOW + 3 * MINUTE)
        assert u.digests.desk_ticket("acme", "lead") == ("", NOW + 3 * MINUTE)
        assert u.digests.desk_ticket("acme", "owner:x") == ("", None)


def test_an_account_sees_and_takes_along_only_its_own(storage: Database) -> None:
    with storage.unit() as u:
        u.accounts.add(account("other"))
        u.digests.set_ticket("acme", "lead", "77", NOW)
    keep(storage)
    keep(storage, replace(DIGEST, body="theirs"), "other")
    with storage.unit() as u:
        assert u.digests.desk_ticket("other", "lead") == ("", None)
        u.digests.finish("other", "lead", "week:2026-W13", NOW, "posted")
        u.accounts.remove("other")
        assert u.digests.newest("other") == []
        assert [d.state for d in u.digests.newest("acme")] == ["due"]


@pytest.mark.parametrize("days", [0, 1])
def test_keys_can_be_rotated_under_a_digest(storage: Database, days: int) -> None:
    keep(storage, replace(DIGEST, made_at=NOW + timedelta(days=days), picture=b"" if days else b"\x89PNG"))
    assert storage.rotate_keys() >= 1
    with storage.unit() as u:
        kept = u.digests.get("acme", "lead", "week:2026-W13")
    assert kept is not None
    assert (kept.body, kept.picture) == (DIGEST.body, b"" if days else b"\x89PNG")
