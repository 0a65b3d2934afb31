"""What the body of an answer is given as: lines, the bytes of an event stream, and an answer that may be awaited."""

from __future__ import annotations

from collections.abc import AsyncIterator, Generator, Iterator
from typing import Any

from keybearer.types.api_object import APIObject

__all__ = ["Lines", "Parsed", "sse_bytes"]


def sse_bytes(event: APIObject) -> bytes:
    """Return an event as an event stream has it."""
    return f"event: {event.type}\ndata: {event.to_json()}\n\n".encode()  # type: ignore[attr-defined] # each event has one


class Parsed:
    """An answer that may be awaited, and need not: the SDK's awaited `parse()` was not awaited before its 1.0.

    Args:
        answer: What an attribute is read from, and `isinstance` asks for.
    """

    def __init__(self, answer: Any) -> None:
        self._answer = answer

    def __await__(self) -> Generator[Any, Any, Any]:
        yield from ()  # nothing is waited for
        return self._answer

    @property  # type: ignore[misc] # it is only read
    def __class__(self) -> Any:  # what `isinstance` asks for
        return type(self._answer)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._answer, name)

    def __aiter__(self) -> AsyncIterator[Any]:
        return self._answer.__aiter__()  # type: ignore[no-any-return] # of a page or a stream

    def __repr__(self) -> str:
        return repr(self._answer)


class Lines:
    """Divides bytes as they come into lines of text."""

    def __init__(self) -> None:
        self._left = b""

    def feed(self, piece: bytes) -> Iterator[str]:
        """Take a piece, and give the lines that it completes."""
        *lines, self._left = (self._left + piece).split(b"\n")
        return (line.decode() for line in lines)

    def end(self) -> Iterator[str]:
        """Give the last line, where it has no line end."""
        if self._left:
            yield self._left.decode()
