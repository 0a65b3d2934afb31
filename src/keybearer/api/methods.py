"""The API's methods as a table, and a call's arguments as what is sent.

Strategy: `methods.json` has a row for each method of the official SDK's resources, under the SDK's dotted name. `make methods` writes
it from the SDK's sources, and a test compares the two. It is read at the first use of a resource that is served from it.

Contract: an argument that is missing, not known or twice is a TypeError, as of a function; the nearest name stands in it. An argument
that is left out is not sent; None is sent as null in a body, and is left out of a query and of headers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any, Final, Literal, NamedTuple, TypeAlias

import msgspec
from msgspec import Struct

from keybearer.api.paths import segment
from keybearer.errors import UsageError
from keybearer.errors.nearest import did_you_mean
from keybearer.types.requests import ResourceOptions

__all__ = ["Arguments", "Cursor", "Method", "ReplyKind", "methods", "query_of"]

ReplyKind: TypeAlias = Literal["object", "page", "json_lines", "events", "binary"]
"""What comes back."""

Cursor: TypeAlias = Literal["ids", "page", "page_token"]
"""How the next page is asked for: by `after_id` and `before_id`, or by the parameter of that name."""

OPTIONS: Final = frozenset(ResourceOptions.__annotations__)
"""What steers a call."""

IN_PATH: Final = "!$&'()*+,;=:@"
"""What stands unquoted in a path (RFC 3986, `pchar`), as in those of the official SDK."""

_PLACE: Final = re.compile(r"\{(\w+)\}")


class Arguments(NamedTuple):
    """A call's arguments, sorted by where they go.

    Attributes:
        path: The path, with its parameters filled in.
        query: The query, as `urlencode` takes it.
        headers: The headers that are parameters of the method.
        body: The body's fields; None for no body.
        options: What steers the call.
    """

    path: str
    query: dict[str, Any]
    headers: dict[str, str]
    body: dict[str, Any] | None
    options: ResourceOptions


class Method(Struct, frozen=True, kw_only=True):
    """A method of the API.

    Attributes:
        http: The HTTP method.
        path: The path below the base URL; `{name}` is a path parameter.
        args: The path parameters that may be given by position.
        required: The parameters beside the path's that must be given.
        query: Query parameter to its name in the URL.
        headers: Header parameter to its header.
        body: The body's parameters; None for no body.
        whole_body: The parameter that is the whole body.
        files: Parameter that is a file or files to its form field, where the body is multipart.
        betas: The beta tags that every call sends.
        reply: What comes back.
        cursor: How the next page is asked for, where pages come back.
    """

    http: str
    path: str
    args: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    query: dict[str, str] = {}
    headers: dict[str, str] = {}
    body: tuple[str, ...] | None = None
    whole_body: str | None = None
    files: dict[str, str] = {}
    betas: tuple[str, ...] = ()
    reply: ReplyKind = "object"
    cursor: Cursor | None = None

    @property
    def needed(self) -> tuple[str, ...]:
        """The names of the parameters that must be given."""
        return tuple(dict.fromkeys((*self.args, *_PLACE.findall(self.path), *self.required)))

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of all parameters, those that must be given first."""
        return tuple(dict.fromkeys((*self.needed, *(self.body or ()), *self.query, *self.headers)))

    def arguments(self, name: str, args: Sequence[Any], given: Mapping[str, Any]) -> Arguments:
        """Sort a call's arguments.

        Args:
            name: The method's name, for the words of an error.
            args: The arguments by position.
            given: The arguments by name, options included.

        Raises:
            TypeError: One is missing, not known, given twice, or of a type that cannot stand in its place.
            UsageError: A path parameter is empty, or would lead elsewhere.
        """
        given = self._bound(name, args, given)
        places = _PLACE.findall(self.path)
        filled = {
            place: segment(place, given[place], where=f"{name}(): ", safe=IN_PATH, kinds=str | int) for place in places
        }
        extra: Mapping[str, Any] = given.get("extra_body") or {}
        body: dict[str, Any] | None = None
        if self.whole_body is not None:
            body = {**_object(name, self.whole_body, given[self.whole_body]), **extra}
        elif self.body is not None or extra:
            body = {each: given[each] for each in self.body or () if each in given} | dict(extra)
        if body is not None and self.http == "GET":
            raise UsageError(f"{name}() sends no body, so it takes no extra_body.", hint="Use extra_query=...")
        headers = {header: given[each] for each, header in self.headers.items() if given.get(each) is not None}
        query = {sent: given[each] for each, sent in self.query.items() if each in given}
        return Arguments(
            path=_PLACE.sub(lambda place: filled[place[1]], self.path),
            query=query_of({**query, **(given.get("extra_query") or {})}),
            headers=headers,
            body=body,
            options=_options(given),
        )

    def _bound(self, name: str, args: Sequence[Any], given: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return all arguments by name."""
        if len(args) > len(self.args):
            takes = f"{len(self.args)} by position ({', '.join(self.args)})" if self.args else "none by position"
            raise TypeError(f"{name}() was given {len(args)} arguments by position; it takes {takes}.")
        by_name = dict(zip(self.args, args, strict=False))
        if twice := by_name.keys() & given.keys():
            raise TypeError(f"{name}() was given {min(twice)} twice.")
        bound = {**by_name, **given}
        known = self.parameters
        for each in bound:
            if each not in known and each not in OPTIONS:
                raise TypeError(self._unknown(name, each))
        if missing := [each for each in self.needed if each not in bound]:
            raise TypeError(f"{name}() needs {', '.join(missing)}.")
        return bound

    def _unknown(self, name: str, given: str) -> str:
        where = "extra_query={...}" if self.body is None else "extra_body={...}"
        return (
            f"{name}() has no parameter {given!r}.{did_you_mean(given, [*self.parameters, *OPTIONS])} "
            f"A parameter that this version does not know goes into {where}."
        )


@cache
def methods() -> Mapping[str, Method]:
    """Read the table: the SDK's dotted name of each method, such as `beta.sessions.events.list`, to its row."""
    from pkgutil import get_data  # half of what importlib.resources loads

    text = get_data("keybearer.api", "methods.json")
    assert text is not None  # noqa: S101 - it is part of the package
    return msgspec.json.decode(text, type=dict[str, Method])


def query_of(query: Mapping[str, Any]) -> dict[str, Any]:
    """Return query parameters as the service reads them: lists as `name[]`, mappings as `name[key]`, times in ISO 8601.

    Args:
        query: Name to value; one that is None is left out.
    """
    sent: dict[str, Any] = {}
    for name, value in query.items():
        if isinstance(value, Mapping):
            sent |= query_of({f"{name}[{key}]": each for key, each in value.items()})
        elif isinstance(value, Iterable) and not isinstance(value, str | bytes):
            sent[f"{name}[]"] = [_text(each) for each in value if each is not None]
        elif value is not None:
            sent[name] = _text(value)
    return sent


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else str(value)


def _object(name: str, parameter: str, value: Any) -> dict[str, Any]:
    from keybearer.wire.json import sendable

    plain = sendable(value)
    if not isinstance(plain, Mapping):
        raise TypeError(f"{name}() takes {parameter} as a mapping; it is of type {type(value).__name__}.")
    return dict(plain)


def _options(given: Mapping[str, Any]) -> ResourceOptions:
    options: Any = {each: value for each, value in given.items() if each in OPTIONS and value is not None}
    return options  # type: ignore[no-any-return] # its keys are those of the TypedDict
