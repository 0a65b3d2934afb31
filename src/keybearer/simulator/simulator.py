"""`Simulator`: a context manager that runs the server on a thread of this process."""

from __future__ import annotations

import asyncio
import dataclasses
import os
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from keybearer.simulator.control.bill_book import BilledCalls
from keybearer.simulator.control.client_findings import Finding
from keybearer.simulator.control.journal import RecordedRequest
from keybearer.simulator.control.scope import SimulatorScope
from keybearer.simulator.control.seen import SeenRequest
from keybearer.simulator.core.clock import SimulatedClock
from keybearer.simulator.endpoints.files import as_generated
from keybearer.simulator.http.server import BackgroundServer
from keybearer.simulator.options import Options
from keybearer.simulator.state import State

if TYPE_CHECKING:
    from keybearer.simulator.chaos.report import RunReport
    from keybearer.simulator.service.cloud_tokens import CloudTokens
    from keybearer.simulator.service.federation import FederatedGrants
    from keybearer.simulator.service.identity_provider import IdentityProvider

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
        self._scope = self._scope_of(None)
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
        """The requests so far, of every test, oldest first, without credentials."""
        return self._scope.requests

    @property
    def billed(self) -> BilledCalls:
        """What the service bills for the replies so far, of every test: `usd`, `calls`, the tokens."""
        return self._scope.billed

    @property
    def verdict(self) -> list[Finding]:
        """What the client did wrong so far; empty if it did nothing wrong."""
        return self._scope.verdict

    @property
    def report(self) -> RunReport:
        """What the run has shown so far: what became of each fault of the chaos profile, and the findings."""
        return self._state.report()

    @property
    def gaps(self) -> list[Finding]:
        """What it accepted so far and does not carry out: its own gaps, not the client's faults (`SimulatorScope.gaps`)."""
        return self._scope.gaps

    @property
    def unused(self) -> list[dict[str, Any]]:
        """The scripted turns and the faults, of every test, that no request has got yet (`SimulatorScope.unused`)."""
        return self._scope.unused

    def script(
        self,
        reply: Any | Callable[[SeenRequest], Any] = None,
        *,
        match: Any = None,
        fault: str | None = None,
        times: int | None = 1,
        sequence: list[Any] | None = None,
    ) -> None:
        """Script the answer to the next request that matches and belongs to no test (`SimulatorScope.script`)."""
        self._scope.script(reply, match=match, fault=fault, times=times, sequence=sequence)

    def fail(self, fault: str = "error", /, **params: Any) -> None:
        """Make the next request that belongs to no test fail (`SimulatorScope.fail`)."""
        self._scope.fail(fault, **params)

    def test(self, name: str) -> SimulatorScope:
        """Return what one test scripts and reads, where tests share this simulator.

        Args:
            name: The test's name, which its client sends as the header `x-sim-test`.

        Returns:
            Its own `script`, `fail`, `requests`, `billed`, `verdict`, `unused`, and the `headers` to send.

        Raises:
            ValueError: The name is no header value, or too long.
        """
        return self._scope_of(name)

    def _scope_of(self, name: str | None) -> SimulatorScope:
        state = self._state
        return SimulatorScope(name, state.script, state.faults, state.journal, state.bills)

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

    @property
    def identity_provider(self) -> IdentityProvider:
        """Its identity provider: `issue()` gives an identity token, `rotate()` and `revoke()` change its keys."""
        return self._state.identity_provider

    @property
    def cloud_tokens(self) -> CloudTokens:
        """The access tokens of Google and Entra: `issue_google()`, `issue_entra()`, `account_file(...)`, `revoke(token)`."""
        return self._state.cloud_tokens

    @property
    def federation(self) -> FederatedGrants:
        """The federation rules; `add_rule({...})` adds one."""
        return self._state.federation

    def revoke_federated(self, rule: str | None = None) -> None:
        """Revoke the access tokens of a federation rule, or of all rules."""
        self._state.grants.revoke_minted(rule)

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

    def reset(self, *, clock: bool = False) -> None:
        """Forget all state that requests have left; the address stays.

        Args:
            clock: Set the clock to its start as well, and end every wait; otherwise it keeps its time.
        """
        self._state.reset(clock=clock)

    def close(self) -> None:
        """Stop, drop open connections, and write the report if the options have one. Closing twice is fine.

        Raises:
            OSError: The report cannot be written.
        """
        for name, value in self._environment.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        self._environment = {}
        if self._server is not None:
            server, self._server = self._server, None
            server.stop()
            if (file := self._state.options.report) is not None:
                from keybearer.simulator.chaos.junit import junit_xml

                Path(file).write_bytes(junit_xml([("keybearer simulate", self.report)]))

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
