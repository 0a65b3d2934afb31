"""Histories for property tests: those that the service takes, and what it says about a history, by our linter and by its rules."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from keybearer import Conversation, Message, lint
from keybearer.simulator.core.errors import ServiceError
from keybearer.simulator.core.request import MessageRequest
from keybearer.simulator.rules import check_request
from keybearer.simulator.rules.thinking import keeps_thinking
from keybearer.simulator.service.signing import sign
from keybearer.wire.request.build import message_body

MODEL = "claude-opus-5-5"
TODAY = datetime(2026, 11, 25, tzinfo=UTC).timestamp()
TOOLS = [{"name": "read", "input_schema": {"type": "object"}}]
TEXTS = st.text("abc é漢", min_size=1, max_size=40).filter(str.strip)
LONG = st.integers(1, 400).map(lambda times: "word " * times + "end")


def refusals(conversation: Conversation, model: str = MODEL) -> list[str]:
    """Return why a conversation would be refused, as the linter and the simulator's rules say; nothing when it is taken."""
    params = {"max_tokens": 2000, "tools": TOOLS, **conversation.fill_params({}), "model": model}
    found = [f"{each.where}: {each.what}" for each in lint(params) if each.sure]
    body = message_body({name: value for name, value in params.items() if name not in {"cache", "betas"}})
    try:
        check_request(MessageRequest(body, now=TODAY))
    except ServiceError as refusal:
        found.append(str(refusal))
    return found


def goes_on_thinking(conversation: Conversation) -> bool:
    """Return whether the service would let the model think in the next answer."""
    params = conversation.fill_params({"model": MODEL, "max_tokens": 1})
    return keeps_thinking(MessageRequest(message_body(params), now=TODAY))


def thought(text: str) -> dict[str, Any]:
    """Return a thinking block with a signature that the simulator takes."""
    return {"type": "thinking", "thinking": text, "signature": sign(text)}


def answer(content: list[Any], *, usage: tuple[int, int] | None = None, name: str = "msg_1") -> Message:
    """Return an answer of the model's."""
    tokens = {"input_tokens": usage[0], "output_tokens": usage[1]} if usage else {}
    source = {"id": name, "type": "message", "role": "assistant", "model": MODEL, "content": content, "usage": tokens}
    return Message.from_dict({**source, "stop_reason": "end_turn"})


@st.composite
def histories(draw: st.DrawFn, *, most: int = 6) -> list[Any]:
    """Make a history that the service takes: questions, tool loops with parallel calls, thinking, system turns, usage."""
    turns: list[Any] = []
    calls, spent = 0, draw(st.integers(10, 3000))
    measured = draw(st.booleans())

    def said(content: list[Any]) -> Any:
        nonlocal spent
        spent += draw(st.integers(5, 300))
        written = draw(st.integers(1, 200))
        if draw(st.integers(0, 5)) == 0:
            return {"role": "assistant", "content": content}
        return answer(content, usage=(spent, written) if measured else None, name=f"msg_{len(turns)}")

    exchanges = draw(st.integers(1, most))
    for number in range(exchanges):
        turns.append({"role": "user", "content": draw(TEXTS | LONG)})
        if turns and draw(st.integers(0, 6)) == 0:
            turns.append({"role": "user", "content": [{"type": "text", "text": draw(TEXTS)}]})
        thinks = draw(st.booleans())
        steps = draw(st.integers(0, 5))
        for step in range(steps):
            names = [f"toolu_{calls + each}" for each in range(draw(st.integers(1, 3)))]
            calls += len(names)
            opening = [thought(draw(TEXTS))] if thinks and (step == 0 or draw(st.booleans())) else []
            asked = [{"type": "tool_use", "id": each, "name": "read", "input": {"a": draw(TEXTS)}} for each in names]
            given = [{"type": "tool_result", "tool_use_id": each, "content": draw(LONG)} for each in names]
            turns.append(said([*opening, *asked]))
            if draw(st.booleans()):
                turns.append({"role": "user", "content": given})
            else:
                turns += [{"role": "user", "content": [each]} for each in given]
            if draw(st.integers(0, 8)) == 0:
                turns.append({"role": "system", "content": draw(TEXTS)})
        if number == exchanges - 1 and steps and draw(st.booleans()):
            return turns  # in the middle of a loop
        turns.append(said([{"type": "text", "text": draw(TEXTS)}]))
    turns.append({"role": "user", "content": draw(TEXTS)})
    return turns
