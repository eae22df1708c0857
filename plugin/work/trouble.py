"""Say where something went wrong without saying what a customer wrote: types and places, never messages."""

from __future__ import annotations

import traceback


def place_of(error: BaseException) -> str:
    """ "ZeroDivisionError at analyse.py:31 < drain.py:42": the innermost five frames.

    The exception's own message is left out: it may hold a customer's words or a secret.
    """
    frames = traceback.extract_tb(error.__traceback__)[-5:]
    return f"{type(error).__name__} at " + " < ".join(
        f"{f.filename.rsplit('/', 1)[-1]}:{f.lineno}" for f in reversed(frames)
    )
