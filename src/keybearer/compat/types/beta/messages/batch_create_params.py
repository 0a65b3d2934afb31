"""The official SDK's type of a request in a batch."""

from __future__ import annotations

from keybearer.types.batches import BatchRequest as Request

__all__ = ["Request"]
