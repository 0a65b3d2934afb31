"""What a job and its processes say to each other, over pipes: each value is pickled, with its length before it."""

from __future__ import annotations

import pickle
import struct
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from msgspec import Struct

if TYPE_CHECKING:
    from keybearer.client.aio import AsyncClient

__all__ = ["DONE", "LENGTH", "STOP", "ChildSetup", "frame_of", "read_frame"]

LENGTH: Final = struct.Struct("!I")
"""What stands before each value: how many bytes it has."""


STOP: Final = "stop"
DONE: Final = "done"


class ChildSetup(Struct, frozen=True, kw_only=True):
    """What a process is made from.

    Attributes:
        make_client: Makes its client.
        concurrency: How many requests are under way at once.
        folder: The journal's folder.
        most_usd: The job's budget; None without one.
    """

    make_client: Callable[[], AsyncClient]
    concurrency: int
    folder: Path
    most_usd: Decimal | None


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
