"""What of a request the simulator does not do as the service does it: one sentence each, for the journal.

These are the simulator's own gaps. They are no fault of the client, and no finding about it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

__all__ = ["gaps"]

Body = dict[str, Any]


def _programmatic(body: Body) -> bool:
    return any("direct" not in (tool.get("allowed_callers") or ["direct"]) for tool in body.get("tools") or [])


def _skills(body: Body) -> bool:
    container = body.get("container")
    return isinstance(container, dict) and bool(container.get("skills"))


GAPS: Final[tuple[tuple[Callable[[Body], object], str], ...]] = (
    (
        lambda body: body.get("mcp_servers"),
        "mcp_servers: no MCP server is asked; its tools get a scenario's or canned results",
    ),
    (
        lambda body: body.get("container"),
        "container: no code is run; what an earlier request left in a container is not known",
    ),
    (_skills, "container.skills: skills are listed in the reply, and not carried out"),
    (_programmatic, "allowed_callers: programmatic tool calling is not simulated; such a tool is never called"),
    (lambda body: body.get("fallbacks"), "fallbacks: no fallback model is asked; a refusal stays a refusal"),
    (lambda body: body.get("fallback_credit_token"), "fallback_credit_token: it is not redeemed"),
    (lambda body: body.get("speed") == "fast", "speed: it is reported in the usage, and the reply is as fast as ever"),
)
"""What asks for something that is not simulated, and what happens in its place."""


def gaps(body: Body) -> list[str]:
    """List the gaps that a request touches, in words."""
    return [words for touches, words in GAPS if touches(body)]
