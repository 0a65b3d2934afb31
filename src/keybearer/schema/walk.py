"""From a Python type to its node: a table of kinds, walked from the outside in.

A type with named members becomes a definition (`$defs`), which is written where it stands when it is used once.
"""

from __future__ import annotations

import collections.abc
import enum
import types
import typing
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final, Literal, Union, get_args, get_origin

from msgspec import structs

from keybearer.errors import UsageError
from keybearer.schema.by_pydantic import adapter_of, pydantic_node
from keybearer.schema.containers import array_of, fixed_array, mapping_of, union_of
from keybearer.schema.hints import read_hint
from keybearer.schema.node import MISSING, JsonSchema, Mistakes, Node
from keybearer.schema.objects import (
    Member,
    doc_of,
    documented_fields,
    is_object_type,
    object_node,
)
from keybearer.schema.references import REF, reaches_itself, references, renamed
from keybearer.schema.scalars import any_node, choice, constrained, enumeration, scalar

__all__ = ["Walk"]

_ARRAYS: Final[dict[Any, Callable[[list[Any]], Any]]] = {
    list: list,
    set: set,
    frozenset: frozenset,
    collections.abc.Sequence: list,
    collections.abc.MutableSequence: list,
    collections.abc.Iterable: list,
    collections.abc.Collection: list,
    collections.abc.Set: frozenset,
    collections.abc.MutableSet: set,
}
"""The types of arrays, and what makes each."""

_MAPPINGS: Final = frozenset({dict, collections.abc.Mapping, collections.abc.MutableMapping})


