"""What `--output-format json` and `stream-json` print: the objects of `claude -p`, with its keys.

Source: Claude Code 2.1.332 against the simulator, and `ResultMessage` of claude-agent-sdk. Keys that are about Claude Code alone
(its permissions, plugins, sub-agents) are left out; `tests/e2e/test_command_output.py` reads the lines with claude-agent-sdk's parser.

Contract: a line is JSON in ASCII, so it holds nothing that a terminal obeys.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from keybearer._version import __version__
from keybearer.cli.kept import new_id
from keybearer.cli.stopwatch import Stopwatch
from keybearer.errors import APIError, KeybearerError, SpendLimitExceeded, StreamAPIError
from keybearer.types.messages import Message
from keybearer.types.usage import added

__all__ = ["assistant_line", "event_line", "init_line", "print_line", "result_line", "user_line"]


def print_line(line: Mapping[str, Any]) -> None:
    """Print an object on a line of its own."""
    sys.stdout.write(json.dumps(line, default=str) + "\n")
    sys.stdout.flush()


def init_line(session: str, model: str, tools: Iterable[str]) -> dict[str, Any]:
    """Return the first line of `stream-json`."""
    return _line(
        session,
        type="system",
        subtype="init",
        cwd=os.getcwd(),  # noqa: PTH109 - pathlib costs an import here
        model=model,
        tools=list(tools),
        keybearer_version=__version__,
    )


def event_line(session: str, event: Mapping[str, Any]) -> dict[str, Any]:
    """Return the line of an event of the service, with `--include-partial-messages`."""
    return _line(session, type="stream_event", event=event, parent_tool_use_id=None)


def assistant_line(session: str, message: Message) -> dict[str, Any]:
    """Return the line of a reply."""
    return _line(session, type="assistant", message=message.to_dict(mode="json"), parent_tool_use_id=None)


def user_line(session: str, content: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the line of the results of tool calls."""
    turn = {"role": "user", "content": list(content)}
    return _line(session, type="user", message=turn, parent_tool_use_id=None)


def result_line(
    session: str,
    messages: Sequence[Message],
    watch: Stopwatch,
    *,
    text: str,
    ended: str = "end_turn",
    structured: Any = None,
    denied: Sequence[Mapping[str, Any]] = (),
    error: KeybearerError | None = None,
    earlier: Sequence[Message] = (),
) -> dict[str, Any]:
    """Return the last line: what came of it all.

    Args:
        session: The conversation's id.
        messages: The replies.
        watch: Times it.
        text: The answer, or what went wrong.
        ended: Why it ended: a stop reason, or one of `keybearer.RunResult.ended`.
        structured: The value of a structured answer.
        denied: The tool calls that were not allowed.
        error: What ended it.
        earlier: The replies to earlier questions of the same process: dollars are those of all, everything else is this question's.
    """
    from keybearer.prices import Cost

    taken = round(watch.past * 1000)
    billed = [*earlier, *messages]
    cost = sum((each.cost for each in billed), Cost()).usd
    line: dict[str, Any] = {
        "type": "result",
        "subtype": _SUBTYPES.get(ended, "success"),
        "is_error": error is not None or ended in _SUBTYPES,
        "duration_ms": taken,
        "duration_api_ms": taken,
        "num_turns": len(messages),
        "result": text,
        "stop_reason": messages[-1].stop_reason if messages else None,
        "total_cost_usd": None if cost is None else float(cost),
        "usage": added([each.usage for each in messages]).to_dict() if messages else {},
        "modelUsage": _by_model(billed),
        "permission_denials": list(denied),
    }
    if watch.first is not None:
        line["ttft_ms"] = round(watch.first * 1000)
    if structured is not None:
        line["structured_output"] = structured
    if error is not None:
        answered = isinstance(error, APIError | StreamAPIError)
        line["subtype"] = "success" if answered else "error_during_execution"  # claude's own words for a refused call
        if isinstance(error, SpendLimitExceeded):
            line["subtype"] = _SUBTYPES["spend_limit"]
        line["errors"] = [str(error)]
        line["api_error_status"] = getattr(error, "status", None)
        line["api_error_type"] = getattr(error, "type", None)
    return _line(session, **line)


_SUBTYPES = {"max_turns": "error_max_turns", "spend_limit": "error_max_budget_usd"}
"""The endings that are no answer; all others are `success`."""


def _by_model(messages: Sequence[Message]) -> dict[str, dict[str, Any]]:
    from keybearer.prices import Cost

    grouped: dict[str, list[Message]] = {}
    for message in messages:
        grouped.setdefault(message.model, []).append(message)
    found = {}
    for model, replies in grouped.items():
        usage = added([each.usage for each in replies])
        cost = sum((each.cost for each in replies), Cost()).usd
        searches = getattr(usage.server_tool_use, "web_search_requests", None) or 0
        found[model] = {
            "inputTokens": usage.input_tokens,
            "outputTokens": usage.output_tokens,
            "cacheReadInputTokens": usage.cache_read_input_tokens or 0,
            "cacheCreationInputTokens": usage.cache_creation_input_tokens or 0,
            "webSearchRequests": searches,
            "costUSD": None if cost is None else float(cost),
        }
    return found


def _line(session: str, **fields: Any) -> dict[str, Any]:
    return {**fields, "session_id": session, "uuid": new_id()}
