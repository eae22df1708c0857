"""Every rule we know of a marketplace package, broken once: the message names the file, the key and the remedy."""

from __future__ import annotations

import pytest

from tests.marketplace.freshdesk_mutations import FRESHDESK
from tests.marketplace.packages import Mutation, good, problems
from tests.marketplace.zendesk_mutations import ZENDESK


@pytest.mark.parametrize(("name", "mutate", "expected"), ZENDESK, ids=[row[0] for row in ZENDESK])
def test_a_broken_zendesk_package_is_refused(name: str, mutate: Mutation, expected: str) -> None:
    _refused("zendesk", mutate, expected)


@pytest.mark.parametrize(("name", "mutate", "expected"), FRESHDESK, ids=[row[0] for row in FRESHDESK])
def test_a_broken_freshworks_package_is_refused(name: str, mutate: Mutation, expected: str) -> None:
    _refused("freshdesk", mutate, expected)


def _refused(helpdesk: str, mutate: Mutation, expected: str) -> None:
    files = good(helpdesk)
    mutate(files)
    said = problems(helpdesk, files)
    assert any(expected in line for line in said), said
    assert all(" Fix: " in line for line in said)


def test_there_are_mutations_of_every_file_that_is_checked() -> None:
    assert len(ZENDESK) + len(FRESHDESK) >= 25
    for table in (ZENDESK, FRESHDESK):
        assert len({row[0] for row in table}) == len(table)
