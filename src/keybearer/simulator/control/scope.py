"""What one test scripts and reads, where tests share a simulator; the simulator's own methods are those of no test."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from keybearer.simulator.control.bill_book import BillBook, BilledCalls
from keybearer.simulator.control.client_findings import Finding, client_findings, simulator_gaps
from keybearer.simulator.control.journal import RecordedRequest, RequestJournal
from keybearer.simulator.control.scenario import make_turn
from keybearer.simulator.control.script import Script
from keybearer.simulator.control.seen import SeenRequest
from keybearer.simulator.core.request import TEST_HEADER
from keybearer.simulator.faults import FaultQueue, parse_fault

__all__ = ["SimulatorScope"]

LONGEST_NAME: Final = 200


class SimulatorScope:
    """One test's turns, faults and requests.

    A request belongs to the test that its header `x-sim-test` names. It gets the turns and the faults of that test and
    no others. Caches, limits, batches and files belong to the API key, so give each test a key of its own as well.

    Args:
        name: The test's name; None for the requests without the header.
        script: The scripted turns.
        faults: The faults.
        journal: The requests.
        bills: What the service bills.
    """

    def __init__(
        self, name: str | None, script: Script, faults: FaultQueue, journal: RequestJournal, bills: BillBook
    ) -> None:
        if name is not None and not (
            name.isascii() and name.isprintable() and name.strip() and len(name) <= LONGEST_NAME
        ):
            raise ValueError(f"a test's name is up to {LONGEST_NAME} characters of printable ASCII, not {name!r:.80}")
        self.name = name
        self._script = script
        self._faults = faults
        self._journal = journal
        self._bills = bills

    @property
    def headers(self) -> dict[str, str]:
        """The headers that a client of this test sends, as `default_headers` or the like."""
        return {} if self.name is None else {TEST_HEADER: self.name}

    def script(
        self,
        reply: Any | Callable[[SeenRequest], Any] = None,
        *,
        match: Any = None,
        fault: str | None = None,
        times: int | None = 1,
        sequence: list[Any] | None = None,
    ) -> None:
        """Script the answer to the next request that matches.

        Args:
            reply: A string is the text of the answer; a mapping is a scenario's `reply`: `text`, `thinking`,
                `tool_use`, `content`, `events`, `error`, `stop_reason`, `usage`; a function is called with the request
                (`SeenRequest`: `body`, `headers`, `text`, `turn`, `captures`, ...) and returns one of these.
            match: A string is a regular expression for the user's last words; a mapping is a scenario's `match`.
            fault: A fault that strikes the answer, such as `cut; after_events=3`.
            times: How many requests get it; None for all.
            sequence: Replies that are used one after the other, in place of `reply` and `fault`.

        Raises:
            ValueError: For a key, an error type or a fault that does not exist, or a value of the wrong type.
        """
        turn = {"match": match, "reply": reply, "fault": fault, "times": times, "sequence": sequence}
        self._script.add(make_turn(turn), self.name)

    def fail(self, fault: str = "error", /, **params: Any) -> None:
        """Make the next request below `/v1` fail.

        Args:
            fault: A fault's name, a status, or a whole spec such as `cut; after_events=3`.
            params: The fault's parameters, and `times` (None for always), `path` and `skip`.

        Raises:
            ValueError: For a fault or a parameter that does not exist, with the nearest one.
        """
        self._faults.add(parse_fault(fault, **params), self.name)

    @property
    def requests(self) -> list[RecordedRequest]:
        """The requests so far, oldest first, without credentials."""
        return self._journal.all(self.name)

    @property
    def billed(self) -> BilledCalls:
        """What the service bills for the replies so far: `usd`, `calls` and the tokens."""
        return self._bills.total(self.name)

    @property
    def gaps(self) -> list[Finding]:
        """What the simulator accepted so far and does not carry out: its own gaps, not the client's faults."""
        return simulator_gaps(self.requests)

    @property
    def verdict(self) -> list[Finding]:
        """What the client did wrong so far; empty if it did nothing wrong."""
        return client_findings(self.requests)

    @property
    def unused(self) -> list[dict[str, Any]]:
        """The turns and faults that no request has got yet: `origin`, `match`, `used`, `left`, or `fault`, `params`."""
        faults = [each for each in self._faults.unused() if self.name in {None, each["test"]}]
        return [*(self._script.unused() if self.name is None else self._script.unused_by(self.name)), *faults]

    def clear(self) -> None:
        """Forget this test's turns, faults, requests and bills."""
        self._script.clear(self.name)
        self._faults.clear(self.name)
        self._journal.clear(self.name)
        self._bills.clear(self.name)
