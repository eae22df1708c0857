"""A pytest plugin that puts the toy connector's folder beside the others, and its name into the list of them."""

from pathlib import Path

import plugin.connectors

NAME = "third"

plugin.connectors.__path__.append(str(Path(__file__).parent))
plugin.connectors.BUILT_IN = (*plugin.connectors.BUILT_IN, NAME)  # type: ignore[assignment]
