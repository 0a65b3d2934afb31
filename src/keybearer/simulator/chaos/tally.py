"""Counts what a profile did to a client, and what the client did then: it came again and got an answer, or gave up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from keybearer.simulator.chaos.profile import ChaosRule
from keybearer.simulator.control.client_findings import FINAL
from keybearer.simulator.control.journal import RecordedRequest

__all__ = ["FaultOutcome", "Tally"]

WHOLE: Final = frozenset(
    {
        "content_type", "duplicate_event", "gzip", "huge_event", "oauth_delay", "pings", "slow", "stall", "unknown_block",
        "unknown_delta", "unknown_event", "unknown_stop_reason",
    }
)  # fmt: skip
"""The faults under which the whole answer still arrives if the client stays: it has no reason to come again."""


class FaultOutcome(Struct):
    """What became of the requests that one fault of a profile struck.

    Args:
        name: The fault's name in the profile.
        struck: How many it struck.
        recovered: Of those, the same request came again and got an answer.
        answered: The whole answer arrived in spite of the fault.
        final: An error that a retry cannot change, so that not coming again is right.
        given_up: None of these: the client did not come again, or never got an answer.
        extra: Requests that repeat one that it struck.
        missed: It should have struck, but the reply had no such phase or events.
    """

    name: str
    struck: int = 0
    recovered: int = 0
    answered: int = 0
    final: int = 0
    given_up: int = 0
    extra: int = 0
    missed: int = 0


def _is_final(entry: RecordedRequest) -> bool:
    hint = entry.note.get("should_retry")
    return hint == "false" or (hint != "true" and (entry.status in FINAL or 300 <= entry.status < 400))


def _has_answer(entry: RecordedRequest) -> bool:
    return 200 <= entry.status < 300 and entry.error is None


class Tally:
    """The outcomes of a profile's faults.

    Args:
        rules: The faults.
    """

    def __init__(self, rules: Sequence[ChaosRule]) -> None:
        self.outcomes = {rule.name: FaultOutcome(rule.name) for rule in rules}
        self.requests = 0
        self._open: dict[str, tuple[bytes, str | None]] = {}
        self._waiting: dict[bytes, list[str]] = {}

    def begin(self, request_id: str, key: bytes, rule: str | None) -> None:
        """Count a request when it arrives: a reply may never end, as one that is stalled.

        Args:
            request_id: Its id.
            key: Equal for equal requests.
            rule: The fault that is to strike it, if one is.
        """
        self.requests += 1
        self._open[request_id] = (key, rule)
        if key in self._waiting:
            self.outcomes[self._waiting[key][-1]].extra += 1
        if rule is not None:
            self.outcomes[rule].struck += 1
            self.outcomes[rule].given_up += 1
            self._waiting.setdefault(key, []).append(rule)

    def done(self, entry: RecordedRequest) -> None:
        """Count the reply to a request, once it has been sent."""
        key, rule = self._open.pop(entry.request_id, (b"", None))
        is_missed = "fault_without_effect" in entry.note
        if rule is not None:
            whole = entry.note.get("fault") in WHOLE and (entry.delivered or {}).get("end") == "complete"
            if is_missed and self._is_spared(key, rule):
                self.outcomes[rule].struck -= 1
                self.outcomes[rule].missed += 1
            elif whole and _has_answer(entry) and self._is_spared(key, rule):
                self.outcomes[rule].answered += 1
                self._recover(key)
            elif _is_final(entry) and self._is_spared(key, rule):
                self.outcomes[rule].final += 1
        if (rule is None or is_missed) and _has_answer(entry):
            self._recover(key)

    def _is_spared(self, key: bytes, rule: str) -> bool:
        """Take back that a request waits for its answer; False if it has got it meanwhile."""
        waiting = self._waiting.get(key, [])
        if rule not in waiting:
            return False
        waiting.remove(rule)
        if not waiting:
            del self._waiting[key]
        self.outcomes[rule].given_up -= 1
        return True

    def _recover(self, key: bytes) -> None:
        for name in self._waiting.pop(key, ()):
            self.outcomes[name].given_up -= 1
            self.outcomes[name].recovered += 1
