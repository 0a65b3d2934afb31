"""The official SDK's names of `client.beta.messages`, which is `client.messages` here."""

from __future__ import annotations

from keybearer.client.resources.batches import AsyncBatches, Batches
from keybearer.client.resources.messages import AsyncMessages, Messages

__all__ = ["AsyncBatches", "AsyncMessages", "Batches", "Messages"]
