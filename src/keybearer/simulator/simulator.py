"""`Simulator`: a context manager that runs the server on a thread of this process."""

from __future__ import annotations

import asyncio
import dataclasses
import os
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from keybearer.simulator.control.client_findings import Finding, client_findings
from keybearer.simulator.control.journal import RecordedRequest
from keybearer.simulator.control.scenario import make_turn
from keybearer.simulator.core.clock import SimulatedClock
from keybearer.simulator.endpoints.files import as_generated
from keybearer.simulator.faults.spec import parse_fault
from keybearer.simulator.http.server import BackgroundServer
from keybearer.simulator.options import Options
from keybearer.simulator.state import State

__all__ = ["Simulator"]


class Simulator:
    """A strict offline simulator of the Anthropic API on a loopback port.

    Args:
        options: All options; the defaults when omitted.
        set_environment: Point `ANTHROPIC_BASE_URL` and `ANTHROPIC_API_KEY` at it while it runs.
        knobs: Single options by name, the fields of `Options`.

    Example:
        >>> with Simulator() as sim:
        ...     sim.base_url.startswith("http://127.0.0.1:")
        True
    """

    def __init__(self, options: Options | None = None, *, set_environment: bool = False, **knobs: Any) -> None:
        self._state = State(dataclasses.replace(options or Options(), **knobs))
        self._server: BackgroundServer | None = None
        self._set_environment = set_environment
        self._environment: dict[str, str | None] = {}

    @property
    def base_url(self) -> str:
        """The URL on which it listens, without a path."""
        if self._server is None:
            raise RuntimeError("the simulator is not running: use it as a context manager, or call start()")
        return self._server.base_url

    @property
    def api_key(self) -> str:
        """A key that it accepts; not a secret."""
        return self._state.api_key

    @property
    def token(self) -> str:
        """The token for the pages below `/_sim`, sent as `x-sim-token`."""
        return self._state.token

    @property
    def clock(self) -> SimulatedClock:
        """The clock that everything in it reads; `sim.clock.advance(300)` turns it forward."""
        return self._state.clock

    @property
    def requests(self) -> list[RecordedRequest]:
        """The requests so far, oldest first, without credentials."""
        return self._state.journal.all()

    @property
    def verdict(self) -> list[Finding]:
        """What the client did wrong so far; empty if it did nothing wrong."""
        return client_findings(self.requests)

    def script(self, reply: Any = None, *, match: Any = None, fault: str | None = None, times: int | None = 1) -> None:
        """Script the answer to the next request that matches.

        Args:
            reply: A string is the text of the answer; a mapping is a scenario's `reply`: `text`, `thinking`,
                `tool_use`, `content`, `events`, `error`, `stop_reason`, `usage`.
            match: A string is a regular expression for the user's last words; a mapping is a scenario's `match`.
            fault: A fault that strikes the answer, such as `cut; after_events=3`.
            times: How many requests get it; None for all.

        Raises:
            ValueError: For a key or a fault that does not exist.
        """
        self._state.script.add(make_turn({"match": match, "reply": reply, "fault": fault, "times": times}))

    def fail(self, fault: str = "error", /, **params: Any) -> None:
        """Make the next request below `/v1` fail.

        Args:
            fault: A fault's name, a status, or a whole spec such as `cut; after_events=3`.
            params: The fault's parameters, and `times` (None for always), `path` and `skip`.

        Raises:
            ValueError: For a fault or a parameter that does not exist, with the nearest one.
        """
        self._state.faults.add(parse_fault(fault, **params))

    def login(self, *, expires_in: int | None = None) -> dict[str, Any]:
        """Log in without a browser.

        Args:
            expires_in: Seconds that the access token lives.

        Returns:
            The token endpoint's reply: `access_token`, `refresh_token`, `expires_in` and so on.
        """
        return self._state.grants.login(expires_in=expires_in)

    def revoke_logins(self) -> None:
        """Revoke every OAuth token that it has issued."""
        self._state.grants.revoke()

    def add_file(self, filename: str, data: bytes, mime_type: str = "text/plain") -> dict[str, Any]:
        """Add a file as if a tool had made it, so that it can be downloaded.

        Returns:
            The file's metadata.
        """
        return as_generated(self._state, filename, data, mime_type)

    def listen(self, listener: Callable[[RecordedRequest], None]) -> None:
        """Call `listener` with every answered request, on the server's thread."""
        self._state.journal.listen(listener)

    def start(self) -> Self:
        """Start to listen; does nothing if it already listens."""
        if self._server is None:
            self._server = BackgroundServer(self._state)
            self._server.start()
            if self._set_environment:
                self._point_environment()
        return self

    def _point_environment(self) -> None:
        ours = {"ANTHROPIC_BASE_URL": self.base_url, "ANTHROPIC_API_KEY": self.api_key}
        self._environment = {name: os.environ.get(name) for name in ours}
        os.environ.update(ours)

    def reset(self) -> None:
        """Forget all state that requests have left; the address and the clock stay."""
        self._state.reset()

    def close(self) -> None:
        """Stop, and drop open connections. Closing twice is fine."""
        for name, value in self._environment.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        self._environment = {}
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
