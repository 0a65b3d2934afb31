"""The server on a thread of its own, with an event loop of its own: it serves whatever the caller's thread is doing."""

from __future__ import annotations

import asyncio
import socket
import threading
from typing import Final, cast

from keybearer.simulator.http.app import make_app
from keybearer.simulator.http.asgi import ASGIApp, Scope
from keybearer.simulator.http.bounded import LARGEST, Bounded
from keybearer.simulator.http.checks import header_map, is_known
from keybearer.simulator.http.connection import HttpConnection
from keybearer.simulator.http.connections import Connections
from keybearer.simulator.http.intake import BodyIntake
from keybearer.simulator.http.prerender import Prerendered
from keybearer.simulator.http.routes import LARGEST_BODY
from keybearer.simulator.state import State

__all__ = ["BackgroundServer"]

STOP_SECONDS: Final = 5.0
CANCEL_SECONDS: Final = 0.1
ROUNDS: Final = 10
BACKLOG: Final = 2048


def _application(state: State, connections: Connections) -> ASGIApp:
    """Return the simulator or, for recording, the recorder, which imports an HTTP client."""
    options = state.options
    if options.record is not None:
        from keybearer.simulator.control.recorder import make_recorder

        return Bounded(make_recorder(options.upstream, options.record), BodyIntake(), lambda _scope: True)
    app = make_app(state, connections)
    if options.provider:
        from keybearer.simulator.http.platforms import on_platforms

        app = on_platforms(app, state)
    return _prerendered(app, state) if options.prerender else app


def _prerendered(app: ASGIApp, state: State) -> ASGIApp:
    from keybearer.simulator.http.platforms import shows_platform_credential

    def is_for_platform(scope: Scope) -> bool:
        return scope["path"][1:].partition("/")[0] in state.options.provider

    def may_send_much(scope: Scope) -> bool:
        if is_for_platform(scope):
            return shows_platform_credential(scope)
        return is_known(state, scope["path"], header_map(scope), "key")

    def largest(scope: Scope) -> int:
        return LARGEST_BODY if is_for_platform(scope) else LARGEST

    return Bounded(Prerendered(app), BodyIntake(), may_send_much, largest)


def _new_loop() -> asyncio.AbstractEventLoop:
    """Make an event loop: uvloop's if that is installed, which is faster."""
    try:
        from uvloop import new_event_loop
    except ImportError:
        from asyncio import new_event_loop
    loop: asyncio.AbstractEventLoop = new_event_loop()
    return loop


class BackgroundServer:
    """A running server.

    Args:
        state: The state of the simulator to serve.
    """

    def __init__(self, state: State) -> None:
        options = state.options
        self._connections = Connections()
        self._app = _application(state, self._connections)  # before there is a socket: it may refuse the options
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
        self._loop = _new_loop()
        self._stopping = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="keybearer-simulator", daemon=True)

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        server = await self._loop.create_server(
            lambda: HttpConnection(self._app, self._connections), sock=self._socket, backlog=BACKLOG
        )
        await self._stopping.wait()
        server.close()
        await self._end_connections()

    async def _end_connections(self) -> None:
        """Cancel what is running, and drop the connections. A test suite may stop hundreds of simulators: this is quick."""
        connections = [cast("HttpConnection", transport.get_protocol()) for transport in self._connections.open()]
        for _ in range(ROUNDS):
            # More than once: a task that is already being cancelled, because its client has disconnected, may swallow ours.
            if not (tasks := [task for connection in connections if (task := connection.stop())]):
                break
            await asyncio.wait(tasks, timeout=CANCEL_SECONDS)
        for transport in self._connections.open():
            transport.abort()  # close() would wait for a client that does not read
        for _ in range(ROUNDS):  # the sockets close in the next rounds of the loop, which must not end before
            if not self._connections.open():
                break
            await asyncio.sleep(0)

    def start(self) -> None:
        """Start; connections are accepted from now on, and answered as soon as the loop runs."""
        self._socket.listen(BACKLOG)
        self._thread.start()

    def stop(self) -> None:
        """Stop, drop open connections, and wait for the thread to end."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(STOP_SECONDS)
        self._socket.close()
