"""What the causes of an account are called, who can remove each, and which part of the journey it belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

UNROUTED = "unrouted"
"""The owner of a cause that nobody owns: shown and ageing, never given to somebody by default (B17)."""

NO_FAILURE = "none"
"""The key that says nothing went wrong: thanks, praise, a plain question before buying."""

COMPONENTS = ("pre_sale", "sale", "order", "post_order", "support", "return")
"""The parts of a customer's journey (B19)."""


@dataclass(frozen=True, slots=True)
class CauseKind:
    """One cause of the taxonomy. `critical` tells a touchpoint that decides whether a customer stays from a minor one
    (A13); `outranks` are the causes it beats when both fit about equally well."""

    key: str
    name: str
    definition: str
    family: str
    owner: str
    journey: tuple[str, ...] = ()
    catastrophic: bool = False
    critical: bool = False
    outranks: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """The causes by key, in the order they are shown, and the plain names of the teams that own them."""

    causes: Mapping[str, CauseKind]
    owners: Mapping[str, str] = field(default_factory=dict)
    version: str = ""

    @property
    def names(self) -> Mapping[str, str]:
        """Plain names by key."""
        return {key: kind.name for key, kind in self.causes.items()}

    def owner_of(self, key: str) -> str:
        """The team that can remove a cause; UNROUTED where nobody is named."""
        kind = self.causes.get(key)
        return kind.owner if kind and kind.owner else UNROUTED
