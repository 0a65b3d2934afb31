"""Bodies that are read as they come: a file, or rows of JSON lines; sync and async.

Contract: a body is closed when it was read to its end, when reading it failed, and when its context is left.
"""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any, Generic, Protocol, Self, TypeVar

from keybearer.errors import KeybearerError, StreamTruncated, TransportError, UsageError
from keybearer.exchange.lease import OpenBody
from keybearer.shell.runtime import current_runtime
from keybearer.shell.targets import Target, writing
from keybearer.types.http import Headers
from keybearer.wire.response.json_lines import JSONLines

__all__ = ["AsyncDownload", "AsyncRows", "Download", "Rows"]

T = TypeVar("T")
"""What a row is."""


class ValueReader(Protocol):
    """Makes values of the bytes of a body."""

    count: int
    """How many it has given."""

    again: str
    """What to do when they do not all come, as a sentence."""

    def feed(self, chunk: bytes) -> Iterator[Any]:
        """Take a chunk, `b""` at the body's end, and give the values that it completes."""
        ...


class _Body:
    """What each kind of open body knows."""

    def __init__(self, opened: OpenBody) -> None:
        self._opened = opened
        self._body: Any = opened.body
        self._closed = False
        self._whole = False
        self._failure: BaseException | None = None
        self.headers: Headers = opened.headers

    @property
    def request_id(self) -> str | None:
        """The service's id of the request."""
        return self.headers.get("request-id")

    @property
    def is_closed(self) -> bool:
        """Whether it was read to its end, or closed."""
        return self._closed

    def _check_open(self) -> None:
        if self._closed:
            raise UsageError("This answer was read or closed already.")

    def __del__(self) -> None:
        if not getattr(self, "_closed", True):  # it may not have been made
            self._opened.abandon()


class _SyncBody(_Body):
    """A body that is read blocking."""

    def close(self) -> None:
        """Close the body; its connection is closed too unless it was read to its end."""
        if not self._closed:
            self._closed = True
            self._opened.release()
            self._opened.ended(self._failure, complete=self._whole)
            self._body.close()

    def _chunks(self) -> Iterator[bytes]:
        self._check_open()
        try:
            while chunk := self._body.read():
                yield chunk
                self._check_open()
            self._whole = True
        except BaseException as error:
            self._failure = error
            raise
        finally:
            self.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _AsyncBody(_Body):
    """A body that is awaited."""

    async def close(self) -> None:
        """Close the body; its connection is closed too unless it was read to its end."""
        if not self._closed:
            self._closed = True
            self._opened.release()
            self._opened.ended(self._failure, complete=self._whole)
            await self._body.close()

    aclose = close

    async def _chunks(self) -> AsyncIterator[bytes]:
        self._check_open()
        try:
            while chunk := await self._body.read():
                yield chunk
                self._check_open()
            self._whole = True
        except BaseException as error:
            self._failure = error
            raise
        finally:
            await self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


class Download(_SyncBody):
    """A file that the service sends: iterate over its bytes, read it whole, or write it to a path."""

    def __iter__(self) -> Iterator[bytes]:
        return self._chunks()

    def iter_bytes(self, chunk_size: int | None = None) -> Iterator[bytes]:
        """Give the file in pieces as they come, or in pieces of one size.

        Args:
            chunk_size: The size of each piece but the last, in bytes; None for as they come.

        Raises:
            UsageError: The size is less than one byte.
        """
        return self._chunks() if chunk_size is None else self._pieces(_Pieces(chunk_size))

    def _pieces(self, pieces: _Pieces) -> Iterator[bytes]:
        for chunk in self._chunks():
            yield from pieces.feed(chunk)
        yield from pieces.feed(b"")

    def read(self) -> bytes:
        """Read the whole file into memory."""
        return b"".join(self._chunks())

    def write_to_file(self, file: Target) -> None:
        """Write the file to a path, in place of what is there, or to a file object.

        Args:
            file: The path; or a file object that is open for writing bytes, which is left open.

        Raises:
            OSError: It cannot be written there.
            TransportError: It did not come whole; nothing is at the path that was not there before.
        """
        with self, writing(file) as part:
            for chunk in self._chunks():
                part.write(chunk)


