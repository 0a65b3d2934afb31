"""Containers: where the service's code runs. Here nothing runs; a container is an id that lives for an hour after its last use.

Source: the wheel's `types/container.py` and `types/beta/beta_container.py`. The hour is a guess.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from keybearer.simulator.core.clock import SimulatedClock, rfc3339
from keybearer.simulator.core.ids import Ids
from keybearer.simulator.core.request import MessageRequest
from keybearer.simulator.service.skills import DATED_VERSIONS, resolve_skill

__all__ = ["describe_container", "resolve_skill_of"]

LIFE_SECONDS: Final = 3600.0
CODE: Final = (
    "code_execution_tool_result",
    "bash_code_execution_tool_result",
    "text_editor_code_execution_tool_result",
)


def describe_container(
    request: MessageRequest, content: Iterable[dict[str, Any]], *, ids: Ids, clock: SimulatedClock
) -> dict[str, Any] | None:
    """Describe the container of a reply.

    Args:
        request: The request, whose `container` is an id, or an object with an id and skills.
        content: The reply's blocks.
        ids: The source of a new container's id.
        clock: The simulator's clock.

    Returns:
        The reply's `container`; None if no code was run in it.
    """
    if not any(block["type"] in CODE for block in content):
        return None
    asked = request.body.get("container")
    wanted = asked if isinstance(asked, dict) else {"id": asked}
    skills = [
        {"type": skill["type"], "skill_id": skill["skill_id"], "version": resolve_skill_of(request, skill)}
        for skill in wanted.get("skills") or ()
    ]
    return {
        "id": wanted.get("id") or ids.new("container_"),
        "expires_at": rfc3339(clock.now() + LIFE_SECONDS),
        "skills": skills or None,
    }


def resolve_skill_of(request: MessageRequest, skill: dict[str, Any]) -> str | None:
    """Name the version of a skill that a request asks for; None if there is none."""
    return resolve_skill(request.skills, skill, dated=DATED_VERSIONS in request.betas)
