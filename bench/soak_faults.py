"""The chaos profile of a soak: every fault of the simulator that can strike a message, each as often as the others."""

from __future__ import annotations

from typing import Any, Final

from keybearer.simulator.faults.phases import PHASES
from keybearer.simulator.faults.table import FAULTS

__all__ = ["profile"]

SHORT: Final = "retry_after_ms=50"
"""A refusal that asks for a short wait: a 429 without one stops every call of a client for a minute."""
PARAMETERS: Final = {
    "slow": "seconds=1",
    "pings": "interval=0.5",
    "redirect": "location=http://127.0.0.1:9/elsewhere",
    "error": "status=503; " + SHORT,
}
IN_PHASES: Final = ("stream_error", "unknown_event", "stall", "pings")
"""The faults that also strike in each phase of a stream; `cut` does so with both of its endings."""


def _specs() -> list[str]:
    specs = []
    for name, kind in FAULTS.items():
        if name.startswith("oauth_"):
            continue  # they strike the token endpoint
        given = PARAMETERS.get(name, SHORT if "retry_after_ms" in kind.parameters else "")
        specs.append(f"{name}; {given}" if given else name)
        if name in IN_PHASES:
            specs += [f"{name}; phase={phase}{'; ' + given if given else ''}" for phase in PHASES]
    specs += [f"cut; phase={phase}; ending={ending}" for phase in PHASES for ending in ("close", "reset")]
    return [*specs, "cut; after_bytes=0", "cut; after_bytes=1; ending=reset", "truncated_json; after_bytes=100"]


def profile(rate: float) -> dict[str, Any]:
    """Return a chaos profile.

    Args:
        rate: The share of the requests that are struck, from 0 to 1; each fault has an equal part of it.
    """
    specs = _specs()
    return {"seed": 21, "faults": [{"fault": spec, "rate": rate / len(specs)} for spec in specs]}
