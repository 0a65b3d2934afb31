"""The official SDK's names of the base of every value, and of what steers a call."""

from __future__ import annotations

from keybearer.types.api_object import APIObject as BaseModel
from keybearer.types.requests import ResourceOptions as RequestOptions

__all__ = ["BaseModel", "RequestOptions"]
