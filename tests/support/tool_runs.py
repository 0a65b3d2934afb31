"""Runs of tools without a network: replies that are written down, and a run that asks for them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from keybearer.errors import KeybearerError
from keybearer.flow import Effect, Flow
from keybearer.shell.drivers import SyncDriver
from keybearer.shell.tool_calls import ThreadCalls
from keybearer.tools.answer import RunAnswer
from keybearer.tools.options import split_params
from keybearer.tools.result import RunResult
from keybearer.tools.run import Run
from keybearer.tools.state import RunState
from keybearer.tools.toolset import AnyTool, Toolset
from keybearer.types.http import Reply, Request
from keybearer.types.messages import Message
from keybearer.wire.response import parse

_number = itertools.count(1)


def call(name: str, id_: str = "", **given: Any) -> dict[str, Any]:
    """Return a `tool_use` block."""
    return {"type": "tool_use", "id": id_ or f"toolu_{next(_number)}", "name": name, "input": given}


def answer(*content: Any, stop: str | None = None, **fields: Any) -> Message:
    """Return a reply: texts and blocks."""
    blocks = [{"type": "text", "text": each} if isinstance(each, str) else each for each in content]
    calls = any(block["type"] == "tool_use" for block in blocks)
    return parse.message(
        {
            "id": f"msg_{next(_number)}",
            "type": "message",
            "role": "assistant",
            "model": "claude-haiku-4-5",
            "content": blocks,
            "stop_reason": stop or ("tool_use" if calls else "end_turn"),
            "usage": {"input_tokens": 10, "output_tokens": 5},
        }
        | fields
    )


class _NoNetwork:
    def send(self, request: Request) -> Reply:
        raise AssertionError(f"{request} was sent")

    def close(self) -> None:
        pass


DRIVER = SyncDriver(_NoNetwork())


class Script:
    """Replies in their order; an exception among them is raised.

    Attributes:
        asked: The parameters of each request.
    """

    def __init__(self, replies: Iterable[Message | KeybearerError]) -> None:
        self._replies = list(replies)
        self.asked: list[dict[str, Any]] = []
        self.watched: list[Message] = []

    def ask(self, params: Mapping[str, Any], watch: Callable[[Message | None], None] | None) -> Flow[Message]:
        """Give the next reply; one that is watched is shown block by block first."""
        yield from ()
        self.asked.append(dict(params))
        reply = self._replies.pop(0)
        message = getattr(reply, "partial", None) if isinstance(reply, KeybearerError) else reply
        if watch is not None and message is not None:
            for count in range(1, len(message.content) + 1):
                whole = message.to_dict()
                watch(parse.message({**whole, "content": whole["content"][:count], "stop_reason": None}))
        if isinstance(reply, KeybearerError):
            raise reply
        return reply


def made(
    script: Script,
    tools: Iterable[AnyTool] = (),
    *,
    state: RunState | None = None,
    journal: Any = None,
    trim: Any = None,
    split: Any = None,
    output_format: Any = None,
    reask: int = 0,
    **params: Any,
) -> Run:
    """Make a run."""
    options, asked = split_params({"messages": [{"role": "user", "content": "Go."}]} | params)
    wanted = None if output_format is None else RunAnswer(output_format, reask)
    asked = asked if wanted is None else wanted.asked(asked)
    return Run(
        Toolset(tools),
        options,
        asked,
        ask=script.ask,
        runner=ThreadCalls(DRIVER),
        clock=itertools.count().__next__,
        state=state or RunState(),
        journal=journal,
        trim=trim,
        split=split,
        answer=wanted,
    )


def run(
    replies: Iterable[Message | KeybearerError], tools: Iterable[AnyTool] = (), **options: Any
) -> tuple[RunResult, list[dict[str, Any]]]:
    """Run to the end; return what it came to, and the parameters of each request."""
    script = Script(replies)
    return DRIVER.run(made(script, tools, **options).to_end()), script.asked


def effects(flow: Flow[Any], answers: Mapping[type[Effect[Any]], Any]) -> tuple[list[Effect[Any]], Any]:
    """Run a flow as data: return its effects, each answered by its type, and its result."""
    seen: list[Effect[Any]] = []
    try:
        effect = next(flow)
        while True:
            seen.append(effect)
            reply = answers[type(effect)]
            effect = flow.throw(reply) if isinstance(reply, BaseException) else flow.send(reply)
    except StopIteration as end:
        return seen, end.value
