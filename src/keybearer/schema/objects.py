"""Types whose JSON is an object with named members: dataclasses, TypedDicts, msgspec Structs, named tuples."""

from __future__ import annotations

import dataclasses
import inspect
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, get_type_hints

import msgspec
from msgspec import NODEFAULT, Struct, structs

from keybearer.errors.nearest import did_you_mean
from keybearer.schema.docstring import read_docstring
from keybearer.schema.node import INVALID, MISSING, JsonSchema, Mistake, Mistakes, Node, join, shown

__all__ = [
    "Member",
    "doc_of",
    "documented_fields",
    "is_object_type",
    "jsonable",
    "object_node",
]


class Member(Struct, frozen=True):
    """A member of an object.

    Attributes:
        name: Its name in Python.
        type: Its type, with what is said beside it.
        default: What it is where the JSON leaves it out; NODEFAULT where it must be there, or where `optional`.
        key: Its name in JSON.
        optional: Whether it may be left out without a default: a key of a TypedDict.
        factory: Whether it has a default that is made for each value.
        description: What it is; its metadata says it better where it does.
        is_tag: Whether it says which class the object is, and is no member of it.
    """

    name: str
    type: Any
    default: Any = MISSING
    key: str = ""
    optional: bool = False
    factory: bool = False
    description: str = ""
    is_tag: bool = False

    @property
    def required(self) -> bool:
        """Whether the JSON must have it."""
        return self.default is MISSING and not self.optional and not self.factory


def is_object_type(tp: Any) -> bool:
    """Return whether a type has named members that `fields_of` lists."""
    return isinstance(tp, type) and (
        dataclasses.is_dataclass(tp)
        or is_typed_dict(tp)
        or issubclass(tp, Struct)
        or (issubclass(tp, tuple) and hasattr(tp, "_fields"))
    )


def is_typed_dict(tp: Any) -> bool:
    """Return whether a type is a TypedDict: of `typing`, or of `typing_extensions`, which makes its own on older Pythons."""
    return typing.is_typeddict(tp) or type(tp).__name__ == "_TypedDictMeta"


def fields_of(tp: Any) -> Iterator[Member]:
    """Yield the members of an object type.

    Raises:
        NameError: An annotation names what cannot be found.
    """
    hints = get_type_hints(tp, include_extras=True)
    if is_typed_dict(tp):
        required = _required_keys(tp)
        for name, hint in hints.items():
            yield Member(name, _without_qualifier(hint), optional=name not in required)
    elif issubclass(tp, Struct):
        for each in structs.fields(tp):
            default = MISSING if each.default is NODEFAULT else each.default
            yield Member(
                each.name, hints[each.name], default, each.encode_name, factory=each.default_factory is not NODEFAULT
            )
        if (tag := tp.__struct_config__.tag) is not None:
            yield Member(tp.__struct_config__.tag_field, typing.Literal[tag], is_tag=True)
    elif dataclasses.is_dataclass(tp):
        for field in dataclasses.fields(tp):
            if field.init:
                default = MISSING if field.default is dataclasses.MISSING else field.default
                factory = field.default_factory is not dataclasses.MISSING
                yield Member(
                    field.name, hints[field.name], default, factory=factory, description=_said_of(field.metadata)
                )
    else:
        defaults: Mapping[str, Any] = tp._field_defaults
        for name, hint in hints.items():
            yield Member(name, hint, defaults.get(name, MISSING))


def documented_fields(tp: Any) -> Iterator[Member]:
    """Yield the members of an object type, with what the docstrings of its classes say of them under `Attributes:`.

    Raises:
        NameError: An annotation names what cannot be found.
    """
    said: dict[str, str] = {}
    for base in reversed(tp.__mro__):
        if base.__module__ != "builtins":
            said |= read_docstring(vars(base).get("__doc__")).arguments
    for field in fields_of(tp):
        text = "" if field.description else said.get(field.name, "")
        yield structs.replace(field, description=text) if text else field


def _said_of(metadata: Mapping[Any, Any]) -> str:
    text = metadata.get("description")
    return text if isinstance(text, str) else ""


