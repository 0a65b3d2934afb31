"""Skills that are kept with the service, and their versions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Literal

from keybearer.types.answer import Answer
from keybearer.types.api_object import APIObject, built
from keybearer.types.timestamp import NEVER, Timestamp, times

__all__ = ["Skill", "SkillSource", "SkillVersion"]


class SkillSource(APIObject, frozen=True):
    """Where a skill comes from.

    Attributes:
        type: `custom` for one of your workspace, `anthropic` and `anthropic_example` for Anthropic's own, `plugin` for one of an
            installed plugin.
    """

    type: Literal["custom", "anthropic", "anthropic_example", "plugin"] | str = ""


class Skill(Answer, frozen=True):
    """A skill.

    Attributes:
        id: Its id.
        display_name: Its name for people, on one line.
        latest_version_id: The id of its newest version.
        source: Where it comes from.
        created_at: When it was made (RFC 3339).
        updated_at: When it was changed last (RFC 3339).

    Source: the `anthropic` 2.14.0 wheel, `types/skill.py`.
    """

    id: str = ""
    display_name: str = ""
    latest_version_id: str = ""
    source: SkillSource = SkillSource()
    created_at: Timestamp = NEVER
    updated_at: Timestamp = NEVER
    type: Literal["skill"] = "skill"

    _builders: ClassVar[Mapping[str, Callable[[Any], Any]]] = {
        "source": built(SkillSource),
        **times("created_at", "updated_at"),
    }

    @property
    def display_title(self) -> str:
        """The name of `display_name` before version 2026-10-21 of the API."""
        return self.display_name or self.extra.get("display_title", "")


class SkillVersion(Answer, frozen=True):
    """A version of a skill.

    Attributes:
        id: Its id, which names the version in a call and in a container's `skills`.
        skill_id: The skill.
        name: The skill's name in its files: that of `SKILL.md`, and of the folder.
        description: The description in `SKILL.md`.
        created_at: When it was made (RFC 3339).

    Source: the `anthropic` 2.14.0 wheel, `types/skills/skill_version.py`.
    """

    id: str = ""
    skill_id: str = ""
    name: str = ""
    description: str = ""
    created_at: Timestamp = NEVER
    type: Literal["skill_version"] = "skill_version"

    _builders: ClassVar[Mapping[str, Callable[[Any], Any]]] = times("created_at")
