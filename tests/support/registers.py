"""A register in memory, which can refuse, lose data, or end its process at one of its operations."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from keybearer.credentials.oauth.bundle_codec import BUNDLE
from keybearer.credentials.stores.register import RegisterError, RegisterState
from keybearer.credentials.stores.register_store import RegisterStore
from keybearer.credentials.stores.sealing import Sealer
from keybearer.types.secret import Secret
from support.logins import HandClock, bundle

KEY = Secret("a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2U=")
OTHER_KEY = Secret("00" * 32)


class Server:
    """What all machines share.

    Attributes:
        text: The register's content.
        history: Names the server's past.
        replica: Whether a replica confirms what is written; None where there is no replica.
    """

    def __init__(self, clock: HandClock) -> None:
        self.clock = clock
        self.text: str | None = None
        self.history = "first"
        self.replica: bool | None = None
        self.down = False

    @property
    def record(self) -> Any:
        """The content, as JSON."""
        return json.loads(self.text or "{}")


class MemoryRegister:
    """One machine's way to the server.

    Args:
        server: The server.
        at: Called before and after each operation, with its name and whether it is done.
    """

    name = "Redis at redis.test:6379, login main"
    key = "keybearer:{login-main}:record"

    def __init__(self, server: Server, at: Callable[[str, bool], None] = lambda *_: None) -> None:
        self._server, self._at = server, at

    def read(self) -> RegisterState:
        """Read it."""
        self._reach("read")
        found = RegisterState(text=self._server.text, now=self._server.clock.wall, history=self._server.history)
        self._at("read", True)
        return found

    def compare_and_set(self, old: str | None, new: str, *, confirmed: bool) -> bool:
        """Replace it."""
        self._reach("set")
        fits = self._server.text == old
        if fits:
            self._server.text = new
        self._at("set", True)
        if confirmed and self._server.replica is False:
            raise RegisterError("no replica has confirmed it", hint="Check the replicas.")
        return fits

    def _reach(self, what: str) -> None:
        self._at(what, False)
        if self._server.down:
            raise RegisterError("it cannot be reached", hint="Check the network.")


def shared_store(
    server: Server,
    at: Callable[[str, bool], None] = lambda *_: None,
    *,
    key: Secret = KEY,
    by: str = "host-1 (process 1)",
) -> RegisterStore:
    """Return one process's store of the login on a server."""
    register = MemoryRegister(server, at)
    return RegisterStore(register, Sealer([key]), BUNDLE, holder=lambda: by, monotonic=lambda: server.clock.mono)


def server_with(clock: HandClock, **changes: Any) -> Server:
    """Return a server that holds a login."""
    server = Server(clock)
    shared_store(server).replace(Secret(json.dumps(bundle(**changes))))
    return server
