"""Which of several keys signs the next request: the one whose limits leave most.

Strategy: each reply says how much of each of its key's limits is left; a key is worth the smallest share of them. A key about which
nothing is known is worth as much as an untouched one, and keys of equal worth take turns. A key that was rate limited rests for as
long as the service asks, and one that was refused, or whose credit is spent, is put aside.

Contract: pure; times come in. A share counts until its limit's reset, for then the limit is whole again. Where no key is left, the one
that is free first is used: the service's own answer says more than an error of this module could.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Final

from msgspec import Struct

from keybearer.types.rate_limits import RateLimits

__all__ = ["ASIDE", "KeyRotation"]

ASIDE: Final = 300.0
"""How long a key that was refused, or whose credit is spent, is put aside, in seconds: somebody may mend it meanwhile."""


class _Worth(Struct):
    share: float = 1.0
    resets: float = 0.0
    rests: float = 0.0
    turn: int = 0


class KeyRotation:
    """The state of several keys, by their index.

    Args:
        count: How many there are.
        lock: The lock of the state.
    """

    def __init__(self, count: int, *, lock: AbstractContextManager[object]) -> None:
        self._keys = [_Worth() for _ in range(count)]
        self._lock = lock
        self._turn = 0

    def choose(self, now: float) -> int:
        """Return the key for the next request; `now` is the wall clock, in epoch seconds."""
        with self._lock:
            free = [each for each in self._keys if each.rests <= now]
            best = (
                max(free, key=lambda each: (self._share(each, now), -each.turn))
                if free
                else min(self._keys, key=lambda each: each.rests)
            )
            self._turn += 1
            best.turn = self._turn
            return self._keys.index(best)

    def free(self, now: float) -> int:
        """Return how many keys may be used now."""
        with self._lock:
            return sum(each.rests <= now for each in self._keys)

    def on_limits(self, index: int, limits: RateLimits) -> None:
        """Record the limits in a reply to a request that a key has signed."""
        shares = _shares(limits)
        with self._lock:
            if shares:
                self._keys[index].share, self._keys[index].resets = min(shares)

    def rest(self, index: int, seconds: float, now: float) -> None:
        """Use a key no more for so long."""
        with self._lock:
            self._keys[index].rests = max(self._keys[index].rests, now + seconds)

    @staticmethod
    def _share(key: _Worth, now: float) -> float:
        """Return the share that is left, in tenths: small differences are no reason to leave a key out of its turn."""
        return 1.0 if now >= key.resets else round(key.share, 1)


def _shares(limits: RateLimits) -> Sequence[tuple[float, float]]:
    """Return what is left of each limit, from 0 to 1, and when it is whole again."""
    found = [
        (each.remaining / each.limit, each.reset)
        for each in limits.limits.values()
        if each.limit and each.remaining is not None and each.reset is not None
    ]
    found += [
        (1.0 - each.utilization, each.reset)
        for each in limits.windows.values()
        if each.utilization is not None and each.reset is not None
    ]
    return found
