"""An answer with the HTTP reply that brought it, as the official SDK's `with_raw_response` gives it.

Strategy: a file is read as it comes; any other answer came whole. The events of a stream are read from `parse()`, or as the lines of
the event stream, which are written anew from the events: each has all its fields, and no comment of the service's.

Source: `_response.py` of the `anthropic` wheel.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from typing import Any, TypeAlias

from keybearer.compat.response_bodies import Lines, Parsed, sse_bytes
from keybearer.errors import UsageError
from keybearer.shell.downloads import AsyncDownload, Download
from keybearer.shell.recording import AsyncReplyKeeper, ReplyKeeper
from keybearer.shell.streams import AsyncRawStream, RawStream
from keybearer.types.api_object import APIObject, loads
from keybearer.types.http import Headers
from keybearer.types.seen import ReceivedResponse, SentRequest

__all__ = ["APIResponse", "AsyncAPIResponse", "Keeper"]

Keeper: TypeAlias = ReplyKeeper | AsyncReplyKeeper


class _Response:
    """What an answer's reply says, however one waits.

    Attributes:
        status_code: The reply's HTTP status; 0 where none came.
        headers: The reply's headers.
        retries_taken: How often the request was sent again.
    """

    def __init__(self, answer: Any, keeper: Keeper, *, context: bool = False) -> None:
        reply = keeper.reply
        self._answer, self._keeper = answer, keeper
        self._open = context or callable(getattr(answer, "close", None))
        self.status_code: int = reply.status if reply is not None else 0
        self.headers: Headers = reply.headers if reply is not None else Headers(())
        self.retries_taken: int = max(0, keeper.sent - 1)

    @property
    def request_id(self) -> str | None:
        """The service's id of the request."""
        return self.headers.get("request-id")

    @property
    def http_request(self) -> SentRequest:
        """The request that was answered, without its credential."""
        request = self._keeper.request
        if request is None:
            raise UsageError("This answer came without a request.")
        return request

    @property
    def http_response(self) -> ReceivedResponse:
        """The reply, with its body where that came whole."""
        reply = self._keeper.reply
        if reply is None:
            raise UsageError("This answer came without a reply.")
        return ReceivedResponse(reply.status, reply.headers, reply.body, self.http_request)

    @property
    def url(self) -> str:
        """Where the request went."""
        return self.http_request.url

    @property
    def method(self) -> str:
        """The request's HTTP method."""
        return self.http_request.method

    @property
    def is_closed(self) -> bool:
        """Whether nothing is left to read or to close."""
        return not self._open

    def _whole(self) -> bytes:
        body: bytes = self._keeper.reply.body if self._keeper.reply is not None else b""
        if body:
            return body
        if isinstance(self._answer, APIObject):
            return self._answer.to_json().encode()  # it was streamed underneath
        raise UsageError(
            f"The body of a {type(self._answer).__name__} is not read as lines or bytes.",
            hint="Iterate over response.parse().",
        )

    def _parsed(self, to: Any) -> Any:
        if to is None:
            return self._answer
        value = loads(self._whole())
        if not isinstance(to, type) or not hasattr(to, "model_validate"):
            raise UsageError(f"parse(to={to!r}) takes a class of this module's types, or a pydantic model.")
        return to.model_validate(value)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.status_code}, {type(self._answer).__name__}, request_id={self.request_id!r}>"