def _required_keys(tp: Any) -> frozenset[str]:
    """Return the keys that a TypedDict must have; `Required` and `NotRequired` count also where annotations are strings."""
    required: frozenset[str] = tp.__required_keys__
    for base in reversed(getattr(tp, "__orig_bases__", ()) and tp.__mro__):
        required |= getattr(base, "__required_keys__", frozenset())
    for name, hint in get_type_hints(tp, include_extras=True).items():
        origin = typing.get_origin(hint)
        if origin is typing.Required:
            required |= {name}
        elif origin is typing.NotRequired:
            required -= {name}
    return required


def _without_qualifier(hint: Any) -> Any:
    while typing.get_origin(hint) in {typing.Required, typing.NotRequired} or str(typing.get_origin(hint)).endswith(
        ".ReadOnly"
    ):
        hint = typing.get_args(hint)[0]
    return hint


def doc_of(tp: type) -> str:
    """Return the docstring that somebody wrote for a class; empty where it was generated or inherited."""
    text = inspect.cleandoc(vars(tp).get("__doc__") or "")
    generated = (f"{tp.__name__}(", "dict(", "TypedDict(", "Usage docs: http")
    return "" if text.startswith(generated) else text.partition("\n\n")[0].replace("\n", " ")


def jsonable(value: Any) -> Any:
    """Return a default as JSON has it; NODEFAULT for one that JSON cannot express."""
    try:
        return msgspec.to_builtins(value)
    except (TypeError, ValueError):
        return MISSING


def object_node(
    members: Sequence[tuple[Member, Node]],
    make: Callable[[dict[str, Any]], Any],
    *,
    description: str = "",
    others: Node | None = None,
) -> Node:
    """Return the node of an object.

    Args:
        members: Its members, with the node of each.
        make: Makes the value from its members by their names in Python; what it raises is a problem of the whole.
        description: What it is.
        others: The node of members that have no name; None where there may be none.
    """
    by_key = {field.key or field.name: (field, node) for field, node in members}
    schema: JsonSchema = {
        "type": "object",
        "properties": {key: _with_default(field, node) for key, (field, node) in by_key.items()},
    }
    if required := [key for key, (field, _) in by_key.items() if field.required]:
        schema["required"] = required
    schema["additionalProperties"] = others.schema if others is not None else False
    if description:
        schema["description"] = description

    def load(value: Any, at: str, problems: Mistakes) -> Any:
        if not isinstance(value, Mapping):
            problems.append(Mistake(at, f"expected an object, not {shown(value)}"))
            return INVALID
        before = len(problems)
        made = _loaded(by_key, others, value, at, problems)
        if len(problems) > before:
            return INVALID
        try:
            return make(made)
        except (ValueError, TypeError, AssertionError) as error:  # what a `__post_init__` says
            problems.append(Mistake(at, str(error) or type(error).__name__))
            return INVALID

    return Node(schema, load)


def _loaded(
    by_key: Mapping[str, tuple[Member, Node]],
    others: Node | None,
    value: Mapping[str, Any],
    at: str,
    problems: Mistakes,
) -> dict[str, Any]:
    """Return the members of an object by their names in Python."""
    made: dict[str, Any] = {}
    for key, given in value.items():
        if (member := by_key.get(key)) is not None:
            field, node = member
            made[field.name] = node.load(given, join(at, key), problems)
        elif others is not None:
            made[key] = others.load(given, join(at, key), problems)
        else:
            problems.append(Mistake(join(at, key), _unknown(key, by_key)))
    for key, (field, _) in by_key.items():
        if field.required and key not in value:
            problems.append(Mistake(join(at, key), "it is required"))
    return made


def _unknown(key: str, known: Mapping[str, Any]) -> str:
    return f"there is no such key.{did_you_mean(key, known)}".removesuffix(".")


def _with_default(field: Member, node: Node) -> JsonSchema:
    schema = node.schema
    if field.description and "description" not in schema:
        schema = {**schema, "description": field.description}
    if (
        field.default is not MISSING
        and field.default is not None
        and (default := jsonable(field.default)) is not MISSING
    ):
        schema = {**schema, "default": default}
    return schema
