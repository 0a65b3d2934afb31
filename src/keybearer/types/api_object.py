"""`APIObject`: the base class of every value that the service sends.

Strategy: known fields are typed attributes. The JSON object that a value was built from is kept beside them, so no unknown field is
lost: it is in `extra`, can be read as an attribute, is shown by repr, returned by `to_param()`, and kept in copies and pickles.

Contract: values are frozen. To send a changed one, change its `to_param()`.

Limits: values are not checked against the annotations when they are built; a known field of an unexpected type is kept as it came. A
known field that is null or absent has its default, which is None where any other value would be invented.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal, Self, TypeGuard, TypeVar

import msgspec
from msgspec import Struct, StructMeta, structs

from keybearer.types.like_pydantic import OLDER_NAMES, LikePydantic, state_of

__all__ = ["APIObject", "Kind", "Unknown", "is_mapping", "loads", "source_of"]

if TYPE_CHECKING:
    # A type checker narrows a union by a field; at run time the tag is the decoder's, and the class has it for all.
    from typing import Literal as Kind
else:

    class Kind:
        """`Kind["x"]`: the constant type of an event."""

        def __class_getitem__(cls, tag: str) -> Any:
            return ClassVar[Literal[tag]]


_new: Final[Callable[..., Any]] = StructMeta.__call__  # a class's own call may be another one: see `changeable`


class APIObject(LikePydantic, frozen=True):
    """A value from the service: typed fields, and whatever else came with them."""

    _builders: ClassVar[Mapping[str, Callable[[Any], Any]]] = {}
    """Field name to the function that builds its value from decoded JSON; a field without one keeps its decoded JSON."""

    @classmethod
    def of(cls, source: dict[str, Any], **nested: Any) -> Self:
        """Build the value from its JSON object, just decoded.

        Args:
            source: The object as it came. It is kept, not copied: do not change it afterwards.
            **nested: Fields whose value is already built.
        """
        fields = {name: value for name in cls.__struct_fields__ if (value := source.get(name)) is not None}
        for name, build in cls._builders.items():
            if name in fields and name not in nested:
                fields[name] = build(fields[name])
        self: Self = _new(cls, **(fields | nested if nested else fields))
        state_of(self)["_source"] = source
        return self

    @classmethod
    def from_dict(cls, source: dict[str, Any]) -> Self:
        """Build the value from the result of `to_dict`, or from its decoded JSON object, which is kept: do not change it afterwards.

        Raises:
            TypeError: It is no dict.
            ValueError: A number in it is not finite, which JSON cannot represent.
        """
        _check_kind(source, dict, f"{cls.__name__}.from_dict takes a dict", f"{cls.__name__}.from_json takes JSON text")
        left: list[Any] = [source]
        while left:
            each = left.pop()
            if isinstance(each, float) and not math.isfinite(each):
                raise ValueError(f"a number of this {cls.__name__} is {each}, which JSON has no form for")
            left += each.values() if isinstance(each, dict) else each if isinstance(each, list) else ()
        return cls.of(source)

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Build the value from JSON text.

        Raises:
            TypeError: It is no text.
            ValueError: The text is not a JSON object.
        """
        _check_kind(
            text, str | bytes, f"{cls.__name__}.from_json takes JSON text", f"{cls.__name__}.from_dict takes a dict"
        )
        source = loads(text)
        if not isinstance(source, dict):
            raise ValueError(f"a {cls.__name__} is a JSON object, and this is a {type(source).__name__}")
        return cls.of(source)

    @property
    def extra(self) -> dict[str, Any]:
        """The fields that this version of keybearer does not know, as they came."""
        source = source_of(self)
        if not source:
            return {}
        known = {"type", *self.__struct_fields__}
        return {name: value for name, value in source.items() if name not in known}

    def to_dict(
        self,
        *,
        mode: Literal["json", "python"] = "python",
        use_api_names: bool = True,
        exclude_unset: bool = True,
        exclude_defaults: bool = False,
        exclude_none: bool = False,
        warnings: bool = True,
    ) -> dict[str, Any]:
        """Return the value as plain JSON types, with every field that came.

        The arguments are those of the official SDK's method of this name.

        Args:
            mode: Taken for the SDK's sake: the values are plain JSON types in each.
            use_api_names: Taken for the SDK's sake: no field has another name.
            exclude_unset: False adds the fields that did not come, at their defaults.
            exclude_defaults: Without those that are at their default.
            exclude_none: Without those that are None.
            warnings: Taken for the SDK's sake: there is nothing to warn of.
        """
        del mode, use_api_names, warnings
        if not exclude_unset or exclude_defaults or exclude_none:
            return self.model_dump(
                exclude_unset=exclude_unset, exclude_defaults=exclude_defaults, exclude_none=exclude_none
            )
        source = source_of(self)
        if source is not None:
            return dict(source)
        fields = {name: plain(value) for name in self.__struct_fields__ if (value := getattr(self, name)) is not None}
        # An event's type is not a field: the decoder reads it as a tag.
        return fields if "type" in fields or not hasattr(self, "type") else {"type": self.type} | fields

    def to_json(self, *, indent: int | None = None, **how: Any) -> str:
        """Return `to_dict` as JSON text: on one line, or with this many spaces a level.

        Args:
            indent: How many spaces a level is indented by; None for one line.
            **how: As of `to_dict`.
        """
        from keybearer.types.as_pydantic import json_text

        return json_text(self.to_dict(**how), indent)

    @classmethod
    def model_construct(cls, **fields: Any) -> Self:
        """Build the value from its fields by name, unchecked: what is no field is kept in `extra`."""
        return cls.of(plain(fields))

    construct = model_construct

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Return a copy, as pydantic's method of this name does.

        Args:
            update: The fields that are other than here.
            deep: Taken for pydantic's sake: a value is frozen, so its fields may be shared.
        """
        del deep
        return type(self).of({**self.to_dict(), **plain(dict(update or {}))})

    def to_param(self) -> dict[str, Any]:
        """Return the value for the next request: as plain JSON types, unchanged."""
        return self.to_dict()

    def __eq__(self, other: object) -> bool:
        # Unknown fields count too.
        if not isinstance(other, APIObject) or type(self) is not type(other):
            return NotImplemented
        return self._fields() == other._fields() and self.extra == other.extra

    __hash__ = Struct.__hash__

    # msgspec's own copies lack the private attributes, which has the JSON object.

    def __copy__(self) -> Self:
        value = structs.replace(self)
        state_of(value).update(state_of(self))
        return value

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        fields, state = copy.deepcopy((self._fields(), state_of(self)), memo)
        return _restored(type(self), fields, state)

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (type(self), self._fields(), dict(state_of(self)))

    def _fields(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__struct_fields__}

    if not TYPE_CHECKING:  # type checkers see the fields only; `extra` is the typed way to unknown ones

        def __getattr__(self, name: str) -> Any:
            # Only reached when the attribute is not a field.
            if not name.startswith("_"):
                source = source_of(self)
                if source and name in source:
                    return source[name]
                if name in OLDER_NAMES:
                    return getattr(self, OLDER_NAMES[name])
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        fields = [(name, getattr(self, name)) for name in self.__struct_fields__]
        return [(name, value) for name, value in fields if value is not None] + list(self.extra.items())

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self.__rich_repr__())})"


def source_of(value: APIObject) -> dict[str, Any] | None:
    """Return the JSON object that a value was built from, which must not be changed; None for a value that a caller made."""
    return value.came_as()


_M = TypeVar("_M", bound=APIObject)


def _restored(cls: type[_M], fields: dict[str, Any], state: dict[str, Any]) -> _M:
    """Build a copy from its fields and its private attributes."""
    value: _M = _new(cls, **fields)
    state_of(value).update(state)
    return value


class Unknown(APIObject, frozen=True):
    """A value of a type that this version does not know. Its fields are attributes, and are in `extra`.

    Two are equal when all their fields are, not only `type`.
    """

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Unknown) or type(self) is not type(other):
            return NotImplemented
        return self.to_dict() == other.to_dict()

    def __hash__(self) -> int:
        return hash((type(self), self.type))

    if TYPE_CHECKING:
        # Any text at run time. A type checker narrows a union by `type` only if it is a literal in every member.
        type: Literal["(unknown)"] = "(unknown)"

        def __getattr__(self, name: str) -> Any: ...

    else:
        type: str = ""


def is_mapping(value: Any) -> TypeGuard[Mapping[str, Any]]:
    """Return whether a value is a mapping. Nearly all are dicts, and checking that first costs a tenth of the check of `Mapping`."""
    return type(value) is dict or isinstance(value, Mapping)


def built(cls: type[APIObject]) -> Callable[[Any], Any]:
    """Return a function that builds a value of a class from a JSON object; anything but an object stays as it came."""
    return lambda value: cls.of(value) if isinstance(value, dict) else value


def plain(value: Any) -> Any:
    """Return a value with every `APIObject` inside it as plain JSON types."""
    if isinstance(value, APIObject):
        return value.to_dict()
    if isinstance(value, str):
        return str.__str__(value)  # of a `Timestamp`, the text
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return value


# ── JSON text ────────────────────────────────────────────────────────────────

# msgspec first. The standard library decodes what msgspec refuses: lone surrogates, and numbers outside a float's range. JSON allows
# them and services have sent them; a reply is not lost over one.

_decode = msgspec.json.Decoder().decode


def _check_kind(given: object, kind: Any, takes: str, other: str) -> None:
    if not isinstance(given, kind):
        raise TypeError(f"{takes}, and this is a {type(given).__name__}; {other}")


def loads(data: bytes | str) -> Any:
    """Decode JSON.

    Raises:
        ValueError: When it is not JSON, or not UTF-8.
    """
    try:
        return _decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        from keybearer.types.odd_json import loads_odd

        return loads_odd(data, error)
    except RecursionError:
        raise ValueError("nested too deeply") from None
