"""Values whose attributes can be set, and whose classes take what came: as the official SDK's models, for `keybearer.compat`.

keybearer's own values are frozen. Programs for the SDK edit an answer before they send it back (`block.text = ...`), make one of its
JSON (`Message(**loaded)`), give the tag of a class that has it anyway (`TextDelta(type="text_delta", ...)`), and iterate over fields.

Contract: after `make_changeable()` all of that works, for every value of this process. A change shows in everything that is made of
the value, and in what is made of the values that hold it. Nothing that worked before stops to work.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import StructMeta, structs

from keybearer.types.api_object import APIObject, plain, source_of
from keybearer.types.as_pydantic import held_fields
from keybearer.types.like_pydantic import ValueType, state_of

__all__ = ["make_changeable"]


def make_changeable() -> None:
    """Make all values changeable; a second time does nothing."""
    of_classes: Any = ValueType
    of_values: Any = APIObject
    of_classes.__call__, of_classes.__init__ = _make, _made_class
    of_values.__setattr__, of_values.__iter__, of_values.came_as = _set, _pairs, _came_as


def _made_class(cls: Any, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **options: Any) -> None:
    # msgspec gives each frozen class a `__setattr__` of its own that refuses.
    del options  # msgspec's, which its `__new__` has read
    type.__init__(cls, name, bases, namespace)
    if issubclass(cls, APIObject):
        type.__setattr__(cls, "__setattr__", _set)


def _make(cls: Any, *args: Any, **given: Any) -> Any:
    """Build a value from its fields: unknown ones are kept, plain JSON becomes values, and a tag that the class has may be given."""
    names = cls.__struct_fields__
    if "type" in given and "type" not in names and given["type"] == getattr(cls, "type", None):
        del given["type"]
    raw = {name for name in cls._builders if _is_raw(given.get(name))}
    if args or not (raw or given.keys() - set(names)) or not issubclass(cls, APIObject):
        return StructMeta.__call__(cls, *args, **given)
    source = {name: _shared(value) for name, value in given.items()}
    held = {name: value for name, value in given.items() if name in names and name not in raw and value is not None}
    held |= {name: cls._builders[name](source[name]) for name in raw}
    value = StructMeta.__call__(cls, **held)
    state_of(value)["_source"] = source
    return value


def _is_raw(value: Any) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and any(isinstance(each, dict) for each in value))


def _set(self: Any, name: str, value: Any) -> None:
    """Set an attribute: a field, a field that this version does not know, or a private attribute."""
    if name in self.__struct_fields__:
        structs.force_setattr(self, name, value)
    elif name.startswith("_"):
        state_of(self)[name] = value
        return
    elif isinstance(getattr(type(self), name, None), property):
        raise AttributeError(f"{name!r} of a {type(self).__name__} is made of its fields, and cannot be set")
    source = _own_source(self) if name not in self.__struct_fields__ else source_of(self)
    if source is not None:
        source[name] = _shared(value)
    state_of(self).get("_made", {}).pop(name, None)  # of a record: what was made of the JSON before


def _came_as(self: APIObject) -> dict[str, Any] | None:
    """Return the JSON object of a value, with what was done to its lists of values (`message.content.append(block)`)."""
    source: dict[str, Any] | None = state_of(self).get("_source")
    for name in self._builders if source is not None else ():
        held = getattr(self, name)
        if source and isinstance(held, list) and not _is_of(held, source.get(name) or []):
            source[name] = _shared(held)
    return source


def _is_of(held: list[Any], came: Any) -> bool:
    """Whether a list of values is still what was made of a list of JSON."""
    if not isinstance(came, list) or len(held) != len(came):
        return False
    own = (state_of(each).get("_source") if isinstance(each, APIObject) else each for each in held)
    return all(each is one or not isinstance(one, dict) or each == one for each, one in zip(own, came, strict=True))


def _shared(value: Any) -> Any:
    """Return a value as plain JSON, in which a later change of the value shows."""
    if isinstance(value, APIObject):
        return _own_source(value)
    if isinstance(value, (list, tuple)):
        return [_shared(each) for each in value]
    shown = plain(value)
    return value if shown == value else shown


def _own_source(value: APIObject) -> dict[str, Any]:
    """Return the JSON object that a value was built from; one that a caller made gets one now."""
    source: dict[str, Any] = state_of(value).setdefault("_source", None) or value.to_dict()
    state_of(value)["_source"] = source
    return source


def _pairs(self: APIObject) -> Iterator[tuple[str, Any]]:
    """Give the names and values of the fields, as pydantic's models do."""
    yield from held_fields(self).items()
