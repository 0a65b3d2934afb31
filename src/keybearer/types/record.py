"""`Record`: an object of the API that has no class of its own here.

Strategy: it keeps the JSON object as it came and makes a nested object a record when it is asked for, once. What nobody reads costs
nothing, however large the reply.

Contract: every field is an attribute (`session.agent.id`) and an item (`session["agent"]`), under the name that the service gives it.
A field that did not come raises an AttributeError or a KeyError with the nearest name. A record has a mapping's methods, for the
objects whose keys are the caller's own (`session.metadata.items()`); a field with the name of a method is an item only. A time
(`..._at`) is a `Timestamp`.
"""

from __future__ import annotations

import copy
from collections.abc import ItemsView, Iterator, KeysView, Mapping, ValuesView
from typing import TYPE_CHECKING, Any, Self

from keybearer.errors.nearest import nearest
from keybearer.errors.sanitize import sanitize
from keybearer.types.answer import Answer
from keybearer.types.api_object import source_of
from keybearer.types.like_pydantic import state_of
from keybearer.types.timestamp import timestamp

__all__ = ["Record", "record_of"]


class Record(Answer, frozen=True):
    """An object of the API, with every field that came.

    Example:
        >>> session = Record.of({"id": "sesn_1", "agent": {"id": "agent_1", "tools": [{"type": "bash"}]}})
        >>> session.agent.id, session.agent.tools[0].type, session["agent"]["id"]
        ('agent_1', 'bash', 'agent_1')
    """

    def _all(self) -> dict[str, Any]:
        return source_of(self) or {}

    @property
    def extra(self) -> dict[str, Any]:
        """The fields but for `type`: none of them is known to this version; objects are records."""
        return {name: self._read(name) for name in self._all() if name != "type"}

    def _read(self, name: str) -> Any:
        """Return a field; raise KeyError when it did not come."""
        made = state_of(self).setdefault("_made", {})
        if name in made:
            return made[name]
        value = self._all()[name]
        if isinstance(value, dict | list):
            value = made[name] = record_of(value)
        return timestamp(value) if name.endswith("_at") else value

    def __getitem__(self, name: str) -> Any:
        try:
            return self._read(name)
        except KeyError:
            pass
        raise KeyError(self._missing(name))

    def _missing(self, name: str) -> str:
        near = nearest(str(name), self._all())
        meant = (
            f"; did you mean {sanitize(near, 80)!r}?"
            if near
            else f"; it has {sanitize(', '.join(self._all()), 200) or 'none'}"
        )
        return f"this record has no field {name!r}{meant}"

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def __contains__(self, name: object) -> bool:
        return name in self._all()

    def __bool__(self) -> bool:
        return True  # an object that came is something, also without a field

    def get(self, name: str, default: Any = None) -> Any:
        """Return a field, or the default when it did not come."""
        return self._read(name) if name in self._all() else default

    def keys(self) -> KeysView[str]:
        """Return the names of the fields."""
        return self._all().keys()

    def values(self) -> ValuesView[Any]:
        """Return the values of the fields."""
        return {name: self._read(name) for name in self._all()}.values()

    def items(self) -> ItemsView[str, Any]:
        """Return the names and values of the fields."""
        return {name: self._read(name) for name in self._all()}.items()

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Record):
            return self._all() == other._all()
        return self._all() == other if isinstance(other, Mapping) else NotImplemented

    def __hash__(self) -> int:
        return hash((type(self), *sorted(self._all())))

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *(name for name in self._all() if name.isidentifier())})

    # Neither copies nor pickles take what was made of it along.

    def __copy__(self) -> Self:
        return type(self).of(self._all())

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return type(self).of(copy.deepcopy(self._all(), memo))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self).of, (self._all(),)

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return list(self._all().items())

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...

    else:

        def __getattr__(self, name: str) -> Any:
            if not name.startswith("__"):
                try:
                    return self._read(name)
                except KeyError:
                    pass
            raise AttributeError(self._missing(name))


def record_of(value: Any) -> Any:
    """Return decoded JSON with every object in it as a record."""
    if isinstance(value, dict):
        return Record.of(value)
    return [record_of(each) for each in value] if isinstance(value, list) else value
