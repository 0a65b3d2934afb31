"""Skills and their versions, as the service keeps them for each organization, beside those that Anthropic publishes.

Source: the wheel's `types/skill.py`, `types/skills/skill_version.py`; docs: "Agent Skills in the API" (Anthropic's four
skills, and that a version of theirs is a day). Their names for people and their texts are a guess.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final, Literal

import msgspec
from msgspec import Struct

from keybearer.simulator.core.clock import SimulatedClock
from keybearer.simulator.core.ids import Ids
from keybearer.simulator.service.skill_upload import SkillUpload

__all__ = ["DATED_VERSIONS", "KnownSkills", "SkillStore", "StoredSkill", "StoredSkillVersion", "resolve_skill"]

DATED_VERSIONS: Final = "skills-2025-10-02"
"""The beta tag under which a version is named by its time."""

PUBLISHED: Final = {
    "docx": ("Word", "Create and edit Word documents"),
    "pdf": ("PDF", "Read and make PDF documents"),
    "pptx": ("PowerPoint", "Create and edit presentations"),
    "xlsx": ("Excel", "Create and analyze spreadsheets"),
}
"""Anthropic's own skills: id to the name for people and the description."""
PUBLISHED_VERSION: Final = "20251013"
PUBLISHED_AT: Final = datetime(2025, 10, 13, tzinfo=UTC).timestamp()

SkillOwner = Literal["anthropic", "custom"]
KnownSkills = Mapping[tuple[str, str], tuple[tuple[str, str], ...]]
"""Owner and id of each skill to the id and the time of each version, oldest first."""


class StoredSkillVersion(Struct, frozen=True):
    """A version of a skill.

    Args:
        id: Its id.
        epoch: Microseconds since the epoch, by which requests with the tag `skills-2025-10-02` name it.
        skill_id: The skill that it belongs to.
        created: Seconds since the epoch.
        upload: Its name, description and files; no files if Anthropic publishes it.
        number: Its place among all versions of the store.
    """

    id: str
    epoch: str
    skill_id: str
    created: float
    upload: SkillUpload
    number: int

    def named(self, *, dated: bool) -> str:
        """Return what names it in paths and references.

        Args:
            dated: Whether the request has the tag `skills-2025-10-02`.
        """
        return self.epoch if dated else self.id


class StoredSkill(Struct):
    """A skill.

    Args:
        id: Its id.
        organization: Its owner; empty for Anthropic.
        name: Its slug, which never changes.
        label: Its name for people.
        created: Seconds since the epoch.
        updated: When it last changed, in seconds since the epoch.
        number: Its place among all skills of the store.
        versions: Its versions by id, oldest first.
    """

    id: str
    organization: str
    name: str
    label: str
    created: float
    updated: float
    number: int
    versions: dict[str, StoredSkillVersion] = msgspec.field(default_factory=dict)

    @property
    def owner(self) -> SkillOwner:
        """Who made it."""
        return "custom" if self.organization else "anthropic"

    @property
    def latest(self) -> StoredSkillVersion | None:
        """Its newest version; None after all were deleted."""
        return next(reversed(self.versions.values()), None)

    def find(self, name: str, *, dated: bool) -> StoredSkillVersion | None:
        """Find a version by what names it, or by `latest`.

        Args:
            name: Its name.
            dated: Whether the request has the tag `skills-2025-10-02`.
        """
        if name == "latest":
            return self.latest
        return next((version for version in self.versions.values() if version.named(dated=dated) == name), None)


class SkillStore:
    """The skills, oldest first.

    Args:
        clock: The simulator's clock.
        ids: The source of ids.
    """

    def __init__(self, clock: SimulatedClock, ids: Ids) -> None:
        self._clock = clock
        self._ids = ids
        self._skills: dict[str, StoredSkill] = {}
        self._numbers = itertools.count()
        for name, (label, description) in PUBLISHED.items():
            skill = StoredSkill(name, "", name, label, PUBLISHED_AT, PUBLISHED_AT, next(self._numbers))
            upload = SkillUpload(name, description, {})
            version = StoredSkillVersion(PUBLISHED_VERSION, PUBLISHED_VERSION, name, PUBLISHED_AT, upload, skill.number)
            skill.versions[version.id] = version
            self._skills[skill.id] = skill

    def add(self, organization: str, label: str, upload: SkillUpload) -> StoredSkill:
        """Make a skill with its first version."""
        now = self._clock.now()
        skill_id = self._ids.new("skill_")
        skill = StoredSkill(skill_id, organization, upload.name, label, now, now, next(self._numbers))
        self._skills[skill.id] = skill
        self.add_version(skill, upload)
        return skill

    def add_version(self, skill: StoredSkill, upload: SkillUpload) -> StoredSkillVersion:
        """Add a version to a skill."""
        now = self._clock.now()
        before = int(skill.latest.epoch) if skill.latest else 0
        epoch = max(int(now * 1_000_000), before + 1)  # a clock that stands still gives each its own all the same
        version = StoredSkillVersion(self._ids.new("skillver_"), str(epoch), skill.id, now, upload, next(self._numbers))
        skill.versions[version.id] = version
        skill.updated = now
        return version

    def remove(self, skill: StoredSkill) -> None:
        """Forget a skill and its versions."""
        del self._skills[skill.id]

    def remove_version(self, skill: StoredSkill, version: StoredSkillVersion) -> None:
        """Forget a version."""
        del skill.versions[version.id]
        skill.updated = self._clock.now()

    def visible_to(self, organization: str) -> dict[str, StoredSkill]:
        """Return the skills that an organization may use, by id, oldest first."""
        return {name: skill for name, skill in self._skills.items() if skill.organization in {organization, ""}}

    def known_to(self, organization: str) -> KnownSkills:
        """Return the skills that an organization's messages may name."""
        return {
            (skill.owner, skill.id): tuple((version.id, version.epoch) for version in skill.versions.values())
            for skill in self.visible_to(organization).values()
            if skill.versions
        }


def resolve_skill(known: KnownSkills, asked: Mapping[str, str], *, dated: bool) -> str | None:
    """Find the version of a skill that a message names.

    Args:
        known: The skills that it may name.
        asked: `type`, `skill_id` and, if it is not the newest, `version`: an id or a time.
        dated: Whether the request has the tag `skills-2025-10-02`.

    Returns:
        The version's id, or its time if the request names versions so; None if there is no such skill or version.
    """
    versions = known.get((asked.get("type", ""), asked.get("skill_id", "")), ())
    wanted = asked.get("version") or "latest"
    found = next((names for names in reversed(versions) if wanted == "latest" or wanted in names), None)
    return found[dated] if found else None
