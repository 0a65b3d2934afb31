"""What a run does next: a pure function of what has happened."""

from __future__ import annotations

from collections.abc import Callable, Collection
from enum import Enum
from itertools import count
from typing import Any, Final, NamedTuple

from keybearer.tools.options import RunOptions
from keybearer.tools.result import RunUsage
from keybearer.tools.state import RunState, Turn
from keybearer.tools.toolset import Toolset
from keybearer.types.api_object import APIObject
from keybearer.types.messages import Message
from keybearer.wire.response import parse

__all__ = ["ASK", "CALL", "End", "Next", "Reading", "identified", "next_step", "read_reply"]

CUT_NOTE: Final = (
    "Your reply was cut at its maximum length. What was not complete was left out; go on from there, in smaller parts."
)


WINDOW_FULL: Final = "model_context_window_exceeded"


class Next(Enum):
    """What is next, where it is not the end."""

    ASK = "ask the model"
    CALL = "run the calls of the last reply"


ASK, CALL = Next.ASK, Next.CALL


class End(NamedTuple):
    """The run has ended.

    Attributes:
        why: Why, as `RunResult.ended` has it.
    """

    why: str


class Reading(NamedTuple):
    """What is kept of a reply.

    Attributes:
        calls: The ids of the calls that are run.
        note: What the user's turn says beside the results.
        dropped: How many blocks at its end are not kept.
    """

    calls: list[str]
    note: str = ""
    dropped: int = 0


def identified(message: Message) -> Message:
    """Return a reply each of whose calls has an id of its own: those of a gateway may have none, or the same."""
    ids = [call.id for call in message.tool_calls]
    if all(ids) and len(set(ids)) == len(ids):
        return message
    taken = set(ids)
    seen: set[str] = set()
    blocks: list[Any] = list(message.content)
    content = [block.to_dict() if isinstance(block, APIObject) else dict(block) for block in blocks]
    for index, block in enumerate(content):
        if block["type"] != "tool_use":
            continue
        id_ = block.get("id") or ""
        if not id_ or id_ in seen:
            block["id"] = id_ = next(
                name for n in count(index) if (name := f"{id_ or 'toolu'}_{n}") not in taken and name not in seen
            )
        seen.add(id_)
    return parse.message({**message.to_dict(), "content": content})


def read_reply(message: Message, tools: Toolset, options: RunOptions, running: Collection[str] = ()) -> Reading:
    """Return what is kept of a reply, and which of its calls are run here: those of tools that are, and of tools that nobody knows.

    Args:
        message: The reply.
        tools: The run's tools.
        options: How the run is to go.
        running: The ids of calls that were complete in its stream, and have started.
    """
    calls = [
        call.id for call in message.tool_calls if tools.get(call.name) is not None or call.name not in tools.elsewhere
    ]
    if message.stop_reason == "max_tokens":
        cut = bool(message.content) and getattr(message.content[-1], "incomplete", False)
        goes_on = options.on_max_tokens == "continue"
    elif message.stop_reason == WINDOW_FULL:
        # Only the service knows whether a call at its end is whole.
        cut = bool(message.tool_calls) and message.content[-1] is message.tool_calls[-1]
        cut = cut and message.tool_calls[-1].id not in running
        calls = calls[:-1] if cut and calls[-1:] == [message.tool_calls[-1].id] else calls
        goes_on = options.on_context_full != "stop"
    else:
        return Reading(calls)
    return Reading(calls, CUT_NOTE if goes_on else "", int(cut))


def next_step(
    state: RunState, options: RunOptions, *, seconds: float, usage: Callable[[], RunUsage], decided: bool = False
) -> Next | End:
    """Return what a run does next.

    Args:
        state: What has happened.
        options: How the run is to go.
        seconds: How long it has taken in this process, in seconds.
        usage: Adds up what it has used.
        decided: Whether there may be a decision now on calls that were put off.
    """
    if state.turns and (after := _after(state.turns[-1], decided=decided)) is not None:
        return after
    if options.max_turns is not None and len(state.turns) >= options.max_turns:
        return End("max_turns")
    if options.time_limit is not None and seconds >= options.time_limit:
        return End("time_limit")
    if options.token_limit is not None and (usage().total_tokens or 0) >= options.token_limit:
        return End("token_limit")
    return ASK


def _after(turn: Turn, *, decided: bool) -> Next | End | None:
    """Return what follows a reply; None where the model is to be asked again."""
    stop = turn.message.stop_reason
    if any(decided or call.id not in turn.outcomes for call in turn.open_calls):
        return CALL
    if turn.open_calls:
        return End("approval")
    if len(turn.calls) < len(turn.asked):
        return End("tool_use")
    if stop == "max_tokens" and not turn.note:
        return End("max_tokens")
    if stop == WINDOW_FULL and not turn.note:
        return End("context_full")
    return None if turn.calls or turn.note or stop == "pause_turn" else End(stop or "end_turn")
