"""Show what was found under the names that causes go by now: what was merged since counts for the other."""

from __future__ import annotations

from dataclasses import replace

from plugin.domain.findings import UNSURE, Cause, Findings
from plugin.domain.taxonomy import Taxonomy


def as_now(findings: Findings, taxonomy: Taxonomy) -> Findings:
    """The findings with the present key and team of each cause, each once; split and retired ones keep theirs."""
    main = _now(findings.cause, taxonomy)
    others = {cause.key: cause for cause in (_now(c, taxonomy) for c in reversed(findings.contributing))}
    others.pop(main.key, None)
    return replace(findings, cause=main, contributing=tuple(reversed(others.values())))


def _now(cause: Cause, taxonomy: Taxonomy) -> Cause:
    key = taxonomy.now(cause.key)
    if cause.key == UNSURE.key or (key not in taxonomy.causes and key not in taxonomy.past):
        return cause
    return replace(cause, key=key, owner=taxonomy.owner_of(key))
