"""The real server of `followthrough serve` in a thread, with a database of its own and nobody doing the jobs."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from plugin.app import House, build
from plugin.cli.server import make_server
from plugin.ports import Account, Job
from plugin.settings import Settings
from tests.toydesk import ToyClock

from .talk import ACCOUNT_REF, OWN_USER, SECRET


@dataclass
class Served:
    """A house with its server."""

    house: House
    port: int

    def rows(self, kind: str | None = None) -> list[dict[str, Any]]:
        """Deliveries, newest first."""
        with self.house.storage.unit() as u:
            return u.history.deliveries("acme", kind, 10_000)

    def jobs(self) -> list[Job]:
        with self.house.storage.unit() as u:
            return u.queue.jobs("acme", None, 10_000)


@pytest.fixture(scope="session")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home folder with one account; copied for each test, because making the tables takes longer than most tests."""
    home = tmp_path_factory.mktemp("blank")
    house = build(Settings(home=home))
    with house.storage.unit() as u:
        u.accounts.add(
            Account("acme", "zendesk", "http://127.0.0.1:9", external_id=ACCOUNT_REF, own_user_id=OWN_USER,
                    signing=(SECRET, "the-secret-before"), credentials={"email": "a@example.org", "token": "t"})
        )  # fmt: skip
    house.close()
    return home


@pytest.fixture
def served(blank: Path, tmp_path: Path) -> Iterator[Served]:
    home = tmp_path / "home"
    shutil.copytree(blank, home)
    house = build(Settings(home=home, workers=0, reconcile_seconds=0))
    server = make_server(house, "127.0.0.1", 0)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield Served(house, server.effective_port)
    server.close()
    house.close()


@pytest.fixture
def house(blank: Path, tmp_path: Path) -> Iterator[House]:
    """A house without a server and with a clock that stands, for our own pages."""
    shutil.copytree(blank, tmp_path / "home")
    opened = build(Settings(home=tmp_path / "home", workers=0), ToyClock())
    yield opened
    opened.close()


@pytest.fixture
def app(house: House) -> Flask:
    return house.web()


@pytest.fixture
def clock(house: House) -> ToyClock:
    assert isinstance(house.clock, ToyClock)
    return house.clock
