"""The official SDK's names of `client.messages.batches`."""

from __future__ import annotations

from keybearer.client.resources.batches import AsyncBatches, Batches

__all__ = ["AsyncBatches", "Batches"]