class Walk:
    """One walk over types, which share their definitions."""

    def __init__(self) -> None:
        self._definitions: dict[str, JsonSchema] = {}
        self._names: dict[Any, str] = {}
        self._loads: dict[str, Any] = {}

    def node(self, tp: Any, where: str) -> Node:
        """Return the node of a type.

        Args:
            tp: The type.
            where: Where it stands, for the error: `parameter x of search`.

        Raises:
            TypeError: JSON Schema cannot express it.
        """
        if (simple := scalar(tp)) is not None:
            return simple
        try:
            if (adapter := adapter_of(tp)) is not None:
                return self._pydantic(adapter)
            hint = read_hint(tp)
            node = self._bare(hint.type, where)
            node = constrained(node, hint.keywords(node.schema))
        except TypeError as error:
            raise error if _STATED in str(error) else TypeError(f"{where}{_STATED}{error}") from None
        if hint.words:
            node = structs.replace(node, schema={**node.schema, **hint.words})
        return node.described(hint.description)

    def member(self, field: Member, where: str) -> tuple[Member, Node]:
        """Return a member with its node, and with the name and the default that its metadata gives.

        Raises:
            UsageError: JSON Schema cannot express it.
        """
        try:
            return self._member(field, where)
        except TypeError as error:
            raise UsageError(f"{error}.") from None

    def _member(self, field: Member, where: str) -> tuple[Member, Node]:
        if (simple := scalar(field.type)) is not None:
            return field, simple
        hint = read_hint(field.type)
        if hint.alias and not field.key:
            field = structs.replace(field, key=hint.alias)
        if hint.default is not MISSING and field.required:
            field = structs.replace(field, default=hint.default)
        return field, self.node(field.type, where)

    def finished(self, schema: JsonSchema) -> JsonSchema:
        """Return a schema of this walk with its definitions: those used once in their place, the others under `$defs`."""
        if not self._definitions:
            return schema
        uses = dict.fromkeys(self._definitions, 0)
        uses.update(Counter(used for each in (schema, *self._definitions.values()) for used in references(each)))
        inlined = {name for name, used in uses.items() if used == 1 and not reaches_itself(name, self._definitions)}
        kept = {
            name: self._resolve(schema, inlined)
            for name, schema in self._definitions.items()
            if name not in inlined and uses[name]
        }
        whole = self._resolve(schema, inlined)
        return {**whole, "$defs": kept} if kept else whole

    def _bare(self, tp: Any, where: str) -> Node:
        """Return the node of a type without what is said beside it."""
        origin, arguments = get_origin(tp), get_args(tp)
        kind = origin or tp
        if (node := scalar(tp)) is not None:
            return node
        if kind in {Any, object}:
            return any_node()
        if kind is Literal:
            return choice(arguments)
        if kind in {Union, types.UnionType}:
            return union_of([self.node(each, where) for each in arguments])
        if kind in _ARRAYS:
            items = self.node(arguments[0] if arguments else Any, f"{where}, its items")
            return array_of(items, _ARRAYS[kind], unique=kind in _UNIQUE)
        if kind is tuple:
            return self._tuple(arguments, where)
        if kind in _MAPPINGS:
            return self._mapping(arguments, where)
        return self._class(tp, kind, where)

    def _class(self, tp: Any, kind: Any, where: str) -> Node:
        if isinstance(tp, type) and issubclass(tp, enum.Enum):
            return enumeration(tp)
        if is_object_type(kind):
            return self._object(tp, where)
        if isinstance(tp, typing.TypeVar):
            raise TypeError(f"{tp} stands for any type: say which")
        raise TypeError(f"{_name(tp)} has no JSON Schema")

    def _tuple(self, arguments: tuple[Any, ...], where: str) -> Node:
        if not arguments:
            return array_of(any_node(), tuple)
        if len(arguments) == 2 and arguments[1] is ...:
            return array_of(self.node(arguments[0], f"{where}, its items"), tuple)
        return fixed_array([self.node(each, f"{where}, item {index}") for index, each in enumerate(arguments)])

    def _mapping(self, arguments: tuple[Any, ...], where: str) -> Node:
        key, value = arguments or (str, Any)
        if read_hint(key).type is not str:
            raise TypeError(f"the keys of a JSON object are strings, not {_name(key)}")
        return mapping_of(self.node(value, f"{where}, its values"))

    def _pydantic(self, adapter: Any) -> Node:
        node = pydantic_node(adapter)
        schema = dict(node.schema)
        theirs: dict[str, JsonSchema] = schema.pop("$defs", {})
        names = {
            name: self._new_name(name) for name, each in theirs.items() if self._definitions.get(name, each) != each
        }
        for name, each in theirs.items():
            self._definitions[names.get(name, name)] = renamed(each, names)
        return structs.replace(node, schema=renamed(schema, names))

    def _object(self, tp: Any, where: str) -> Node:
        name = self._names.get(tp)
        if name is None:
            name = self._names[tp] = self._new_name((get_origin(tp) or tp).__name__)
            origin = get_origin(tp) or tp
            given = dict(zip(getattr(origin, "__parameters__", ()), get_args(tp), strict=False))
            members = [
                self._member(_applied(field, given), f"{where}, its `{field.name}`" if where else f"`{field.name}`")
                for field in documented_fields(origin)
            ]
            tags = [field.name for field, _ in members if field.is_tag]
            node = object_node(members, partial(_make, origin, tags), description=doc_of(origin))
            self._definitions[name], self._loads[name] = node.schema, node.load

        def load(value: Any, at: str, problems: Mistakes) -> Any:
            return self._loads[name](value, at, problems)

        return Node({"$ref": REF + name}, load)

    def _new_name(self, wanted: str) -> str:
        name, number = wanted, 2
        while name in self._definitions or name in self._names.values():
            name, number = f"{wanted}{number}", number + 1
        return name

    def _resolve(self, schema: Any, inlined: set[str]) -> Any:
        if isinstance(schema, Mapping):
            reference = schema.get("$ref")
            if isinstance(reference, str) and (name := reference.removeprefix(REF)) in inlined:
                beside = {key: value for key, value in schema.items() if key != "$ref"}
                return self._resolve({**self._definitions[name], **beside}, inlined)
            return {key: self._resolve(value, inlined) for key, value in schema.items()}
        if isinstance(schema, list):
            return [self._resolve(each, inlined) for each in schema]
        return schema


_STATED: Final = " cannot be a tool's input or an answer: "
_UNIQUE: Final = frozenset({set, frozenset, collections.abc.Set, collections.abc.MutableSet})


def _make(tp: Any, tags: Sequence[str], made: Mapping[str, Any]) -> Any:
    return tp(**{name: value for name, value in made.items() if name not in tags})


def _name(tp: Any) -> str:
    return tp.__qualname__ if isinstance(tp, type) else str(tp)


def _applied(field: Member, given: Mapping[Any, Any]) -> Member:
    """Return a field of a generic class with the types that its variables stand for."""
    return structs.replace(field, type=_substituted(field.type, given)) if given else field


def _substituted(tp: Any, given: Mapping[Any, Any]) -> Any:
    if isinstance(tp, typing.TypeVar):
        return given.get(tp, tp)
    if parameters := getattr(tp, "__parameters__", ()):
        return tp[tuple(given.get(each, each) for each in parameters)]
    return tp
