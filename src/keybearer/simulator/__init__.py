"""A strict offline simulator of the Anthropic API.

It refuses what the service refuses, keeps the state that the service keeps, and fails on request.

    with Simulator() as sim:
        client = Client(base_url=sim.base_url, api_key=sim.api_key)

The names load on first use, so importing this package costs almost nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from keybearer.simulator.options import Options
    from keybearer.simulator.simulator import Simulator

__all__ = ["Options", "Simulator"]


def __getattr__(name: str) -> Any:
    """Load a public name on first use."""
    if name == "Simulator":
        from keybearer.simulator.extra import need_extra

        need_extra()
        from keybearer.simulator.simulator import Simulator

        return Simulator
    if name == "Options":
        from keybearer.simulator.options import Options

        return Options
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
