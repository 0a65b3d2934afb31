"""The twin in this process: a context manager around a server on a thread."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from keybearer.simulator.auth import API_KEY
from keybearer.simulator.clock import Clock
from keybearer.simulator.journal import RecordedRequest
from keybearer.simulator.options import Options
from keybearer.simulator.server import BackgroundServer
from keybearer.simulator.state import State

__all__ = ["Simulator"]


class Simulator:
    """A strict offline twin of the Anthropic API on a loopback port.

    Args:
        options: Every knob; the defaults when omitted.
        knobs: Single knobs by name, the fields of `Options`.

    Example:
        >>> with Simulator() as sim:
        ...     sim.base_url.startswith("http://127.0.0.1:")
        True
    """

    def __init__(self, options: Options | None = None, **knobs: Any) -> None:
        self._state = State(dataclasses.replace(options or Options(), **knobs))
        self._server: BackgroundServer | None = None

    @property
    def base_url(self) -> str:
        """Where it listens, without a path."""
        if self._server is None:
            raise RuntimeError("the simulator is not running: use it as a context manager, or call start()")
        return self._server.base_url

    @property
    def api_key(self) -> str:
        """A key that it accepts; not a secret."""
        return API_KEY

    @property
    def clock(self) -> Clock:
        """The clock that everything in it asks: `sim.clock.advance(300)`."""
        return self._state.clock

    @property
    def requests(self) -> list[RecordedRequest]:
        """What has come in so far, oldest first, without credentials."""
        return self._state.journal.all()

    def start(self) -> Self:
        """Start to listen; returns at once when it already does."""
        if self._server is None:
            self._server = BackgroundServer(self._state)
            self._server.start()
        return self

    def listen(self, listener: Callable[[RecordedRequest], None]) -> None:
        """Have every answered request shown to `listener`, on the server's thread."""
        self._state.journal.listen(listener)

    def reset(self) -> None:
        """Forget everything that requests have left behind; the address and the clock stay."""
        self._state.reset()

    def close(self) -> None:
        """Stop; drops what is still open. Closing twice is fine."""
        if self._server is not None:
            server, self._server = self._server, None
            server.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self.start()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self.close)
