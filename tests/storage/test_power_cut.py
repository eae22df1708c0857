"""What was acknowledged survives a power cut at any moment, and this check would notice if it did not."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[2] / "bench"))

import crash

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

ROWS = 240
"""Enough for more than one checkpoint, in which the log is copied into the database."""


@pytest.fixture(autouse=True)
def _traces() -> None:
    if reason := crash.why_not_here():
        pytest.skip(f"NOT RUN: {reason}")


def test_a_power_cut_loses_no_acknowledged_delivery(capsys: pytest.CaptureFixture[str]) -> None:
    tally = crash.measure(ROWS, "FULL")
    with capsys.disabled():
        print(f"\nsynchronous=FULL: {tally}")
    assert tally.acked == ROWS
    assert tally.images > 1000
    assert tally.checkpoints >= 2
    assert (tally.losing, tally.corrupt, tally.keyless) == (0, 0, 0)


def test_the_same_check_catches_a_log_that_is_not_synced(capsys: pytest.CaptureFixture[str]) -> None:
    tally = crash.measure(ROWS, "NORMAL")
    with capsys.disabled():
        print(f"\nsynchronous=NORMAL: {tally}")
    assert tally.acked == ROWS
    assert tally.losing > tally.images / 4
