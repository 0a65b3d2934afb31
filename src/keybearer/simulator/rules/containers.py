"""Rules on the container that the service's code runs in."""

from __future__ import annotations

from typing import Final

from keybearer.simulator.core.errors import ServiceError
from keybearer.simulator.core.request import MessageRequest
from keybearer.simulator.rules.rule import Rule, rule
from keybearer.simulator.service.containers import resolve_skill_of

__all__ = ["RULES"]


@rule("skill-known", "anthropic 2.14.0, types/skill_params.py; the refusal's words are a guess", about=("container",))
def skill_known(request: MessageRequest) -> ServiceError | None:
    """A skill that the container is to load exists for the caller, in that version."""
    container = request.body.get("container")
    for index, skill in enumerate((container.get("skills") or []) if isinstance(container, dict) else []):
        if resolve_skill_of(request, skill) is None:
            version = f", version {skill['version']}" if skill.get("version") else ""
            words = f"container.skills.{index}: Skill not found: {skill['skill_id']} ({skill['type']}){version}"
            return ServiceError("not_found_error", words)
    return None


RULES: Final[tuple[Rule, ...]] = (skill_known,)
