"""A conversation of 200 messages, sent anew with one exchange more at every turn, as an agent does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from bench import floors
from bench.case import MODEL, Case, Run, Target

LENGTH = 200
"""How many messages a conversation has, on the average."""


def _history(client: Any, exchanges: int) -> list[Any]:
    """Return answers that call a tool, and the results, as a caller has them: the answers' own values."""
    return _reported(exchanges, lambda: client.messages.create(model=MODEL, max_tokens=100, messages=_QUESTION).content)


_QUESTION: list[Any] = [{"role": "user", "content": "Read the notes, line by line."}]


def _reported(exchanges: int, answer: Callable[[], Any]) -> list[Any]:
    history = list(_QUESTION)
    for number in range(exchanges):
        content = answer()
        text = f"Line {number}: what comes next, and why? " * 4
        call = content[1]["id"] if isinstance(content[1], dict) else content[1].id
        result = {"type": "tool_result", "tool_use_id": call, "content": [{"type": "text", "text": text}]}
        history += [{"role": "assistant", "content": content}, {"role": "user", "content": [result]}]
    return history


def _growing(history: list[Any], n: int) -> list[list[Any]]:
    """Return as many beginnings of a conversation, each with an exchange more than the one before."""
    shortest = LENGTH + 1 - n
    return [history[: shortest + 2 * number] for number in range(n)]


def _blocking(run: Run, client: Any) -> None:
    history = _history(client, (LENGTH + run.n) // 2)
    sent = _growing(history, run.n)
    client.messages.create(model=MODEL, max_tokens=100, messages=sent[0])
    with run.measure(run.n):
        for messages in sent:
            client.messages.create(model=MODEL, max_tokens=100, messages=messages)
    unseen = [[{"role": "user", "content": f"{number}: read the notes."}, *sent[0][1:]] for number in range(run.n)]
    with run.measure(run.n, "unseen_"):
        for messages in unseen:
            client.messages.create(model=MODEL, max_tokens=100, messages=messages)


def _floor(run: Run) -> None:
    text = {"type": "text", "text": "I will read the next line."}
    numbers = iter(range(LENGTH))
    call = {"type": "tool_use", "name": "read", "input": {"path": "notes.txt"}}
    history = _reported(LENGTH // 2, lambda: [text, call | {"id": f"toolu_{next(numbers)}"}])
    floors.made(run, lambda: msgspec.json.encode({"model": MODEL, "max_tokens": 100, "messages": list(history)}))


CASE = Case(
    name="history",
    title="a history of 200 messages, built and sent",
    unit="request",
    path="/agent",
    size=(30, 100),
    blocking=_blocking,
    others={"floor-sync": _floor},
    targets=(Target("history of 200 messages: CPU", "cpu_us", 1 / 10, "1/10"),),
    note="each has one exchange more than the one before, as an agent's; *unseen* is one whose conversation was not sent before",
)
