"""The official SDK's names of the classes of resources, such as `client.messages`: keybearer's own."""

from __future__ import annotations

from typing import Any

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


def __getattr__(name: str) -> Any:
    if name in {"beta", "files", "messages", "models", "skills"}:
        from importlib import import_module

        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
