"""The official SDK's names of `client.beta` and its resources."""

from __future__ import annotations

from keybearer.client.resources.files import AsyncFiles, Files
from keybearer.client.resources.generated import AsyncBeta, Beta
from keybearer.client.resources.messages import AsyncMessages, Messages
from keybearer.client.resources.models import AsyncModels, Models
from keybearer.client.resources.skills import AsyncSkills, Skills

__all__ = [
    "AsyncBeta",
    "AsyncFiles",
    "AsyncMessages",
    "AsyncModels",
    "AsyncSkills",
    "Beta",
    "Files",
    "Messages",
    "Models",
    "Skills",
]
