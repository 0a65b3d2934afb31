"""What programs call of pydantic's models, on the values that the service sends: dumps, fields, a schema.

Strategy: a value is a msgspec Struct, and pydantic is not needed. `as_pydantic` has what these methods do.

Contract: beside its fields a value keeps private attributes, such as the JSON object that it was built from: `state_of`. Its
`__dict__` is what pydantic's would be, the fields, so that `vars(value)` shows no private attribute.

Source: `BaseModel` of pydantic 2.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal, Self

from msgspec import Struct, StructMeta

if TYPE_CHECKING:
    from keybearer.types.as_pydantic import FieldInfo, Fields

__all__ = ["OLDER_NAMES", "LikePydantic", "ValueType", "state_of"]

OLDER_NAMES: Final = {"dict": "model_dump", "json": "model_dump_json", "copy": "model_copy"}
"""Methods under the names that pydantic had for them, which programs still use: found where no field of the object has the name."""


class ValueType(StructMeta):
    """The class of the classes of values."""

    @property
    def model_fields(cls) -> dict[str, FieldInfo]:  # noqa: N805 - of a class of classes
        """The fields by name, as pydantic's models have them; `message.model_fields` of a value is the same."""
        from keybearer.types.as_pydantic import fields_of

        return fields_of(cls)


class _Stateful(Struct, frozen=True, dict=True, metaclass=ValueType):
    """A Struct with private attributes."""


state_of: Final[Callable[[Any], dict[str, Any]]] = vars(_Stateful)["__dict__"].__get__
"""Return the private attributes of a value, which may be changed."""


class LikePydantic(_Stateful, frozen=True):
    """A value that is dumped and described as pydantic's models are."""

    if TYPE_CHECKING:  # of `APIObject`, the only class below

        @property
        def extra(self) -> dict[str, Any]: ...  # noqa: D102
        @classmethod
        def from_dict(cls, source: dict[str, Any]) -> Self: ...  # noqa: D102
        @classmethod
        def from_json(cls, text: str | bytes) -> Self: ...  # noqa: D102
        def to_dict(self) -> dict[str, Any]: ...  # noqa: D102

    model_config: ClassVar[Mapping[str, Any]] = {"extra": "allow", "frozen": True}
    """pydantic's settings: what they would be of these values."""

    def model_dump(
        self,
        *,
        mode: Literal["json", "python"] | str = "python",
        include: Fields = None,
        exclude: Fields = None,
        by_alias: bool | None = None,
        exclude_unset: bool = False,
        exclude_defaults: bool = False,
        exclude_none: bool = False,
        warnings: bool | Literal["none", "warn", "error"] = True,
        round_trip: bool = False,
        serialize_as_any: bool = False,
    ) -> dict[str, Any]:
        """Return the value as pydantic's method of this name does: with the fields that did not come, at their defaults.

        Args:
            mode: Taken for pydantic's sake: the values are plain JSON types in each.
            include: Only these fields: a set of names, or a mapping of names to True or to which of the field's own.
            exclude: Without these fields, as in `include`.
            by_alias: Taken for pydantic's sake: no field has another name.
            exclude_unset: Without the fields that did not come.
            exclude_defaults: Without those that are at their default.
            exclude_none: Without those that are None.
            warnings: Taken for pydantic's sake: there is nothing to warn of.
            round_trip: Taken for pydantic's sake: `model_validate` always takes it back.
            serialize_as_any: Taken for pydantic's sake: every value is dumped by its own class.
        """
        from keybearer.types.as_pydantic import chosen, dumped

        del mode, by_alias, warnings, round_trip, serialize_as_any
        shown: dict[str, Any] = dumped(
            self, unset=not exclude_unset, defaults=not exclude_defaults, none=not exclude_none
        )
        if include is not None:
            shown = chosen(shown, include, listed=True)
        if exclude is not None:
            shown = chosen(shown, exclude, listed=False)
        return shown

    def model_dump_json(self, *, indent: int | None = None, **how: Any) -> str:
        """Return `model_dump` as JSON text.

        Args:
            indent: How many spaces a level is indented by; None for one line.
            **how: As of `model_dump`.
        """
        from keybearer.types.as_pydantic import json_text

        return json_text(self.model_dump(**how), indent)

    @classmethod
    def model_validate(cls, value: Any) -> Self:
        """Build the value from what `model_dump` gave, as pydantic's method of this name does; a value of the class is returned.

        Raises:
            ValueError: It is neither, its `type` is that of another class, or a number in it is not finite.
        """
        if isinstance(value, cls):
            return value
        if not isinstance(value, dict):
            raise ValueError(f"it is of type {type(value).__name__}; it takes a {cls.__name__} or its to_dict()")
        from keybearer.types.as_pydantic import tags_of

        if (tags := tags_of(cls)) and value.get("type", tags[0]) not in tags:
            raise ValueError(
                f"its type is {str(value['type'])[:80]!r}, and that of a {cls.__name__} is {' or '.join(tags)}"
            )
        return cls.from_dict(value)

    @classmethod
    def model_validate_json(cls, text: str | bytes) -> Self:
        """Build the value from JSON text: pydantic's name of `from_json`."""
        return cls.from_json(text)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        # Only pydantic calls this: a value may be a field of its models.
        from keybearer.types.as_pydantic import schema_for_pydantic

        del source, handler
        return schema_for_pydantic(cls)

    @classmethod
    def __get_pydantic_json_schema__(cls, core: Any, handler: Any) -> dict[str, Any]:
        # Only pydantic calls this: for the schema of a model that has a value as a field.
        del core, handler
        return cls.model_json_schema()

    @classmethod
    def model_json_schema(cls) -> dict[str, Any]:
        """Return the JSON Schema of the values, whose objects may have other fields too."""
        from keybearer.types.as_pydantic import schema_of

        return schema_of(cls)

    @property
    def model_fields(self) -> dict[str, FieldInfo]:
        """The fields by name, as pydantic's models have them."""
        from keybearer.types.as_pydantic import fields_of

        return fields_of(type(self))

    def came_as(self) -> dict[str, Any] | None:
        """Return the JSON object that it was built from, which must not be changed; None for a value that a caller made."""
        return state_of(self).get("_source")

    @property
    def model_extra(self) -> dict[str, Any]:
        """Pydantic's name of `extra`."""
        return self.extra

    @property
    def __dict__(self) -> dict[str, Any]:  # type: ignore[override] # the private attributes are in `state_of`
        from keybearer.types.as_pydantic import held_fields

        return held_fields(self)

    @property
    def model_fields_set(self) -> set[str]:
        """The names of the fields that came; of a value that a caller made, of those that are not None."""
        return set(self.to_dict())
