"""The turns that are still to be used, in a queue for each test; and the report of those that never were."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Iterable, Mapping
from typing import Any, Final

from msgspec import Struct, structs

from keybearer.simulator.control.scenario import ScriptedReply, ScriptedTurn
from keybearer.simulator.control.seen import SeenRequest

__all__ = ["Script"]

MOST_TESTS: Final = 10_000


class _QueuedTurn(Struct):
    turn: ScriptedTurn
    place: int | None = None  # in the scenario file's list; None for one that was added
    used: int = 0

    @property
    def left(self) -> int | None:
        return None if self.turn.times is None else self.turn.times - self.used

    def as_dict(self, test: str | None) -> dict[str, Any]:
        return {**self.turn.as_dict(), "used": self.used, "left": self.left, "test": test}


def _has_more(queued: _QueuedTurn, used: int) -> bool:
    """Return whether a turn has a reply that was never given."""
    return used < (queued.turn.times or len(queued.turn.replies))


class Script:
    """The queues of scripted turns; safe to use from any thread.

    A request with the header `x-sim-test` is answered from the queue of that name and from no other. Each queue begins
    with the turns of the scenario file.

    Args:
        scenario: The turns of the scenario file.
    """

    def __init__(self, scenario: Iterable[ScriptedTurn] = ()) -> None:
        self._scenario = tuple(scenario)
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        """Begin again: the scenario's turns, and nothing else."""
        with self._lock:
            self._added = 0
            self._queues: dict[str | None, list[_QueuedTurn]] = {}
            self._most_used = [0] * len(self._scenario)
            self._queue(None)

    def _queue(self, test: str | None) -> list[_QueuedTurn]:
        if test not in self._queues:
            if len(self._queues) > MOST_TESTS:  # the oldest, but never the queue of requests without the header
                del self._queues[next(name for name in self._queues if name is not None)]
            self._queues[test] = [_QueuedTurn(turn, place) for place, turn in enumerate(self._scenario)]
        return self._queues[test]

    def add(self, turn: ScriptedTurn, test: str | None = None) -> None:
        """Add a turn for the next request that it matches."""
        with self._lock:
            self._added += 1
            named = turn if turn.origin else structs.replace(turn, origin=f"script {self._added}")
            self._queue(test).append(_QueuedTurn(named))

    def clear(self, test: str | None = None) -> None:
        """Remove the turns of one queue, those of the scenario too."""
        with self._lock:
            self._queues[test] = []

    def take(self, body: dict[str, Any], headers: Mapping[str, str], test: str | None = None) -> ScriptedReply | None:
        """Find the reply to a request, and use it up.

        Args:
            body: The request's body.
            headers: Its headers.
            test: The test that it belongs to.

        Returns:
            The reply of the first turn that matches, or None.

        Raises:
            ServiceError: The script's function failed, or its reply is wrong.
        """
        with self._lock:
            if not self._scenario and not self._queues.get(test):
                return None
            seen = SeenRequest(body, headers)
            found = self._find(self._queue(test), seen)
        if found is None:
            return None
        reply, captures = found  # a function may script more, so the lock is free while it runs
        return reply.made(dataclasses.replace(seen, captures=captures))

    def _find(self, queue: list[_QueuedTurn], seen: SeenRequest) -> tuple[ScriptedReply, Mapping[str, str]] | None:
        for index, queued in enumerate(queue):
            reply = queued.turn.reply_number(queued.used)
            captures = queued.turn.captures(seen, reply)
            if captures is not None:
                queued.used += 1
                if queued.place is not None:
                    self._most_used[queued.place] = max(self._most_used[queued.place], queued.used)
                if queued.left == 0:
                    del queue[index]
                return reply, captures
        return None

    def waiting(self, test: str | None = None) -> list[dict[str, Any]]:
        """Describe the turns of one queue that may still answer."""
        with self._lock:
            return [queued.as_dict(test) for queued in self._queues.get(test, [])]

    def unused(self) -> list[dict[str, Any]]:
        """Describe every turn with a reply that was never given; one of the scenario only if no test used it."""
        with self._lock:
            return [
                queued.as_dict(test)
                for test, queue in self._queues.items()
                for queued in queue
                if (queued.place is None and _has_more(queued, queued.used))
                or (queued.place is not None and test is None and _has_more(queued, self._most_used[queued.place]))
            ]

    def unused_by(self, test: str | None) -> list[dict[str, Any]]:
        """Describe the turns of one queue with a reply that was never given."""
        with self._lock:
            return [each.as_dict(test) for each in self._queues.get(test, []) if _has_more(each, each.used)]
