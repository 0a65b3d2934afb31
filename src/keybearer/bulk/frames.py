"""What a job and its processes say to each other, over pipes: each value with its length before it.

What the job says is pickled, for the parameters of a request may be any objects. What a process says is MessagePack: its lines alone
are nearly all of it, and pickling them costs several times as much.
"""

from __future__ import annotations

import pickle
import struct
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from msgspec import Struct
from msgspec.msgpack import Decoder, Encoder

from keybearer.bulk.port import NewLine
from keybearer.bulk.relayed_log import LogLine

if TYPE_CHECKING:
    from keybearer.client.aio import AsyncClient

__all__ = ["DONE", "LENGTH", "STOP", "ChildSetup", "Said", "frame_of", "frame_of_said", "read_frame", "read_said"]

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
        log_level: The least level of what is logged that the job wants to know.
    """

    make_client: Callable[[], AsyncClient]
    concurrency: int
    folder: Path
    most_usd: Decimal | None
    log_level: int


class Said(Struct, frozen=True, kw_only=True, array_like=True):
    """What a process says.

    Attributes:
        lines: Rows with an answer, as they are written.
        failed: Results of rows without one, pickled.
        unsent: Keys of requests that it had, and has not sent.
        error: Why it can send none at all, pickled; empty while it can.
        last: Whether it says nothing more.
        logged: What it has logged.
    """

    lines: list[NewLine] = []
    failed: list[bytes] = []
    unsent: list[bytes] = []
    error: bytes = b""
    last: bool = False
    logged: list[LogLine] = []


read_said: Final = Decoder(Said).decode
"""Read what a process says; a `msgspec.MsgspecError` when it is something else."""

_encode: Final = Encoder().encode


def frame_of_said(said: Said) -> bytes:
    """Return what a process says as it is sent."""
    return _with_length(_encode(said))


def frame_of(value: Any) -> bytes:
    """Return a value as it is sent."""
    return _with_length(pickle.dumps(value))


def _with_length(data: bytes) -> bytes:
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