class APIResponse(_Response):
    """An answer with its reply: its headers, its body, and what it is parsed to."""

    def close(self) -> None:
        """Close what is still open."""
        self._open = False
        if callable(close := getattr(self._answer, "close", None)):
            close()

    def parse(self, *, to: Any = None) -> Any:
        """Return the answer, as the method gives it.

        Args:
            to: A class to build from the body in its place: one of keybearer's types, or a pydantic model.
        """
        return self._parsed(to)

    def read(self) -> bytes:
        """Return the whole body."""
        if isinstance(self._answer, RawStream):
            return b"".join(self.iter_bytes())
        return self._answer.read() if isinstance(self._answer, Download) else self._whole()

    def text(self) -> str:
        """Return the whole body as text."""
        return self.read().decode()

    def json(self) -> Any:
        """Return the whole body, decoded."""
        return loads(self.read())

    def iter_bytes(self, chunk_size: int | None = None) -> Iterator[bytes]:
        """Give the body in pieces."""
        if isinstance(self._answer, Download):
            yield from self._answer.iter_bytes(chunk_size)
        elif isinstance(self._answer, RawStream):
            yield from map(sse_bytes, self._answer)
        else:
            yield self._whole()

    def iter_text(self, chunk_size: int | None = None) -> Iterator[str]:
        """Give the body in pieces of text."""
        import codecs

        decode = codecs.getincrementaldecoder("utf-8")().decode
        yield from filter(None, map(decode, self.iter_bytes(chunk_size)))

    def iter_lines(self) -> Iterator[str]:
        """Give the body line by line."""
        lines = Lines()
        for piece in self.iter_bytes():
            yield from lines.feed(piece)
        yield from lines.end()

    def write_to_file(self, file: str | os.PathLike[str]) -> None:
        """Write a file that is downloaded to a path.

        Raises:
            UsageError: The answer is no file.
        """
        if not isinstance(self._answer, Download):
            raise UsageError(f"A {type(self._answer).__name__} is no file.", hint="Write response.read() to one.")
        self._answer.write_to_file(file)

    stream_to_file = write_to_file


class AsyncAPIResponse(_Response):
    """An answer with its reply: its headers, its body, and what it is parsed to; awaited."""

    async def close(self) -> None:
        """Close what is still open."""
        self._open = False
        if callable(close := getattr(self._answer, "close", None)):
            await close()

    def parse(self, *, to: Any = None) -> Any:
        """Return the answer, as the method gives it. It may be awaited, as in the SDK, and need not, as in the SDK before 1.0.

        Args:
            to: A class to build from the body in its place: one of keybearer's types, or a pydantic model.
        """
        return Parsed(self._parsed(to))

    async def read(self) -> bytes:
        """Return the whole body."""
        if isinstance(self._answer, AsyncRawStream):
            return b"".join([piece async for piece in self.iter_bytes()])
        return await self._answer.read() if isinstance(self._answer, AsyncDownload) else self._whole()

    async def text(self) -> str:
        """Return the whole body as text."""
        return (await self.read()).decode()

    async def json(self) -> Any:
        """Return the whole body, decoded."""
        return loads(await self.read())

    async def iter_bytes(self, chunk_size: int | None = None) -> AsyncIterator[bytes]:
        """Give the body in pieces."""
        if isinstance(self._answer, AsyncDownload):
            async for piece in self._answer.iter_bytes(chunk_size):
                yield piece
        elif isinstance(self._answer, AsyncRawStream):
            async for event in self._answer:
                yield sse_bytes(event)
        else:
            yield self._whole()

    async def iter_text(self, chunk_size: int | None = None) -> AsyncIterator[str]:
        """Give the body in pieces of text."""
        import codecs

        decode = codecs.getincrementaldecoder("utf-8")().decode
        async for piece in self.iter_bytes(chunk_size):
            if text := decode(piece):
                yield text

    async def iter_lines(self) -> AsyncIterator[str]:
        """Give the body line by line."""
        lines = Lines()
        async for piece in self.iter_bytes():
            for line in lines.feed(piece):
                yield line
        for line in lines.end():
            yield line

    async def write_to_file(self, file: str | os.PathLike[str]) -> None:
        """Write a file that is downloaded to a path.

        Raises:
            UsageError: The answer is no file.
        """
        if not isinstance(self._answer, AsyncDownload):
            raise UsageError(f"A {type(self._answer).__name__} is no file.", hint="Write await response.read() to one.")
        await self._answer.write_to_file(file)

    stream_to_file = write_to_file
