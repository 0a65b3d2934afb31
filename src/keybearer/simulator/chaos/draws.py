"""Decides which requests a profile strikes.

Whether a rate strikes is a pure function of the seed, the request and how often the same request came before. Two requests are
the same if a replay would take them for the same (`sameness`: ids, dates and folders do not count). So the order of different
requests does not matter, nor how many come at once. Bursts count requests as they arrive, and brown-outs and bursts by seconds
read the clock: those are the same only for the same order and the same times.
"""

from __future__ import annotations

import collections
import hashlib
from typing import Any, Final

from keybearer.simulator.chaos.fate import Fate
from keybearer.simulator.chaos.profile import Brownout, ChaosProfile, ChaosRule
from keybearer.simulator.chaos.tally import Tally
from keybearer.simulator.control.recording import decoded_body
from keybearer.simulator.control.sameness import form_of
from keybearer.simulator.control.seen import SeenRequest
from keybearer.simulator.core.clock import SimulatedClock
from keybearer.simulator.core.request import ServedCall

__all__ = ["Chaos"]

MOST_KNOWN: Final = 100_000
"""How many different requests are remembered, to count how often each came; the oldest are forgotten beyond it."""
API_PATHS: Final = "/v1/"
UNIT: Final = 2.0**64


class Chaos:
    """A profile at work. Its methods are called under the simulator's lock.

    Args:
        profile: The profile.
        clock: The simulator's clock.
        seed: The simulator's seed, which decides together with the profile's own.
    """

    def __init__(self, profile: ChaosProfile, clock: SimulatedClock, seed: int = 0) -> None:
        self.profile = profile
        self._clock = clock
        self._seed = f"{profile.seed}:{seed}".encode()
        self.reset()

    def reset(self) -> None:
        """Begin again, with an empty tally."""
        self.tally = Tally(self.profile.every_rule)
        self._began: float | None = None
        self._came: collections.OrderedDict[bytes, int] = collections.OrderedDict()
        self._counted: collections.Counter[str] = collections.Counter()
        self._bursts: dict[str, tuple[int, int]] = {}

    def decide(self, call: ServedCall, *, may_strike: bool = True) -> Fate:
        """Decide what happens to a request.

        Args:
            call: The request.
            may_strike: Whether no other fault strikes it; it counts in any case.

        Returns:
            Its fate; nothing for a path that is not the API's.
        """
        if not call.path.startswith(API_PATHS):
            return Fate()
        now = self._clock.now()
        if self._began is None:
            self._began = now
        elapsed = now - self._began
        body = decoded_body(call.body)
        key = (form_of("rules", call.method, call.path, body) or b"") + (call.test or "").encode()
        on = [brownout for brownout in self.profile.brownouts if brownout.is_on(elapsed)]
        found = self._strike(call, body, key, elapsed, on)
        struck = found if may_strike else None
        self.tally.begin(call.request_id, key, struck.name if struck else None)
        return Fate(
            struck.fault.applied if struck else None,
            first_byte=sum(brownout.first_byte for brownout in on),
            tokens_per_second=min((each.tokens_per_second for each in on if each.tokens_per_second), default=0.0),
        )

    def _strike(self, call: ServedCall, body: Any, key: bytes, elapsed: float, on: list[Brownout]) -> ChaosRule | None:
        seen = SeenRequest(body if isinstance(body, dict) else {}, call.headers)
        rules = [*self.profile.rules, *(rule for brownout in on for rule in brownout.rules)]
        about = [rule for rule in rules if rule.is_about(call, seen)]
        bursting = [rule for rule in about if rule.burst is not None and self._is_in_burst(rule, elapsed)]
        point = self._draw(key)
        if bursting:
            return bursting[0]
        factor = 1.0
        for brownout in on:
            factor *= brownout.factor
        end = 0.0
        for rule in about:
            end += rule.rate * factor
            if point < end:
                return rule
        return None

    def _draw(self, key: bytes) -> float:
        """Return a number from 0 to 1 for this arrival of a request: the next one of its own row of numbers."""
        number = self._came.pop(key, 0)
        self._came[key] = number + 1
        if len(self._came) > MOST_KNOWN:
            self._came.popitem(last=False)
        digest = hashlib.blake2b(b"%d:%b:%b" % (number, self._seed, key), digest_size=8).digest()
        return int.from_bytes(digest) / UNIT

    def _is_in_burst(self, rule: ChaosRule, elapsed: float) -> bool:
        burst = rule.burst
        assert burst is not None  # noqa: S101  # its caller has looked
        if burst.every is not None:
            place = self._counted[rule.name] % burst.every
            self._counted[rule.name] += 1
            return place >= burst.every - burst.requests
        period = int(elapsed // (burst.every_seconds or 1.0))
        last, used = self._bursts.get(rule.name, (0, 0))
        used = used + 1 if last == period else 1
        self._bursts[rule.name] = (period, used)
        return period > 0 and used <= burst.requests
