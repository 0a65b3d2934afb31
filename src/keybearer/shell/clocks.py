"""The clocks and the randomness of this process, for flows."""

from __future__ import annotations

import time

from keybearer.flow import Clocks

__all__ = ["CLOCKS"]


def _random() -> float:
    import random

    return random.random()  # noqa: S311 - jitter, not a secret


CLOCKS = Clocks(monotonic=time.monotonic, wall=time.time, random=_random)
"""The system's clocks, and `random.random`."""
