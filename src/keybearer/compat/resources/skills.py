"""The official SDK's names of `client.skills`."""

from __future__ import annotations

from keybearer.client.resources.skills import AsyncSkills, AsyncSkillVersions, Skills, SkillVersions

Versions, AsyncVersions = SkillVersions, AsyncSkillVersions

__all__ = ["AsyncSkills", "AsyncVersions", "Skills", "Versions"]
