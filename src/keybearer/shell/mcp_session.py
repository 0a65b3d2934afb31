"""A connection to an MCP server, on an event loop in a thread of its own: so callers may block or await, on any loop.

Contract: when `close` returns, the connection is closed, and the process of a server that was started here has ended: it is asked to,
and if it hangs, terminated and then killed with all that it started. A connection that nobody closed is closed when the program ends.
Opening takes no longer than its limit, whatever the server does.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from typing import Any, Final, TypeVar

from keybearer.errors import ConnectionFailed, KeybearerError, TimedOut, UsageError
from keybearer.errors.sanitize import sanitize
from keybearer.policy.deadline import format_seconds

__all__ = ["Connect", "MCPSession"]

T = TypeVar("T")

CLOSING: Final = 30.0
"""How long the end of a connection may take, in seconds; the package mcp kills a server's processes long before."""

Connect = Callable[[], Any]
"""Makes the client of the package mcp, on the loop that it will live on."""

_open: set[MCPSession] = set()


@atexit.register
def _close_all() -> None:
    for session in list(_open):
        session.close()


class MCPSession:
    """One connection.

    Args:
        connect: Makes the client.
        name: What the server is called in errors.
    """

    def __init__(self, connect: Connect, name: str) -> None:
        self._connect = connect
        self._name = name
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._main: asyncio.Task[Any] | None = None
        self._client: Any = None

    def open(self, limit: float) -> Any:
        """Connect; return the client.

        Args:
            limit: How long it may take, in seconds.

        Raises:
            ConnectionFailed: The server cannot be started or reached, or does not speak the protocol.
            TimedOut: It does not answer.
        """
        opened: Future[Any] = Future()
        self._thread = threading.Thread(target=self._run, args=(opened,), name="keybearer-mcp", daemon=True)
        self._thread.start()
        _open.add(self)
        try:
            self._client = opened.result(limit)
        except TimeoutError:
            self.close()
            raise TimedOut(
                f"The MCP server {self._name} did not answer within {format_seconds(limit)}.",
                hint="Is it one, and does it speak over this transport?",
            ) from None
        except KeybearerError:
            self.close()
            raise
        except Exception as error:  # noqa: BLE001 - whatever the package raises, groups of exceptions too
            self.close()
            why = sanitize(_first(error), 200)
            raise ConnectionFailed(f"The MCP server {self._name} cannot be used: {why}.") from None
        except BaseException:
            self.close()
            raise
        return self._client

    @property
    def is_open(self) -> bool:
        """Whether it is open."""
        return self._loop is not None and self._client is not None

    def submit(self, call: Callable[[Any], Awaitable[T]]) -> Future[T]:
        """Do something with the client; to cancel the future cancels it.

        Raises:
            UsageError: The connection is not open.
        """
        if self._loop is None or self._client is None:
            raise UsageError(
                f"The connection to the MCP server {self._name} is not open.", hint="Use it inside its `with` block."
            )
        client = self._client

        async def work() -> T:
            return await call(client)

        return asyncio.run_coroutine_threadsafe(work(), self._loop)

    def close(self) -> None:
        """Close the connection, and end a server that was started for it."""
        thread, self._client = self._thread, None
        if thread is None:
            return
        if self._loop is not None and self._main is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(self._main.cancel)
        thread.join(CLOSING)
        self._thread = None
        _open.discard(self)

    def _run(self, opened: Future[Any]) -> None:
        async def main() -> None:
            self._loop, self._main = asyncio.get_running_loop(), asyncio.current_task()
            async with self._connect() as client:
                opened.set_result(client)
                await asyncio.Event().wait()  # until it is cancelled

        try:
            asyncio.run(main())
        except BaseException as error:  # noqa: BLE001 - said to whoever opens it; after that a call says it
            if not opened.done():
                opened.set_exception(error if isinstance(error, Exception) else ConnectionError("it was closed"))
        finally:
            self._loop = None


def _first(error: BaseException) -> str:
    """Return the words of an exception, or of the first one in a group."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return str(error) or type(error).__name__
