"""The faults that are still to strike, in the order in which they were added; safe to use from any thread."""

from __future__ import annotations

import collections
import threading
from collections.abc import Callable, Mapping
from typing import Any, Final

from keybearer.simulator.faults.spec import Fault, parse_fault
from keybearer.simulator.faults.table import Applied

__all__ = ["HEADER", "FaultQueue"]

HEADER: Final = "x-sim-fault"
MOST_HEADERS: Final = 10_000


class _QueuedFault:
    def __init__(self, fault: Fault, test: str | None) -> None:
        self.fault = fault
        self.test = test
        self.left = fault.times
        self.skip = fault.skip
        self.has_struck = False

    def strikes(self) -> bool:
        """Count a request, and return whether the fault strikes it."""
        if self.skip:
            self.skip -= 1
            return False
        self.has_struck = True
        if self.left is not None:
            self.left -= 1
        return True

    def as_dict(self) -> dict[str, Any]:
        fault = self.fault
        return {
            "fault": fault.name,
            "params": fault.applied.params,
            "times": fault.times,
            "left": self.left,
            "test": self.test,
        }


class FaultQueue:
    """Chooses the fault that strikes a request, if any. A fault of a test strikes that test's requests only."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[_QueuedFault] = []
        self._by_header: collections.Counter[tuple[str | None, str]] = collections.Counter()

    def add(self, fault: Fault, test: str | None = None) -> None:
        """Add a fault for the next request on its path."""
        with self._lock:
            self._waiting.append(_QueuedFault(fault, test))

    def reset(self) -> None:
        """Remove all faults, of every test."""
        with self._lock:
            self._waiting.clear()
            self._by_header.clear()

    def clear(self, test: str | None = None) -> None:
        """Remove the faults of one test, or of the requests that belong to none."""
        with self._lock:
            self._waiting = [each for each in self._waiting if each.test != test]

    def unused(self) -> list[dict[str, Any]]:
        """Describe the faults that have not struck as often as they should."""
        with self._lock:
            return [each.as_dict() for each in self._waiting if each.left is not None or not each.has_struck]

    def take(
        self, path: str, headers: Mapping[str, str], wants_stream: Callable[[], bool], test: str | None = None
    ) -> Applied | None:
        """Find the fault that strikes a request.

        A fault that needs a stream waits for one: a plain request neither gets it nor counts for its `skip`.

        Args:
            path: The request's path.
            headers: The request's headers; `x-sim-fault` asks for a fault for this request alone. With `times=N` it
                strikes the first N requests with the same header, so that a client's retry, which repeats the
                header, succeeds.
            wants_stream: Whether the request asks for a stream; called only for a fault that needs one.
            test: The test that the request belongs to.

        Returns:
            The fault, or None.

        Raises:
            ValueError: The header is not a valid fault, or not one that can strike this request.
        """
        with self._lock:
            if spec := headers.get(HEADER):
                return self._from_header(spec, path, wants_stream, test)
            for waiting in self._waiting:
                fault = waiting.fault
                if waiting.test != test or not fault.may_strike(path) or (fault.needs_stream and not wants_stream()):
                    continue
                strikes = waiting.strikes()
                if waiting.left == 0:
                    self._waiting.remove(waiting)
                return fault.applied if strikes else None
        return None

    def _from_header(self, spec: str, path: str, wants_stream: Callable[[], bool], test: str | None) -> Applied | None:
        fault = parse_fault(spec)
        if fault.path or fault.skip:
            raise ValueError("the header is for its own request: `path` and `skip` have no meaning in it")
        if fault.applied.kind.stage == "events" and not fault.may_strike(path):
            raise ValueError(f"the fault {fault.name!r} is one of a message's events, and this is {path}")
        if fault.needs_stream and not wants_stream():
            raise ValueError(f"the fault {fault.name!r} needs a stream, and this request wants none")
        if "times" not in spec:
            return fault.applied
        if len(self._by_header) > MOST_HEADERS:
            self._by_header.clear()
        self._by_header[test, spec] += 1
        return fault.applied if fault.times is None or self._by_header[test, spec] <= fault.times else None
