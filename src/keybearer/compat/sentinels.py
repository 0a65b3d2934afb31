"""The official SDK's values for "not given", and what takes them out of a call's arguments."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from typing import Any, Final, Literal

__all__ = ["NOT_GIVEN", "NoneType", "NotGiven", "Omit", "not_given", "omit", "stripped", "without_sentinels"]

NoneType = type(None)


class _Sentinel:
    """A value that stands for the absence of one. It is false, and equal to itself alone."""

    def __bool__(self) -> Literal[False]:
        return False

    def __repr__(self) -> str:
        return type(self).__name__


class NotGiven(_Sentinel):
    """The type of `NOT_GIVEN`: an argument that was left out, where None would mean something."""

    def __repr__(self) -> str:
        return "NOT_GIVEN"


class Omit(_Sentinel):
    """The type of `omit`: a parameter, a field or a header that is not sent."""


NOT_GIVEN = not_given = NotGiven()
omit = Omit()


_CONTAINERS: Final = frozenset({dict, list, tuple})


def stripped(value: Any) -> Any:
    """Return a value without the sentinels in it, and with files as their data; the value itself where it has neither.

    Args:
        value: Anything; only plain mappings, lists and tuples are looked into.
    """
    kind = type(value)
    if kind not in _CONTAINERS or not _has_sentinel(value):
        return value
    if kind is dict:
        kept = {name: stripped(each) for name, each in value.items() if not isinstance(each, _Sentinel)}
        return {**kept, "data": _base64(kept["data"])} if kept.get("type") == "base64" and "data" in kept else kept
    return kind(stripped(each) for each in value if not isinstance(each, _Sentinel))


def _has_sentinel(container: Any) -> bool:
    for each in container.values() if type(container) is dict else container:
        kind = type(each)
        if kind is str:  # nearly every leaf of a conversation
            continue
        if kind in _CONTAINERS:
            if _has_sentinel(each):
                return True
        elif isinstance(each, _Sentinel | os.PathLike | io.IOBase):
            return True
    return False


def _base64(data: Any) -> Any:
    """Return the data of an image or a document as the SDK sends a path or an open file: its bytes, as base64."""
    content: Any
    if isinstance(data, os.PathLike):
        with open(data, "rb") as file:  # noqa: PTH123 - any path
            content = file.read()
    elif isinstance(data, io.IOBase):
        content = data.read()
    else:
        return data
    import base64

    return base64.b64encode(content.encode() if isinstance(content, str) else content).decode()


def without_sentinels(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return arguments by name without those that are a sentinel, and without the sentinels inside the others."""
    return {name: stripped(value) for name, value in given.items() if not isinstance(value, _Sentinel)}
