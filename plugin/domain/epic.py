"""Say of one conversation whether it was easy, personalised, intuitive and contextual: yes or no, never a mark (B5)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from plugin.domain.findings import Evidence, Findings

FACETS = ("easy", "personalised", "intuitive", "contextual")

_EFFORT = {
    "chase": "easy", "wait": "easy", "reopen": "easy", "transfer": "easy",
    "macro_reply": "personalised",
    "forced_channel": "intuitive",
    "told_again": "contextual", "repeated_ask": "contextual",
}  # fmt: skip
"""Which of the four an effort fact denies."""

_CAUSES = {
    "wait_time": "easy", "cancellation_friction": "easy", "return_process": "easy",
    "contact_preference_ignored": "personalised",
    "self_service_failed": "intuitive", "unclear_information": "intuitive",
    "transferred_or_repeated": "contextual",
}  # fmt: skip
"""Which of the four a cause denies, by its own definition."""


@dataclass(frozen=True, slots=True)
class Facet:
    """One of the four. Where it does not hold, `why` names the facts ("wait", "cause:wait_time") and `evidence` the
    words that show them; facts of the audit trail alone (a transfer, a reopening) have no words."""

    name: str
    holds: bool
    why: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()


def tell_epic(findings: Findings) -> tuple[Facet, ...]:
    """The four, in their order. Where no message could be read only those that the audit trail denies: silence is no
    praise."""
    denied = list(_denials(findings))
    facets = tuple(_facet(name, [(why, shown) for facet, why, shown in denied if facet == name]) for name in FACETS)
    unread = bool(findings.spoken) and not any(spoken.supported for spoken in findings.spoken)
    return tuple(f for f in facets if not f.holds) if unread else facets


def _facet(name: str, denials: list[tuple[str, tuple[Evidence, ...]]]) -> Facet:
    shown = tuple(dict.fromkeys(e for _, evidence in denials for e in evidence if e.quote))
    return Facet(name, not denials, tuple(dict.fromkeys(why for why, _ in denials)), shown)


def _denials(findings: Findings) -> Iterator[tuple[str, str, tuple[Evidence, ...]]]:
    """(facet, why, the words that show it)."""
    for signal in findings.effort:
        if signal.kind in _EFFORT:
            yield _EFFORT[signal.kind], signal.kind, signal.evidence
    for contact in findings.adherence:
        if contact.verdict == "breached":
            yield (
                "personalised",
                "contact against a wish",
                tuple(e for e in (contact.preference, contact.contact) if e is not None),
            )
    for cause in (findings.cause, *findings.contributing):
        if cause.key in _CAUSES:
            yield _CAUSES[cause.key], f"cause:{cause.key}", cause.evidence
