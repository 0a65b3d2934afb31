"""The official SDK's types of the arguments of `messages.create`."""

from __future__ import annotations

from keybearer.compat.types.typed_dicts import taken_by_pydantic
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

taken_by_pydantic(MessageCreateParams)
