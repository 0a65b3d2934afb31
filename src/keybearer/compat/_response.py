"""The official SDK's names of an answer with the HTTP reply that brought it."""

from __future__ import annotations

from keybearer.client.resources.raw import RawResponse as APIResponse
from keybearer.client.resources.raw import RawResponse as AsyncAPIResponse

__all__ = ["APIResponse", "AsyncAPIResponse"]
