"""A whole stream read by `StreamReader`, in either of its ways and in pieces of any size."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

from keybearer.types.messages import Message
from keybearer.wire.response.reader import StreamReader
from support.sse import START, STOP, block_start, block_stop, message_delta

Read = Callable[[StreamReader, bytes], Iterable[Any]]

HELPERS: Read = StreamReader.feed
RAW: Read = StreamReader.feed_raw
WAYS = pytest.mark.parametrize("read", [HELPERS, RAW], ids=["with helpers", "raw"])

TEXT = [START, block_start(0, type="text", text="")]
END = [block_stop(0), message_delta("end_turn"), STOP]


def pieces(data: bytes, size: int | None) -> Iterator[bytes]:
    """Cut bytes into pieces."""
    step = size or len(data) or 1
    yield from (data[at : at + step] for at in range(0, len(data), step))


def read_all(data: bytes, read: Read = HELPERS, size: int | None = None, **options: Any) -> StreamReader:
    """Read a whole stream."""
    reader = StreamReader(**options)
    for piece in pieces(data, size):
        for _ in read(reader, piece):
            pass
    reader.close()
    return reader


def message_of(data: bytes, read: Read = HELPERS, size: int | None = None, **options: Any) -> Message:
    """Read a whole stream and return its message."""
    message = read_all(data, read, size, **options).message
    assert message is not None
    return message
