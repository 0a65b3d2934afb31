"""What is worked out when it is first read, and kept: a property, and a mapping."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, Generic, TypeVar, overload

__all__ = ["MadeOnDemand", "once"]

Key = TypeVar("Key")
Value = TypeVar("Value")


class once(Generic[Value]):  # noqa: N801  # used as `functools.cached_property` is
    """A property that is worked out once: `functools.cached_property` without the lock that it takes before Python 3.12.

    Two threads may both work it out. Every value here is the same whoever does.
    """

    def __init__(self, make: Callable[[Any], Value]) -> None:
        self._make: Final = make
        self.__doc__ = make.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, instance: None, owner: type | None = None) -> once[Value]: ...

    @overload
    def __get__(self, instance: object, owner: type | None = None) -> Value: ...

    def __get__(self, instance: object | None, owner: type | None = None) -> once[Value] | Value:
        if instance is None:
            return self
        value = instance.__dict__[self._name] = self._make(instance)
        return value


class MadeOnDemand(Mapping[Key, Value]):
    """A mapping that is made when it is first read, as few are.

    Args:
        make: Makes it.
    """

    def __init__(self, make: Callable[[], Mapping[Key, Value]]) -> None:
        self._make = make

    @once
    def _made(self) -> Mapping[Key, Value]:
        return self._make()

    def __getitem__(self, key: Key) -> Value:
        return self._made[key]

    def __iter__(self) -> Iterator[Key]:
        return iter(self._made)

    def __len__(self) -> int:
        return len(self._made)
