"""Values between a job and its processes, over pipes: each is pickled, with its length before it."""

from __future__ import annotations

import pickle
import struct
from typing import IO, Any, Final

__all__ = ["LENGTH", "frame_of", "read_frame"]

LENGTH: Final = struct.Struct("!I")
"""What stands before each value: how many bytes it has."""


def frame_of(value: Any) -> bytes:
    """Return a value as it is sent."""
    data = pickle.dumps(value)
    return LENGTH.pack(len(data)) + data


def read_frame(pipe: IO[bytes]) -> Any:
    """Return the next value.

    Raises:
        EOFError: The other process has ended, or was cut off within a value.
    """
    head = pipe.read(LENGTH.size)
    if len(head) < LENGTH.size:
        raise EOFError
    (size,) = LENGTH.unpack(head)
    data = pipe.read(size)
    if len(data) < size:
        raise EOFError
    return pickle.loads(data)  # noqa: S301 - by the job, over a pipe that nobody else has
