"""Exceptions without the frames of an HTTP library, whose locals hold the headers of a request and so its credential."""

from __future__ import annotations

from typing import TypeVar

__all__ = ["without_frames"]

E = TypeVar("E", bound=BaseException)


def without_frames(error: E) -> E:
    """Return an exception that is on its way out of a transport (a cancellation, a signal's, Ctrl-C) with no frame of the library.

    Those that it was raised from, or while they were handled, lose theirs too.
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
