"""The official SDK's names of `client.models`."""

from __future__ import annotations

from keybearer.client.resources.models import AsyncModels, Models

__all__ = ["AsyncModels", "Models"]
