"""What a chaos profile does to one request; nothing, where there is no profile."""

from __future__ import annotations

from msgspec import Struct

from keybearer.simulator.faults import Applied

__all__ = ["Fate"]


class Fate(Struct, frozen=True):
    """What a profile does to one request.

    Args:
        fault: The fault that strikes it, if one does.
        first_byte: Seconds by which its reply begins later.
        tokens_per_second: The speed of its stream; 0 for the usual one.
    """

    fault: Applied | None = None
    first_byte: float = 0.0
    tokens_per_second: float = 0.0
