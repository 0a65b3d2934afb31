"""What a name of the official SDK's types stands for.

Strategy: what keybearer has is that (`own`). For the rest, `names.json` says what the SDK has under the name: a model, which is a
`Record` here; a TypedDict, which is a plain dict; a choice of texts, which is a text; an error class of one error code. `make methods`
writes it from the SDK's sources.

Contract: a name that the SDK does not have is an AttributeError with the nearest one.
"""

from __future__ import annotations

import importlib
from functools import cache
from typing import Any

import msgspec
from msgspec import Struct

from keybearer.compat.types.own import own
from keybearer.compat.types.typed_dicts import taken_by_pydantic
from keybearer.errors import APIError
from keybearer.errors.nearest import did_you_mean
from keybearer.types.record import Record

__all__ = ["Names", "error_class", "named", "names"]


class Names(Struct, frozen=True):
    """The SDK's types.

    Attributes:
        modules: Dotted package below `anthropic`, such as `types.beta`, to the modules in it.
        exports: Package to the names that it exports.
        models: The names of models, with the value of their `type` field; None where that says nothing.
        dicts: The names of TypedDicts, and of unions of them.
        texts: The names of choices of texts.
        errors: The names of the error classes of one error code, each with its base and that code.
        values: The names of constants, with their values.
        others: Every other name: unions of several of these.
    """

    modules: dict[str, frozenset[str]]
    exports: dict[str, list[str]]
    models: dict[str, str | None]
    dicts: frozenset[str]
    texts: frozenset[str]
    errors: dict[str, tuple[str, str]]
    values: dict[str, tuple[str, ...]]
    others: frozenset[str]


@cache
def names() -> Names:
    """Read the table."""
    from pkgutil import get_data  # half of what importlib.resources loads

    text = get_data("keybearer.compat.types", "names.json")
    assert text is not None  # noqa: S101 - it is part of the package
    return msgspec.json.decode(text, type=Names)


def named(name: str, module: str) -> Any:
    """Return what a name stands for.

    Args:
        name: The SDK's name of a type.
        module: The module that it is asked of, for the words of an error.

    Raises:
        AttributeError: The SDK has no such name, or keybearer nothing for it.
    """
    if name.startswith("_"):
        raise AttributeError(f"module {module!r} has no attribute {name!r}")
    if (found := own(name)) is not None:
        inside, (ours, _, tag) = found[0], found[1].partition("#")
        value = getattr(importlib.import_module(inside), ours)
        return _model(name, value, tag) if tag else taken_by_pydantic(value)
    table = names()
    if name in table.models:
        return _model(name, Record, table.models[name])
    if name in table.dicts:
        return dict[str, Any]
    if name in table.texts:
        return str
    if name in table.values:
        return table.values[name]
    if name in table.others:
        return Any
    if name in table.errors:
        return error_class(name)
    near = did_you_mean(name, [*table.models, *table.dicts])
    raise AttributeError(f"module {module!r} has no attribute {name!r}.{near}")


@cache
def error_class(name: str) -> type[APIError]:
    """Return the class of one error code by its name."""
    from keybearer.compat import _exceptions

    base, code = names().errors[name]
    own = {"__module__": "keybearer.compat.types", "__doc__": f"The error code `{code}`.", "error_code": code}
    made: type[APIError] = type(name, (getattr(_exceptions, base),), own)
    return made


class _Model(type):
    """The class of a name: its values are those of one of ours that have the name's tag."""

    _ours: type
    _tag: str | None

    def __instancecheck__(cls, value: object) -> bool:
        if cls._tag is None:
            raise TypeError(
                f"A value of {cls.__name__} is a Record here, and nothing in it says its type: look at its fields instead."
            )
        return isinstance(value, cls._ours) and getattr(value, "type", None) == cls._tag

    def __call__(cls, **fields: Any) -> Any:
        given = fields if cls._tag is None else {"type": cls._tag, **fields}
        return Record.of(given) if cls._ours is Record else cls._ours(**given)

    def __getitem__(cls, _: Any) -> Any:
        return cls

    def __getattr__(cls, name: str) -> Any:
        return getattr(cls._ours, name)  # `from_dict`, and what pydantic asks for


def _model(name: str, ours: type, tag: str | None) -> Any:
    return _Model(name, (), {"_ours": ours, "_tag": tag, "__module__": "keybearer.compat.types"})
