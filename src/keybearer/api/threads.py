"""Message threads for conversations: the service keeps the turns, and a call sends only the new ones.

Strategy: an answer that the service keeps is marked with a digest of all that it answers: the turns before it, and the settings that
stay the same in a thread. A call whose conversation has the same digest up to that answer continues it. Any other one, such as one
that was trimmed, mended or given other tools, begins a new thread with the whole history. So what the service has is never guessed.

Contract: each way is tried once. The service refuses a thread that has gone before a model runs, so nothing is paid twice.

Source: the `anthropic` 2.14.0 wheel, `types/beta/beta_message_thread_param.py` and `lib/threads/_thread_state.py`.
That a thread ends after five minutes, and which settings stay the same: the API's page "Message threads".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any, Final, NamedTuple

from keybearer.types.messages import Message
from keybearer.wire.json import dumps, sendable
from keybearer.wire.request.headers import FILES, uses_file

__all__ = ["ThreadPlan", "thread_plans"]

_FIRST: Final[frozenset[str | None]] = frozenset({None})
_GONE: Final[frozenset[str | None]] = frozenset(
    {"thread_not_found", "thread_already_continued", "thread_continue_in_flight", "thread_fingerprint_mismatch"}
)
_UNSUPPORTED: Final[frozenset[str | None]] = frozenset({"thread_unsupported_request"})
_KEPT: Final = ("system", "tools")
"""What a continuation does not send again: the service has it with the thread."""
_FIXED: Final = (*_KEPT, "model", "thinking", "tool_choice", "cache_control", "output_config", "betas")
"""What a thread's turns have in common."""


class ThreadPlan(NamedTuple):
    """One way to send a conversation.

    Attributes:
        params: The call's arguments.
        digest: Marks the answer as one that the service keeps; None when it keeps none.
        after: The `error_code` of the refusals after which it is tried; None in it for the way that is tried first.
    """

    params: dict[str, Any]
    digest: str | None
    after: frozenset[str | None]


def thread_plans(params: Mapping[str, Any], model: str | None) -> Iterator[ThreadPlan]:
    """Yield the ways to send a conversation in a thread, the one that sends the least first.

    Args:
        params: The arguments of `messages.create`, with the turns as a list.
        model: The model of calls that name none.
    """
    turns = params["messages"]
    plain = [sendable(turn) for turn in turns]
    whole = dict(params)
    if uses_file({"messages": plain}):  # the tags stay the same for all turns of a thread
        whole["betas"] = [*(params.get("betas") or ()), FILES]
    fixed = {name: sendable(whole.get(name)) for name in _FIXED} | {"model": whole.get("model") or model}
    digest = _digest(fixed, plain)
    created = {**whole, "thread": {"type": "create"}}
    last = _last_answer(turns)
    if last is not None and turns[last].thread == _digest(fixed, plain[:last]):
        sent = {name: value for name, value in whole.items() if name not in _KEPT}
        sent |= {"messages": turns[last + 1 :], "thread": {"type": "continue", "previous_message_id": turns[last].id}}
        yield ThreadPlan(sent, digest, _FIRST)
        yield ThreadPlan(created, digest, _GONE)
    else:
        yield ThreadPlan(created, digest, _FIRST)
    yield ThreadPlan(dict(params), None, _UNSUPPORTED)


def _last_answer(turns: list[Any]) -> int | None:
    """Return the index of the answer that could be continued: the last turn of the model, with new turns after it."""
    for index in range(len(turns) - 1, -1, -1):
        turn = turns[index]
        if isinstance(turn, Message):
            goes_on = (
                index + 1 < len(turns) and turn.id and turn.stop_reason != "refusal"
            )  # the service keeps no refusal
            return index if goes_on else None
        if turn.get("role") == "assistant":
            return None
    return None


def _digest(fixed: Mapping[str, Any], turns: list[Any]) -> str:
    return sha256(dumps([fixed, turns])).hexdigest()
