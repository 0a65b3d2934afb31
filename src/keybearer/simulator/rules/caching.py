"""Rules on cache breakpoints."""

from __future__ import annotations

from typing import Final

from keybearer.simulator.core.request import MessageRequest
from keybearer.simulator.rules.rule import Rule, rule
from keybearer.simulator.service.prompt_cache import breakpoints

__all__ = ["RULES"]

CACHING_PAGE: Final = "docs: Prompt caching"
MOST: Final = 4


def _all(request: MessageRequest) -> list[str]:
    """List the breakpoints, which both rules read."""
    if "breakpoints" not in request.kept:
        automatic = request.body.get("cache_control")
        own = [str(automatic.get("ttl") or "5m")] if automatic else []
        request.kept["breakpoints"] = [*breakpoints(request.body), *own]
    found: list[str] = request.kept["breakpoints"]
    return found


@rule("cache-breakpoints", CACHING_PAGE)
def cache_breakpoints(request: MessageRequest) -> str | None:
    """A request has at most four breakpoints, the automatic one included."""
    found = len(_all(request))
    return None if found <= MOST else f"A maximum of {MOST} blocks with cache_control may be provided. Found {found}."


@rule("cache-ttl-order", CACHING_PAGE)
def cache_ttl_order(request: MessageRequest) -> str | None:
    """Breakpoints of an hour come before those of five minutes."""
    found = _all(request)
    if found == sorted(found):  # "1h" sorts before "5m"
        return None
    return (
        "a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block. Note that blocks are "
        "processed in the following order: `tools`, `system`, `messages`."
    )


RULES: Final[tuple[Rule, ...]] = (cache_breakpoints, cache_ttl_order)
