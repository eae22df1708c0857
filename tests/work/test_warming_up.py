"""What is loaded before the first job is loaded for good, and costs nobody anything afterwards."""

from __future__ import annotations

import gc
import threading

from plugin.runners.embedded import Embedded
from tests.work.conftest import SmallHouse


def test_after_warming_up_the_collector_leaves_alone_what_was_loaded(house: SmallHouse) -> None:
    loaded: list[list[int]] = []
    looked = threading.Event()

    def warm() -> None:
        loaded.append([1, 2, 3])

    runner = Embedded(house.tools, 1, look_every=0.01, warm=warm)
    runner._feed_once = lambda: looked.set() or False  # type: ignore[method-assign, func-returns-value]
    try:
        runner.start()
        assert looked.wait(5)
        assert gc.get_freeze_count() > 0
        assert not any(kept is loaded[0] for kept in gc.get_objects())
    finally:
        runner.stop(1)
        gc.unfreeze()
