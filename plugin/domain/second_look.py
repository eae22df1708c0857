"""Look again at a promise with what people confirmed and dismissed: is it none, or should somebody be asked?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from plugin.domain.findings import Cause, Commitment, State
from plugin.domain.learned import Learned
from plugin.domain.lessons import Aim

PROMISE, NOTHING = "promise", "nothing"
"""What such a model tells apart."""

FOUND = Cause(PROMISE, "", "likely")
"""What the phrases say of everything that is looked at again."""

VETO = Aim(precision=0.9, least=5)
"""A promise that is overlooked costs more than one line too many; and four of sixteen may be right by chance."""

ASK = Aim(precision=0.5, least=2)
"""For asking: half of what is asked about may be a promise after all."""

VETOED = "people dismissed promises that sound like this"
"""Why a promise was set aside by what was learned."""


@dataclass(frozen=True, slots=True)
class SecondLook:
    """What one account's people taught us about promises. It finds none: it sets aside or asks."""

    model: Learned
    ask: float
    """Share of the evidence against from which people are asked; the model's threshold, from which it is none, is
    higher. Above 1 for never."""
    is_confirmed: Callable[[str], bool] = lambda _: False
    """Did people confirm exactly these words?"""

    def look(self, found: Commitment) -> Commitment:
        """The promise as it was found, asked about, or dismissed. What people confirmed is left alone."""
        guess = self.model.guess(found.evidence.quote)
        if guess is None or guess.key != NOTHING or guess.share < min(self.ask, self.model.threshold):
            return found
        if self.is_confirmed(found.evidence.quote):
            return found
        if guess.share >= self.model.threshold:
            return found.now_is(State.DISMISSED, found.said_at, VETOED)
        return replace(found, asked=True)


def is_vetoed(promise: Commitment) -> bool:
    """Was it set aside by what was learned, not by a person?"""
    return promise.state is State.DISMISSED and any(step.why == VETOED for step in promise.life)
