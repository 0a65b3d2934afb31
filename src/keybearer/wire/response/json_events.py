"""Server-sent events whose data is JSON, for the streams that make no message: bytes in, values out.

Contract: pings and events without data are passed over; an event named `error` is raised as the error that it says, also in the
middle. What ends between two events has ended; what ends inside one was cut.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from keybearer.errors import StreamProtocolError, StreamTruncated
from keybearer.errors.sanitize import excerpt
from keybearer.types.events import ErrorEvent
from keybearer.wire.json import loads
from keybearer.wire.response.errors import stream_error
from keybearer.wire.response.limits import StreamLimits
from keybearer.wire.response.sse import ServerSentEvent, SSEParser

__all__ = ["JSONEvents"]

_PING: Final = "ping"


class JSONEvents:
    """Decodes the events of a stream.

    Args:
        headers: The reply's headers.
        limits: What the stream may hold.

    Attributes:
        count: How many values it has given; an error has it as `events`.
    """

    again = "Open the stream again; the list of events has what came meanwhile."

    def __init__(self, headers: Mapping[str, str], limits: StreamLimits | None = None) -> None:
        self.count = 0
        self._headers = headers
        self._parser = SSEParser(max_event=(limits or StreamLimits()).event_bytes)

    def feed(self, chunk: bytes) -> Iterator[Any]:
        """Take a chunk, `b""` at the body's end, and give the data of the events that it completes.

        Raises:
            StreamAPIError: An event says an error.
            StreamTruncated: The body ended inside an event.
            StreamProtocolError: What came is no event, or its data is not JSON.
        """
        if not chunk:
            self._end()
            return
        for event in self._parser.feed(chunk):
            if event.event != _PING and event.data:
                yield self._decoded(event)

    def _decoded(self, event: ServerSentEvent) -> Any:
        try:
            value = loads(event.data)
        except ValueError:
            value = None
            readable = False
        else:
            readable = True
        if event.event == "error":
            source = value if isinstance(value, dict) else {"type": "error", "error": {"message": event.data}}
            error = stream_error(ErrorEvent.of(source), self._headers)
            error.events = self.count
            raise error
        if not readable:
            raise self._broken(f"The data of event {self.count + 1:,} is not JSON: {excerpt(event.data)}")
        self.count += 1
        return value

    def _end(self) -> None:
        pending = self._parser.pending
        self._parser.close()
        stray = self._parser.stray
        if stray and not self.count:
            raise self._broken(f"What came is no event stream. It begins: {excerpt(stray)}")
        if pending:
            error = StreamTruncated(f"It ended inside event {self.count + 1:,}.")
            error.events = self.count
            raise error

    def _broken(self, problem: str) -> StreamProtocolError:
        error = StreamProtocolError(problem)
        error.events = self.count
        return error
