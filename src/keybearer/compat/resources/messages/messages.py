"""The official SDK's names of `client.messages`, and the models that are deprecated with the day on which each ends."""

from __future__ import annotations

from keybearer.api.deprecated import DEPRECATED
from keybearer.client.resources.messages import AsyncMessages, Messages
from keybearer.compat.insides import names_of

DEPRECATED_MODELS = {model: end for model, (end, _) in DEPRECATED.items()}

__all__ = ["DEPRECATED_MODELS", "AsyncMessages", "Messages"]

__getattr__ = names_of(__name__)
