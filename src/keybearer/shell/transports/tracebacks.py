"""Exceptions without the frames of an HTTP library, whose locals hold the headers of a request and so its credential."""

from __future__ import annotations

from typing import TypeVar

__all__ = ["without_frames"]

E = TypeVar("E", bound=BaseException)


def without_frames(error: E) -> E:
    """Return an exception that leaves a transport, such as a cancellation or Ctrl-C, without the library's frames.

    Its causes and contexts lose their frames too.
    """
    seen: set[int] = set()
    chain: list[BaseException | None] = [error]
    while chain:
        each = chain.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        each.__traceback__ = None
        chain += [each.__cause__, each.__context__]
    return error
