"""A Python type as a JSON Schema, and its values from what a model wrote."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar, cast, overload

from keybearer.errors import UsageError
from keybearer.schema.node import INVALID, JsonSchema, Mistake, Mistakes, Node
from keybearer.schema.walk import Walk

if TYPE_CHECKING:
    from collections.abc import Hashable

__all__ = ["Misfit", "Shape", "shape_of"]

T = TypeVar("T")


class Misfit(ValueError):  # noqa: N818 - what happened; callers make it an error of theirs
    """A value that does not fit its type.

    Attributes:
        problems: What is wrong with it, each with its path.
    """

    def __init__(self, problems: Mistakes) -> None:
        super().__init__("; ".join(str(problem) for problem in problems))
        self.problems: tuple[Mistake, ...] = tuple(problems)


class Shape(Generic[T]):
    """A type, with its JSON Schema.

    Attributes:
        schema: The JSON Schema, whole: with its constraints and descriptions.
    """

    def __init__(self, node: Node, schema: JsonSchema) -> None:
        self._node = node
        self.schema: Final = schema

    def load(self, value: Any) -> T:
        """Make a value of the type from JSON.

        Args:
            value: The JSON value, decoded.

        Raises:
            Misfit: It does not fit; every problem is named.
        """
        problems: Mistakes = []
        made: T = self._node.load(value, "", problems)
        if problems or made is INVALID:
            raise Misfit(problems)
        return made


@overload
def shape_of(tp: type[T]) -> Shape[T]: ...
@overload
def shape_of(tp: Any) -> Shape[Any]: ...
def shape_of(tp: Any) -> Shape[Any]:
    """Return the shape of a type.

    Raises:
        UsageError: JSON Schema cannot express it; the error says which part.
    """
    try:
        return _shape(cast("Hashable", tp), str(tp))
    except TypeError as error:
        if "unhashable" in str(error):
            return _shape.__wrapped__(tp, "")
        raise UsageError(str(error)) from None
    except NameError as error:
        raise UsageError(f"{tp}: {error}", hint="Annotations must name what the module can see.") from None


@lru_cache(maxsize=512)
def _shape(tp: Any, _text: str) -> Shape[Any]:  # to Python `int | str` and `str | int` are equal; their texts are not
    walk = Walk()
    name = tp.__name__ if isinstance(tp, type) else str(tp)
    node = walk.node(tp, name)
    return Shape(node, walk.finished(node.schema))
