"""A conversation of 200 messages, sent anew at every turn, as an agent does."""

from __future__ import annotations

from typing import Any

from bench.case import MODEL, Case, Run, Target


def _history(answer: Any) -> list[Any]:
    """Return 100 questions and the 100 answers to them, as a caller has them: the answers' own values."""
    history: list[Any] = []
    for number in range(100):
        text = f"Question {number}: what comes next, and why? " * 4
        history += [
            {"role": "user", "content": [{"type": "text", "text": text}]},
            {"role": "assistant", "content": answer.content},
        ]
    return history


def _blocking(run: Run, client: Any) -> None:
    ask = {"role": "user", "content": "Go on."}
    first = client.messages.create(model=MODEL, max_tokens=100, messages=[ask])
    history = _history(first)
    with run.measure(run.n):
        for _ in range(run.n):
            client.messages.create(model=MODEL, max_tokens=100, messages=[*history, ask])


CASE = Case(
    name="history",
    title="a history of 200 messages, built and sent",
    unit="request",
    path="/plain",
    size=(30, 100),
    blocking=_blocking,
    targets=(Target("history of 200 messages: CPU", "cpu_us", 1 / 10, "1/10"),),
)
