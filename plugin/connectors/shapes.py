"""Read a helpdesk's JSON into shapes: strict about what we use, deaf to everything else."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from plugin.ports import Rejected


def _id(value: object) -> object:
    """Ids are numbers in REST and digits in audits; null and 0 stand for nobody, -1 for Zendesk itself."""
    if value is None or isinstance(value, bool):
        return ""
    return "" if str(value) == "0" else str(value)


def _text(value: object) -> object:
    return "" if value is None else value if isinstance(value, str) else str(value)


def read_dict(value: object) -> object:
    return value if isinstance(value, dict) else {}


def read_rows(value: object) -> object:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def read_words(value: object) -> object:
    return [word for word in value if isinstance(word, str)] if isinstance(value, list) else []


Id = Annotated[str, BeforeValidator(_id)]
Text = Annotated[str, BeforeValidator(_text)]
Facts = Annotated[dict[str, Any], BeforeValidator(read_dict)]
M = TypeVar("M", bound=BaseModel)


QUIET = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)
"""Of every shape: never the input in an error, it may be what a customer wrote."""


LONGEST_FIELD = 200
"""Letters of a field that an account made itself: a choice, a number or an address is shorter."""


def told_fields(facts: Iterable[tuple[object, object]], prefix: str = "") -> dict[str, str]:
    """The fields that an account made itself and that hold something short, by name; a box that is ticked holds
    "true"."""
    found = {}
    for name, value in facts:
        text = str(value).lower() if isinstance(value, bool) else str(value)
        if name and isinstance(value, bool | int | str) and text.strip() and len(text) <= LONGEST_FIELD:
            found[f"{prefix}{name}"] = text.strip()
    return found


def read(model: type[M], answer: object, who: str) -> M:
    """What `who` answered, as `model`; Rejected, naming the places that do not fit and nothing that stood there."""
    try:
        return model.model_validate(answer)
    except ValidationError as error:
        places = ", ".join(".".join(str(step) for step in fault["loc"]) or "all" for fault in error.errors()[:3])
        raise Rejected(f"{who} answered in a shape we do not know: {places[:200]}") from None