class AsyncDownload(_AsyncBody):
    """A file that the service sends: iterate over its bytes, read it whole, or write it to a path."""

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._chunks()

    def iter_bytes(self, chunk_size: int | None = None) -> AsyncIterator[bytes]:
        """Give the file in pieces as they come, or in pieces of one size.

        Args:
            chunk_size: The size of each piece but the last, in bytes; None for as they come.

        Raises:
            UsageError: The size is less than one byte.
        """
        return self._chunks() if chunk_size is None else self._pieces(_Pieces(chunk_size))

    async def _pieces(self, pieces: _Pieces) -> AsyncIterator[bytes]:
        async for chunk in self._chunks():
            for piece in pieces.feed(chunk):
                yield piece
        for piece in pieces.feed(b""):
            yield piece

    async def read(self) -> bytes:
        """Read the whole file into memory."""
        return b"".join([chunk async for chunk in self._chunks()])

    async def write_to_file(self, file: Target) -> None:
        """Write the file to a path, in place of what is there, or to a file object.

        Args:
            file: The path; or a file object that is open for writing bytes, which is left open.

        Raises:
            OSError: It cannot be written there.
            TransportError: It did not come whole; nothing is at the path that was not there before.
        """
        runtime = current_runtime()
        async with self:
            with writing(file) as part:
                async for chunk in self._chunks():
                    await runtime.blocking(lambda chunk=chunk: part.write(chunk))  # type: ignore[misc]


class Rows(_SyncBody, Generic[T]):
    """Rows of JSON lines, as they come. Iterate over it once.

    Args:
        opened: The open body.
        item: Builds a row from its JSON.
        values: Makes values of the body's bytes; as JSON lines by default.
        at_end: Called with the number of rows when the body has ended; it raises where more were due.
        each: Called with each row before it is given.
    """

    def __init__(
        self,
        opened: OpenBody,
        item: Callable[[Any], T],
        values: ValueReader | None = None,
        at_end: Callable[[int], None] | None = None,
        each: Callable[[T], None] | None = None,
    ) -> None:
        super().__init__(opened)
        self._lines, self._item, self._at_end, self._each = values or JSONLines(), item, at_end, each
        self._rows = self._read()

    def __iter__(self) -> Iterator[T]:
        return self._rows

    def __next__(self) -> T:
        return next(self._rows)

    def _read(self) -> Iterator[T]:
        try:
            for chunk in itertools.chain(self._chunks(), (b"",)):
                for value in self._lines.feed(chunk):
                    row = self._item(value)
                    if self._each is not None:
                        self._each(row)
                    yield row
        except TransportError as error:
            raise _cut(error, self._lines) from error
        finally:
            self.close()
        if self._at_end is not None:
            self._at_end(self._lines.count)


class AsyncRows(_AsyncBody, Generic[T]):
    """Rows of JSON lines, as they come. Iterate over it once, with `async for`.

    Args:
        opened: The open body.
        item: Builds a row from its JSON.
        values: Makes values of the body's bytes; as JSON lines by default.
        at_end: Called with the number of rows when the body has ended; it raises where more were due.
        each: Called with each row before it is given.
    """

    def __init__(
        self,
        opened: OpenBody,
        item: Callable[[Any], T],
        values: ValueReader | None = None,
        at_end: Callable[[int], Awaitable[None]] | None = None,
        each: Callable[[T], Awaitable[None]] | None = None,
    ) -> None:
        super().__init__(opened)
        self._lines, self._item, self._at_end, self._each = values or JSONLines(), item, at_end, each
        self._rows = self._read()

    def __aiter__(self) -> AsyncIterator[T]:
        return self._rows

    async def __anext__(self) -> T:
        return await anext(self._rows)

    async def _read(self) -> AsyncIterator[T]:
        try:
            async for chunk in self._chunks():
                for value in self._lines.feed(chunk):
                    yield await self._row(value)
            for value in self._lines.feed(b""):
                yield await self._row(value)
        except TransportError as error:
            raise _cut(error, self._lines) from error
        finally:
            await self.close()
        if self._at_end is not None:
            await self._at_end(self._lines.count)

    async def _row(self, value: Any) -> T:
        row = self._item(value)
        if self._each is not None:
            await self._each(row)
        return row


def _cut(error: TransportError, lines: ValueReader) -> KeybearerError:
    """Return the error for rows that did not all come."""
    cut = StreamTruncated(
        f"The stream ended after {lines.count:,} values: {error.message}",
        hint=lines.again,
    )
    cut.events = lines.count
    return cut


class _Pieces:
    """Divides bytes as they come into pieces of one size.

    Args:
        size: The size of each piece but the last, in bytes.

    Raises:
        UsageError: It is no number of bytes.
    """

    def __init__(self, size: int) -> None:
        given: Any = size  # a caller need not keep to the types
        if isinstance(given, bool) or not isinstance(given, int) or given < 1:
            raise UsageError(f"chunk_size is {given!r}; it takes a number of bytes, 1 or more.")
        self._size, self._held = size, bytearray()

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Take a chunk, `b""` at the end, and give the pieces that it completes."""
        self._held += chunk
        while len(self._held) >= self._size or (self._held and not chunk):
            yield bytes(self._held[: self._size])
            del self._held[: self._size]
