"""Tell which words of a message only repeat what somebody else said: those between quotation marks."""

from __future__ import annotations

import re
from bisect import bisect_left

from plugin.domain.words import Words

_QUOTED = re.compile(
    r'(?<!\w)"[^"\n]{8,300}"(?!\w)|“[^“”\n]{8,300}”|„[^„“”\n]{8,300}[“”]|«[^«»\n]{8,300}»|(?<!\w)\'\'[^\n]{8,300}?\'\''
)
_A_NAME = 2
"""Words between quotation marks that only name something, or stress it."""


def repeated_tokens(words: Words) -> set[int]:
    """Tokens that stand between quotation marks, where these hold more than a name: a recording's "please call back
    later" is no wish of who tells of it."""
    found: set[int] = set()
    for match in _QUOTED.finditer(words.text):
        inside = range(bisect_left(words.starts, match.start()), bisect_left(words.starts, match.end()))
        if len(inside) > _A_NAME:
            found.update(inside)
    return found
