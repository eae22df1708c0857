"""Find the sentences that stand in data: causes, what each means, and the teams that can remove them."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator, Mapping
from typing import IO

from plugin.domain.taxonomy import UNROUTED

Found = tuple[int, None, str, list[str]]
"""Line (unknown, so 1), function (none), sentence, comments: the row that babel expects of an extractor."""


def extract_taxonomy(
    file: IO[bytes], keywords: Collection[str], comment_tags: Collection[str], options: Mapping[str, object]
) -> Iterator[Found]:
    """The words of a taxonomy file that cards and pages show, and the word for a cause that nobody owns yet.

    The arguments are those of every extractor of babel (https://babel.pocoo.org/en/latest/messages.html); only the
    file is of interest here. Raises TOMLDecodeError.
    """
    content = tomllib.load(file)
    words = [cause["name"] for cause in content.get("causes", {}).values()]
    words += content.get("owners", {}).values()
    words += [cause["definition"] for cause in content.get("causes", {}).values()]
    for word in dict.fromkeys([*words, UNROUTED]):
        yield 1, None, word, []
