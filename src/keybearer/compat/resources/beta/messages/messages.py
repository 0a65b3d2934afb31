"""The official SDK's names of `client.beta.messages`, which is `client.messages` here."""

from __future__ import annotations

from keybearer.client.resources.messages import AsyncMessages, Messages
from keybearer.compat.insides import names_of

__all__ = ["AsyncMessages", "Messages"]

__getattr__ = names_of(__name__)
