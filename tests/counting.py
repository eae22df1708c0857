"""Count the steps a piece of work takes, so that "grows no faster than the text" is a number and not a stopwatch."""

from __future__ import annotations

import sys
from collections.abc import Callable


def steps(work: Callable[[], object]) -> int:
    """Calls of functions, Python's and C's, while `work` runs: the same on every machine.

    What one call costs inside C (a regular expression over a long text) is not seen; the test run's time limit catches
    one that hangs.
    """
    count = 0

    def note(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        if event in ("call", "c_call"):
            count += 1

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count
