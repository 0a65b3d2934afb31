"""uvicorn on a thread of its own, with an event loop of its own: it serves whatever the caller's thread is doing."""

from __future__ import annotations

import socket
import threading
from typing import Final

from uvicorn import Config, Server

from keybearer.simulator.app import make_app
from keybearer.simulator.state import State

__all__ = ["BackgroundServer"]

START_SECONDS: Final = 10.0
STOP_SECONDS: Final = 5.0
BACKLOG: Final = 2048


class BackgroundServer:
    """A running server.

    Args:
        state: The twin to serve.
    """

    def __init__(self, state: State) -> None:
        options = state.options
        family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_STREAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._socket.bind((options.host, options.port))
        except OSError:
            self._socket.close()
            raise
        host, self.port = self._socket.getsockname()[:2]
        self.base_url = f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"
        config = Config(
            make_app(state),
            http=state.connections.protocol(),
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="critical",
            access_log=False,
            backlog=BACKLOG,
            server_header=False,
            timeout_graceful_shutdown=1,
        )
        self._server = Server(config)
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run, name="keybearer-simulator", daemon=True)

    def _run(self) -> None:
        self._server.run(sockets=[self._socket])

    def start(self) -> None:
        """Start, and return once requests are answered."""
        self._socket.listen(BACKLOG)  # a connection made from here on waits for the loop rather than being refused
        self._thread.start()

    def stop(self) -> None:
        """Stop, drop what is still open, and wait for the thread to end."""
        self._server.should_exit = True
        self._server.force_exit = True
        self._thread.join(STOP_SECONDS)
        self._socket.close()
