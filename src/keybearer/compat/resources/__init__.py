"""The official SDK's names of the classes of resources, such as `client.messages`: keybearer's own."""

from __future__ import annotations

from keybearer.client.resources.files import AsyncFiles, Files
from keybearer.client.resources.generated import (
    AsyncBeta,
    AsyncOrganization,
    AsyncUserProfiles,
    Beta,
    Organization,
    UserProfiles,
)
from keybearer.client.resources.messages import AsyncMessages, Messages
from keybearer.client.resources.models import AsyncModels, Models
from keybearer.client.resources.skills import AsyncSkills, Skills

__all__ = [
    "AsyncBeta",
    "AsyncFiles",
    "AsyncMessages",
    "AsyncModels",
    "AsyncOrganization",
    "AsyncSkills",
    "AsyncUserProfiles",
    "Beta",
    "Files",
    "Messages",
    "Models",
    "Organization",
    "Skills",
    "UserProfiles",
]
