"""The official SDK's names of `client.messages`."""

from __future__ import annotations

from keybearer.client.resources.batches import AsyncBatches, Batches
from keybearer.compat.resources.messages.messages import DEPRECATED_MODELS, AsyncMessages, Messages

__all__ = ["DEPRECATED_MODELS", "AsyncBatches", "AsyncMessages", "Batches", "Messages"]
