"""Event streams that make no message, such as a session's events, as a caller holds them, sync and async.

Contract: as of `keybearer.shell.downloads`: it is closed when it was read to its end, when reading it failed, and when its context
is left.
"""

from __future__ import annotations

from typing import Any

from keybearer.exchange.lease import OpenBody
from keybearer.shell.downloads import AsyncRows, Rows
from keybearer.types.record import record_of
from keybearer.wire.response.json_events import JSONEvents
from keybearer.wire.response.limits import StreamLimits

__all__ = ["AsyncEventStream", "EventStream"]


class EventStream(Rows[Any]):
    """Events as they come, each a `Record`. Iterate over it once.

    Args:
        opened: The open body.
        limits: What the stream may hold.
    """

    def __init__(self, opened: OpenBody, limits: StreamLimits | None = None) -> None:
        super().__init__(opened, record_of, JSONEvents(opened.headers, limits))


class AsyncEventStream(AsyncRows[Any]):
    """Events as they come, each a `Record`. Iterate over it once, with `async for`.

    Args:
        opened: The open body.
        limits: What the stream may hold.
    """

    def __init__(self, opened: OpenBody, limits: StreamLimits | None = None) -> None:
        super().__init__(opened, record_of, JSONEvents(opened.headers, limits))
