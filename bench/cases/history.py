"""A conversation of 200 messages, sent anew at every turn, as an agent does."""

from __future__ import annotations

from typing import Any

from bench.case import MODEL, Case, Run, Target


def _history(client: Any) -> list[Any]:
    """Return 100 answers that call a tool, and 100 results, as a caller has them: the answers' own values."""
    history: list[Any] = [{"role": "user", "content": "Read the notes, line by line."}]
    for number in range(100):
        answer = client.messages.create(model=MODEL, max_tokens=100, messages=history[:1])
        text = f"Line {number}: what comes next, and why? " * 4
        content = [{"type": "text", "text": text}]
        result = {"type": "tool_result", "tool_use_id": answer.content[1].id, "content": content}
        history += [{"role": "assistant", "content": answer.content}, {"role": "user", "content": [result]}]
    return history


def _blocking(run: Run, client: Any) -> None:
    history = _history(client)
    with run.measure(run.n):
        for _ in range(run.n):
            client.messages.create(model=MODEL, max_tokens=100, messages=list(history))


CASE = Case(
    name="history",
    title="a history of 200 messages, built and sent",
    unit="request",
    path="/agent",
    size=(30, 100),
    blocking=_blocking,
    targets=(Target("history of 200 messages: CPU", "cpu_us", 1 / 10, "1/10"),),
)
