"""Requests made from the types of the `anthropic` wheel: each has one optional field, value or block more than it must have.

Nothing here knows the simulator: what a request may contain is what the wheel's `TypedDict`s say.
"""

from __future__ import annotations

import collections.abc
import types
import typing
from collections.abc import Iterator
from typing import Any, Final, get_args, get_origin

import typing_extensions
from anthropic import _types as wheel_types
from anthropic.types import message_count_tokens_params, message_create_params
from anthropic.types.beta import message_count_tokens_params as beta_count_tokens_params
from anthropic.types.beta import message_create_params as beta_create_params

HEADERS: Final = {"betas", "user_profile_id", "workspace_id"}
LISTS: Final = (list, collections.abc.Iterable, collections.abc.Sequence, wheel_types.SequenceNotStr)
WRAPPERS: Final = (typing.Required, typing_extensions.Required, typing.Annotated)
BODIES: Final[dict[str, tuple[Any, Any]]] = {
    "messages": (
        message_create_params.MessageCreateParamsNonStreaming,
        beta_create_params.MessageCreateParamsNonStreaming,
    ),
    "count_tokens": (
        message_count_tokens_params.MessageCountTokensParams,
        beta_count_tokens_params.MessageCountTokensParams,
    ),
}
ROLES: Final = ("UserMessageParam>", "AssistantMessageParam>", "SystemMessageParam>")
DEEPEST: Final = 9
"""How many records a field may be below the body."""


def members(kind: Any) -> list[Any]:
    """List the members of a union that JSON can have; the type itself if it is none."""
    if get_origin(kind) in WRAPPERS:
        return members(get_args(kind)[0])
    if get_origin(kind) in {typing.Union, types.UnionType}:
        return [each for member in get_args(kind) for each in members(member)]
    is_plain = kind in {str, int, float, bool, object, Any, type(None)} or get_origin(kind) is not None
    return [kind] if is_plain or typing_extensions.is_typeddict(kind) else []


class Samples:
    """Makes values of the wheel's types.

    Args:
        values: A value for each field whose type alone does not say what is valid, by `Record.field` or by the field's name.
    """

    def __init__(self, values: dict[str, Any]) -> None:
        self.values = values

    def least(self, kind: Any, record: str = "", field: str = "") -> Any:
        """Make the smallest value of a type."""
        for name in (f"{record}.{field}", field):
            if name in self.values:
                return self.values[name]
        kind = members(kind)[0]
        origin = get_origin(kind)
        if typing_extensions.is_typeddict(kind):
            return {
                name: self.least(about, kind.__name__, name)
                for name, about in typing.get_type_hints(kind, include_extras=True).items()
                if get_origin(about) is typing_extensions.Required
            }
        if origin in {typing.Literal, typing_extensions.Literal}:
            return get_args(kind)[0]
        if origin in LISTS:
            return []
        if origin in {dict, collections.abc.Mapping}:
            return {}
        return {str: "x", int: 1, float: 0.5, bool: True, type(None): None}.get(kind, {})

    def variants(
        self, kind: Any, record: str = "", field: str = "", above: tuple[str, ...] = ()
    ) -> Iterator[tuple[str, Any]]:
        """Make values of a type, each with one thing more than the smallest: its name, and the value."""
        for kind_of in members(kind):
            origin = get_origin(kind_of)
            if typing_extensions.is_typeddict(kind_of):
                yield from self.of_record(kind_of, above)
            elif origin in {typing.Literal, typing_extensions.Literal}:
                yield from ((f"={value}", value) for value in get_args(kind_of))
            elif origin in LISTS:
                for name, value in self.variants(get_args(kind_of)[0], record, "", above):
                    yield f"[]{name}", [value]
            elif kind_of is type(None):
                yield "=null", None
            else:
                yield f"={getattr(kind_of, '__name__', 'any')}", self.least(kind_of, record, field)

    def of_record(self, kind: Any, above: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
        """Make records, each with one field, or one value of a field, more than the smallest."""
        name = kind.__name__
        if name in above or len(above) > DEEPEST:
            return
        least = self.least(kind)
        yield f"<{name}>", least
        for field, about in typing.get_type_hints(kind, include_extras=True).items():
            if field not in HEADERS:
                for more, value in self.variants(about, name, field, (*above, name)):
                    yield f"<{name}>.{field}{more}", {**least, field: value}


def requests(endpoint: str, values: dict[str, Any], *, beta: bool) -> dict[str, dict[str, Any]]:
    """Return the requests of an endpoint, by the way to what each has more than it must have.

    A record stands in many places: each of its fields is taken in the first of them, once for each role of a message.
    """
    found: dict[tuple[str, str], tuple[str, dict[str, Any]]] = {}
    for name, body in Samples(values).of_record(BODIES[endpoint][beta]):
        last = name.rindex("<")
        role = next((part for part in ROLES if part in name[:last]), "")
        found.setdefault((role, name[last:]), (name, body))
    return dict(found.values())
