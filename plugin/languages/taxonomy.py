"""Load the list of causes, checked so that a bad entry is named and not skipped."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

from plugin.domain.taxonomy import COMPONENTS, UNROUTED, CauseKind, Taxonomy
from plugin.languages import FOLDER, BadPack

DEFAULT = FOLDER / "taxonomy.toml"

MOST_CAUSES = 40
"""More than this nobody can tell apart; the admin page refuses them too."""


@lru_cache(maxsize=1)
def load_taxonomy() -> Taxonomy:
    """The causes that come with the program. Raises BadPack."""
    return load_taxonomy_file(DEFAULT)


def load_taxonomy_file(file: Path) -> Taxonomy:
    """The causes in a file, wherever it lies. Raises BadPack with the file and the entry at fault."""
    try:
        content = tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        raise BadPack(f"{file}: no such file") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadPack(f"{file}: {error}") from None
    owners = {str(k): str(v) for k, v in content.get("owners", {}).items()}
    entries = content.get("causes", {})
    if not 1 <= len(entries) <= MOST_CAUSES:
        raise BadPack(f"{file}: {len(entries)} causes; between 1 and {MOST_CAUSES} can be used")
    kinds = {key: _kind(file, key, entry) for key, entry in entries.items()}
    for kind in kinds.values():
        _check(file, kind, kinds, owners)
    return Taxonomy(kinds, owners, str(content.get("version", "")))


def _kind(file: Path, key: str, entry: dict[str, Any]) -> CauseKind:
    for needed in ("name", "definition", "family"):
        if not entry.get(needed):
            raise BadPack(f"{file}: cause {key!r} has no {needed}")
    return CauseKind(
        key=key,
        name=str(entry["name"]),
        definition=str(entry["definition"]),
        family=str(entry["family"]),
        owner=str(entry.get("owner", "")),
        journey=tuple(entry.get("journey", ())),
        catastrophic=bool(entry.get("catastrophic", False)),
        critical=bool(entry.get("critical", False)),
        outranks=frozenset(entry.get("outranks", ())),
    )


def _check(file: Path, kind: CauseKind, kinds: dict[str, CauseKind], owners: dict[str, str]) -> None:
    if kind.owner and kind.owner != UNROUTED and kind.owner not in owners:
        raise BadPack(f"{file}: cause {kind.key!r} has an owner that [owners] does not name: {kind.owner!r}")
    for component in kind.journey:
        if component not in COMPONENTS:
            raise BadPack(f"{file}: cause {kind.key!r} has no such journey component: {component!r}")
    for other in kind.outranks:
        if other not in kinds:
            raise BadPack(f"{file}: cause {kind.key!r} outranks a cause that does not exist: {other!r}")
