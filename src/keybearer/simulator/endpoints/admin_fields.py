"""What a page below `/_sim` takes and gives, as data: the page's check of a body and its documentation are made from it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple

from keybearer.simulator.control.wrong import nearest
from keybearer.simulator.core.errors import ServiceError
from keybearer.simulator.core.reply import ServerReply
from keybearer.simulator.core.request import ServedCall
from keybearer.simulator.state import State

__all__ = ["AdminPage", "Field", "check_fields"]

Type = Literal["string", "number", "whole number", "boolean", "object", "list", "any"]

TYPES: Final[dict[Type, Callable[[Any], bool]]] = {
    "string": lambda value: isinstance(value, str),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value),
    "whole number": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "object": lambda value: isinstance(value, dict),
    "list": lambda value: isinstance(value, list),
    "any": lambda _value: True,
}


class Field(NamedTuple):
    """One field of a body or of a reply.

    Args:
        name: Its name.
        type: Its type in JSON.
        words: What it says, with its unit.
        each: For a list, the fields of each of its items.
    """

    name: str
    type: Type
    words: str
    each: Sequence[Field] = ()


class AdminPage(NamedTuple):
    """One page.

    Args:
        method: The HTTP method.
        path: The path.
        answer: The function that answers.
        words: What it is for.
        takes: The fields of the body; none for a page without a body.
        gives: The fields of the reply.
        takes_more: Whether the body may have further fields, which `answer` checks by itself.
    """

    method: str
    path: str
    answer: Callable[[State, ServedCall], ServerReply]
    words: str
    takes: Sequence[Field] = ()
    gives: Sequence[Field] = ()
    takes_more: bool = False


def check_fields(page: AdminPage, body: Mapping[str, Any]) -> None:
    """Refuse a body with a field that the page does not have, or of another type.

    Raises:
        ServiceError: 400, with the nearest field.
    """
    known = {field.name: field for field in page.takes}
    for name, value in body.items():
        if name in known:
            field = known[name]
            if not TYPES[field.type](value):
                raise _refused(f"{name}: is a {field.type}: {field.words}")
        elif not page.takes_more:
            near = nearest(name, known, cutoff=0.4)
            hint = f"did you mean {near!r}?" if near else f"it takes {', '.join(known) or 'no fields'}"
            raise _refused(f"{page.method} {page.path} has no field {name[:40]!r}: {hint}")


def _refused(message: str) -> ServiceError:
    return ServiceError("invalid_request_error", message, rule="admin")
