"""Load the list of causes that comes with the program, checked so that a bad entry is named and not skipped."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from plugin.domain.taxonomy import Taxonomy
from plugin.domain.taxonomy_toml import BadTaxonomy, read_taxonomy
from plugin.languages import FOLDER, BadPack

DEFAULT = FOLDER / "taxonomy.toml"


@lru_cache(maxsize=1)
def load_taxonomy() -> Taxonomy:
    """The causes that come with the program. Raises BadPack."""
    return load_taxonomy_file(DEFAULT)


def load_taxonomy_file(file: Path) -> Taxonomy:
    """The causes in a file, wherever it lies. Raises BadPack with the file, and line, key and remedy of each fault."""
    try:
        return read_taxonomy(file.read_text("utf-8"))
    except FileNotFoundError:
        raise BadPack(f"{file}: no such file") from None
    except (BadTaxonomy, UnicodeDecodeError) as error:
        raise BadPack(f"{file}: {error}") from None
