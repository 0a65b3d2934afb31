"""The request that has the service sum up a conversation, and what is the summary in its answer.

Strategy: `compaction` asks for the summary alone, so what only shapes an answer is left out: the service refuses it beside it.
Source: the wheel's `_without_compaction_incompatible_params` and `types/beta/beta_compaction_config_param.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from keybearer.types.api_object import is_mapping
from keybearer.types.content import CompactionBlock

__all__ = ["compaction_params", "is_summary"]

_SUMMARIZE: Final = {"type": "summarize"}
_ONLY_FOR_ANSWERS: Final = ("context_management", "stop_sequences", "output_format", "thread")
_FORCED: Final = frozenset({"any", "tool"})


def compaction_params(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters of a compaction, from those of the request whose conversation is to be summed up."""
    asked = {name: value for name, value in params.items() if name not in _ONLY_FOR_ANSWERS}
    choice, output = asked.get("tool_choice"), asked.get("output_config")
    if is_mapping(choice) and choice.get("type") in _FORCED:
        del asked["tool_choice"]
    if is_mapping(output):
        asked["output_config"] = {name: value for name, value in output.items() if name != "format"}
    return asked | {"compaction": _SUMMARIZE}


def is_summary(block: Any) -> bool:
    """Return whether a block is a summary; one that has no content says that the compaction failed."""
    return isinstance(block, CompactionBlock) and bool(block.content)
