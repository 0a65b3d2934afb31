"""What becomes of a tool call: who allows it, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, Literal, TypeAlias

from msgspec import Struct

from keybearer.tools.content import ResultContent
from keybearer.tools.tool import ToolCall

__all__ = [
    "ALLOW",
    "LATER",
    "Allow",
    "Approve",
    "CallOutcome",
    "Decision",
    "Deny",
    "Edit",
    "Ending",
    "Later",
    "ToolFailure",
    "ToolResultEvent",
    "result_block",
]


class Allow(Struct, frozen=True):
    """The call may run."""


class Deny(Struct, frozen=True):
    """The call may not run; the model reads why.

    Attributes:
        reason: What the model reads.
    """

    reason: str = "The user did not allow this call."


class Edit(Struct, frozen=True):
    """The call may run with another input; which the model reads.

    Attributes:
        input: The input in place of the model's.
    """

    input: Mapping[str, Any]


class Later(Struct, frozen=True):
    """Nobody has decided: the run stops here, and goes on another day."""


ALLOW, LATER = Allow(), Later()

Decision: TypeAlias = Allow | Deny | Edit | Later
"""What somebody says to a call."""

Approve: TypeAlias = Callable[[ToolCall], Any]
"""Asked before a call: returns a `Decision`, or True or False; a coroutine function is awaited."""


class Ending(Enum):
    """How a call ended."""

    DONE = "done"
    FAILED = "failed"
    DENIED = "denied"
    LATER = "later"
    UNKNOWN = "unknown"


class CallOutcome(Struct, frozen=True):
    """What came of a call.

    Attributes:
        call: The call.
        content: What the model gets.
        is_error: Whether it is an error.
        ending: How it ended.
        seconds: How long the tool ran, in seconds.
    """

    call: ToolCall
    content: ResultContent
    is_error: bool = False
    ending: Ending = Ending.DONE
    seconds: float = 0.0


class ToolFailure(Struct, frozen=True):
    """What a tool raised, for the caller's hook `on_tool_error`.

    Attributes:
        call: The call.
        error: The exception, with its traceback.
        content: What the model gets in its place.
    """

    call: ToolCall
    error: BaseException
    content: ResultContent


class ToolResultEvent(Struct, frozen=True):
    """The result of a call, in the stream of a run.

    Attributes:
        outcome: What came of the call.
        type: Always `tool_result`.
    """

    outcome: CallOutcome
    type: Literal["tool_result"] = "tool_result"


def result_block(outcome: CallOutcome) -> dict[str, Any]:
    """Return the `tool_result` block of a call."""
    block: dict[str, Any] = {"type": "tool_result", "tool_use_id": outcome.call.id, "content": outcome.content}
    return block | {"is_error": True} if outcome.is_error else block
