"""The faults that are still to strike, in the order in which they were added; safe to use from any thread."""

from __future__ import annotations

import collections
import threading
from collections.abc import Mapping
from typing import Final

from keybearer.simulator.faults.spec import Fault, parse_fault
from keybearer.simulator.faults.table import Applied

__all__ = ["HEADER", "FaultQueue"]

HEADER: Final = "x-sim-fault"
MOST_HEADERS: Final = 10_000


class _QueuedFault:
    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self.left = fault.times
        self.skip = fault.skip

    def strikes(self) -> bool:
        """Count a request, and return whether the fault strikes it."""
        if self.skip:
            self.skip -= 1
            return False
        if self.left is None:
            return True
        self.left -= 1
        return True


class FaultQueue:
    """Chooses the fault that strikes a request, if any."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[_QueuedFault] = []
        self._by_header: collections.Counter[str] = collections.Counter()

    def add(self, fault: Fault) -> None:
        """Add a fault for the next request on its path."""
        with self._lock:
            self._waiting.append(_QueuedFault(fault))

    def clear(self) -> None:
        """Remove all faults."""
        with self._lock:
            self._waiting.clear()
            self._by_header.clear()

    def take(self, path: str, headers: Mapping[str, str]) -> Applied | None:
        """Find the fault that strikes a request.

        Args:
            path: The request's path.
            headers: The request's headers; `x-sim-fault` asks for a fault for this request alone. With `times=N` it
                strikes the first N requests with the same header, so that a client's retry, which repeats the
                header, succeeds.

        Returns:
            The fault, or None.

        Raises:
            ValueError: The header is not a valid fault.
        """
        with self._lock:
            if spec := headers.get(HEADER):
                return self._from_header(spec)
            for waiting in self._waiting:
                wanted = waiting.fault.path
                if path == wanted or (wanted is None and path.startswith("/v1/")):
                    strikes = waiting.strikes()
                    if waiting.left == 0:
                        self._waiting.remove(waiting)
                    return waiting.fault.applied if strikes else None
        return None

    def _from_header(self, spec: str) -> Applied | None:
        fault = parse_fault(spec)
        if "times" not in spec:
            return fault.applied
        if len(self._by_header) > MOST_HEADERS:
            self._by_header.clear()
        self._by_header[spec] += 1
        return fault.applied if fault.times is None or self._by_header[spec] <= fault.times else None
