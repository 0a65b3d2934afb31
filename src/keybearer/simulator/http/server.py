"""uvicorn on a thread of its own, with an event loop of its own: it serves whatever the caller's thread is doing."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
from typing import Final

from starlette.types import ASGIApp
from uvicorn import Config, Server

from keybearer.simulator.http.app import make_app
from keybearer.simulator.http.bounded import Bounded
from keybearer.simulator.http.checks import header_map, is_known
from keybearer.simulator.http.connections import Connections
from keybearer.simulator.http.intake import BodyIntake
from keybearer.simulator.http.prerender import Prerendered
from keybearer.simulator.state import State

__all__ = ["BackgroundServer"]

STOP_SECONDS: Final = 5.0
CANCEL_SECONDS: Final = 0.1
TICK_SECONDS: Final = 1.0
ROUNDS: Final = 10
BACKLOG: Final = 2048


def _is_worth_a_line(record: logging.LogRecord) -> bool:
    """Drop the traceback of a reply that was cut because the server ends, which is not an error."""
    return not (record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError))


class _PromptServer(Server):
    """uvicorn's server with a quick end, because a test suite may stop hundreds of simulators."""

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self._stopping = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wake = asyncio.Event()

    def request_stop(self) -> None:
        """Make the server end, from any thread, whether it has started or not."""
        self._stopping.set()
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake.set)

    async def main_loop(self) -> None:
        self._loop = asyncio.get_running_loop()
        while not self._stopping.is_set():
            await self.on_tick(0)  # renews the Date header
            try:
                await asyncio.wait_for(self._wake.wait(), TICK_SECONDS)
            except TimeoutError:
                continue

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for listener in sockets or []:
            listener.close()
        logging.getLogger("uvicorn.error").addFilter(_is_worth_a_line)
        tasks = set(self.server_state.tasks)
        while tasks:
            # More than once: a task that is already being cancelled, because its client has disconnected, may swallow ours.
            for task in tasks:
                task.cancel()
            _, tasks = await asyncio.wait(tasks, timeout=CANCEL_SECONDS)
        for connection in list(self.server_state.connections):
            if connection.transport is not None:
                connection.transport.abort()  # close() would wait for a client that does not read
        for _ in range(ROUNDS):  # the sockets close in the next rounds of the loop, which must not end before
            if not self.server_state.connections:
                break
            await asyncio.sleep(0)


def _application(state: State, connections: Connections) -> ASGIApp:
    """Return the simulator or, for recording, the recorder, which imports an HTTP client."""
    options = state.options
    if options.record is not None:
        from keybearer.simulator.control.recorder import make_recorder

        return Bounded(make_recorder(options.upstream, options.record), BodyIntake(), lambda _scope: True)
    app = make_app(state, connections)
    if not options.prerender:
        return app
    return Bounded(
        Prerendered(app), BodyIntake(), lambda scope: is_known(state, scope["path"], header_map(scope), "key")
    )


class BackgroundServer:
    """A running server.

    Args:
        state: The state of the simulator to serve.
    """

    def __init__(self, state: State) -> None:
        options = state.options
        family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
        # Without the protocol named, asyncio leaves Nagle's algorithm on, and a reply in two writes takes 40 ms.
        self._socket = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._socket.bind((options.host, options.port))
        except OSError:
            self._socket.close()
            raise
        host, self.port = self._socket.getsockname()[:2]
        self.base_url = f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"
        connections = Connections()
        config = Config(
            connections.watch(_application(state, connections)),
            http=connections.protocol(),
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            backlog=BACKLOG,
            server_header=False,
        )
        self._server = _PromptServer(config)
        self._thread = threading.Thread(target=self._run, name="keybearer-simulator", daemon=True)

    def _run(self) -> None:
        self._server.run(sockets=[self._socket])

    def start(self) -> None:
        """Start; connections are accepted from now on, and answered as soon as the loop runs."""
        self._socket.listen(BACKLOG)
        self._thread.start()

    def stop(self) -> None:
        """Stop, drop open connections, and wait for the thread to end."""
        self._server.request_stop()
        self._thread.join(STOP_SECONDS)
        self._socket.close()
