"""The official SDK's types of the arguments of `messages.create`."""

from __future__ import annotations

from keybearer.types.requests import CreateParams as MessageCreateParams
from keybearer.types.requests import CreateParams as MessageCreateParamsBase
from keybearer.types.requests import CreateParams as MessageCreateParamsNonStreaming
from keybearer.types.requests import CreateParams as MessageCreateParamsStreaming

__all__ = [
    "MessageCreateParams",
    "MessageCreateParamsBase",
    "MessageCreateParamsNonStreaming",
    "MessageCreateParamsStreaming",
]
