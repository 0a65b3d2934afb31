"""`with_streaming_response`: a method's answer as a context, whose body can be read as bytes, text or lines.

Strategy: the method is called on a resource that keeps the reply, as `with_raw_response` does. A file is read as it comes; any other
answer came whole. The events of a stream are read from `parse()`.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, Self

from keybearer.client.resources.raw import AsyncResourceBase, RawResponse
from keybearer.errors import UsageError
from keybearer.shell.downloads import AsyncDownload, Download
from keybearer.types.api_object import APIObject, loads

__all__ = ["AsyncStreamedResponse", "StreamedMethods", "StreamedResponse"]


class StreamedMethods:
    """The methods of a resource, each giving a context of its answer.

    Args:
        kept: Makes the resource anew, with what keeps the reply.
    """

    def __init__(self, kept: Callable[[], tuple[Any, Any]]) -> None:
        self._kept = kept

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")
        resource, keeper = self._kept()
        method = getattr(resource, name)
        if not callable(method):
            return method.with_streaming_response  # a resource below this one
        cls = AsyncStreamedResponse if isinstance(resource, AsyncResourceBase) else StreamedResponse
        return lambda *args, **given: cls(lambda: method(*args, **given), keeper)


class _Streamed:
    """An answer, with the reply that brought it."""

    def __init__(self, call: Callable[[], Any], keeper: Any) -> None:
        self._call, self._keeper = call, keeper
        self._answer: Any = None
        self._raw: RawResponse[Any] = RawResponse(None, None)

    def _came(self, answer: Any) -> None:
        self._answer, self._raw = answer, RawResponse(answer, self._keeper.reply)

    def __getattr__(self, name: str) -> Any:
        if name in {"headers", "status_code", "request_id"}:
            return getattr(self._raw, name)
        raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")

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


class StreamedResponse(_Streamed):
    """An answer as a context: its headers, its body, and what it is parsed to."""

    def __enter__(self) -> Self:
        self._came(self._call())
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close what is still open."""
        if callable(close := getattr(self._answer, "close", None)):
            close()

    def parse(self) -> Any:
        """Return the answer, as the method gives it."""
        return self._answer

    def read(self) -> bytes:
        """Return the whole body."""
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
        else:
            yield self._whole()

    def iter_text(self, chunk_size: int | None = None) -> Iterator[str]:
        """Give the body in pieces of text."""
        import codecs

        decode = codecs.getincrementaldecoder("utf-8")().decode
        yield from filter(None, map(decode, self.iter_bytes(chunk_size)))

    def iter_lines(self) -> Iterator[str]:
        """Give the body line by line."""
        left = ""
        for text in self.iter_text():
            *lines, left = (left + text).split("\n")
            yield from lines
        if left:
            yield left

    def stream_to_file(self, file: str | os.PathLike[str]) -> None:
        """Write a file that is downloaded to a path.

        Raises:
            UsageError: The answer is no file.
        """
        if not isinstance(self._answer, Download):
            raise UsageError(f"A {type(self._answer).__name__} is no file.", hint="Write response.read() to one.")
        self._answer.write_to_file(file)


class AsyncStreamedResponse(_Streamed):
    """An answer as a context: its headers, its body, and what it is parsed to; awaited."""

    async def __aenter__(self) -> Self:
        answer = self._call()
        self._came(await answer if inspect.isawaitable(answer) else answer)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close what is still open."""
        if callable(close := getattr(self._answer, "close", None)):
            await close()

    async def parse(self) -> Any:
        """Return the answer, as the method gives it."""
        return self._answer

    async def read(self) -> bytes:
        """Return the whole body."""
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
        else:
            yield self._whole()

    async def iter_lines(self) -> AsyncIterator[str]:
        """Give the body line by line."""
        left = b""
        async for piece in self.iter_bytes():
            *lines, left = (left + piece).split(b"\n")
            for line in lines:
                yield line.decode()
        if left:
            yield left.decode()

    async def stream_to_file(self, file: str | os.PathLike[str]) -> None:
        """Write a file that is downloaded to a path.

        Raises:
            UsageError: The answer is no file.
        """
        if not isinstance(self._answer, AsyncDownload):
            raise UsageError(f"A {type(self._answer).__name__} is no file.", hint="Write await response.read() to one.")
        await self._answer.write_to_file(file)
