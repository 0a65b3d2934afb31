"""Containers: where the service's code runs. Here nothing runs; a container is an id that lives for an hour after its last use.

Source: the wheel's `types/container.py` and `types/beta/beta_container.py`. The hour is a guess.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from keybearer.simulator.core.clock import SimulatedClock, rfc3339
from keybearer.simulator.core.ids import Ids

__all__ = ["describe_container"]

LIFE_SECONDS: Final = 3600.0
CODE: Final = (
    "code_execution_tool_result",
    "bash_code_execution_tool_result",
    "text_editor_code_execution_tool_result",
)


def describe_container(
    asked: Any, content: Iterable[dict[str, Any]], *, ids: Ids, clock: SimulatedClock, is_beta: bool
) -> dict[str, Any] | None:
    """Describe the container of a reply.

    Args:
        asked: The request's `container`: an id, or an object with an id and skills.
        content: The reply's blocks.
        ids: The source of a new container's id.
        clock: The simulator's clock.
        is_beta: Whether the caller knows skills.

    Returns:
        The reply's `container`; None if no code was run in it.
    """
    if not any(block["type"] in CODE for block in content):
        return None
    wanted = asked if isinstance(asked, dict) else {"id": asked}
    found = {
        "id": wanted.get("id") or ids.new("container_"),
        "expires_at": rfc3339(clock.now() + LIFE_SECONDS),
    }
    if not is_beta:
        return found
    skills = [
        {"type": skill.get("type"), "skill_id": skill.get("skill_id"), "version": _version(skill)}
        for skill in wanted.get("skills") or ()
    ]
    return {**found, "skills": skills or None}


def _version(skill: dict[str, Any]) -> str:
    """Resolve `latest`, and a version that is not given, to a date."""
    version = skill.get("version")
    return "20251013" if version in {None, "latest"} else str(version)
