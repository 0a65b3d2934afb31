"""Conversations that an agent goes on with, and changes of them that spoil the prompt cache, each with the path where it begins."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

__all__ = ["Mutation", "conversation", "grown", "mutations"]

Params = dict[str, Any]


class Mutation(NamedTuple):
    """A change.

    Attributes:
        path: Where the request first differs after it.
        apply: Makes the change.
    """

    path: str
    apply: Callable[[Params], object]


def conversation(name: str, turns: int = 40) -> Params:
    """Return the arguments of a call with tools, a system prompt and many turns, of which half have calls."""
    tools = [
        {
            "name": f"tool_{number}",
            "description": f"Tool number {number}. " * 40,
            "input_schema": {
                "type": "object",
                "properties": {"x": {"type": "string", "description": "A word."}, "n": {"type": "integer"}},
                "required": ["x"],
            },
        }
        for number in range(6)
    ]
    messages: list[Params] = [{"role": "user", "content": f"The task {name}. " + "Do it well. " * 60}]
    for turn in range(turns // 2):
        call = {
            "type": "tool_use",
            "id": f"toolu_{name}_{turn}",
            "name": "tool_1",
            "input": {"x": f"w{turn}", "n": turn},
        }
        result = {
            "type": "tool_result",
            "tool_use_id": call["id"],
            "content": [{"type": "text", "text": f"r{turn} " * 60}],
        }
        messages += [
            {"role": "assistant", "content": [{"type": "text", "text": f"I look at {turn}."}, call]},
            {"role": "user", "content": [result]},
        ]
    system = [{"type": "text", "text": "You are kind. " * 1200}, {"type": "text", "text": f"You serve {name}."}]
    return {
        "model": "claude-haiku-4-5",
        "max_tokens": 9,
        "system": system,
        "tools": tools,
        "messages": messages,
        "cache": "auto",
    }


def grown(params: Params, turn: int) -> Params:
    """Return the next request of a conversation."""
    more = [
        {"role": "assistant", "content": f"Step {turn} is done."},
        {"role": "user", "content": f"Go on with {turn}."},
    ]
    return {**copy.deepcopy(params), "messages": [*copy.deepcopy(params["messages"]), *more]}


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    for key, each in value.items() if isinstance(value, dict) else enumerate(value):
        inner = f"{path}[{key}]" if isinstance(key, int) else f"{path}.{key}"
        if isinstance(each, dict | list):
            yield from _leaves(each, inner)
        elif key not in {"type", "role", "id", "tool_use_id", "name"}:  # the service would refuse the request
            yield inner.removeprefix("."), value, key


def _leaf(path: str, draw: random.Random) -> Mutation:
    def apply(params: Params) -> None:
        holder, key = next((holder, key) for name, holder, key in _leaves(params) if name == path)
        old = holder[key]
        if not isinstance(old, str):
            holder[key] = old + 1
        else:
            at = draw.randrange(len(old) + 1)
            holder[key] = f"{old[:at]}{draw.choice(['x', ' 2026-11-26T10:05', 'é'])}{old[at:]}"

    return Mutation(f"{path}[0].text" if path.endswith("].content") else path, apply)


def _at(index: int, change: Callable[[Params, int], object]) -> Callable[[Params], object]:
    return lambda params: change(params, index)


def mutations(params: Params, draw: random.Random) -> Iterator[Mutation]:
    """Give changes without end, of every kind, before the last two turns of a conversation."""
    last = len(params["messages"]) - 2
    fixed = [path for path, _, _ in _leaves({name: params[name] for name in ("tools", "system")})]
    said = [path for path, _, _ in _leaves({"messages": params["messages"][:last]})]
    tools = len(params["tools"])
    while True:
        number, turn = draw.randrange(tools - 1), draw.randrange(1, last - 2, 2)
        yield draw.choice(
            [
                _leaf(draw.choice(said), draw),
                _leaf(draw.choice(said), draw),
                _leaf(draw.choice(fixed), draw),
                Mutation("model", lambda p: p.update(model="claude-opus-4-6")),
                Mutation(
                    f"tools[{number}].name",
                    _at(number, lambda p, at: p["tools"].insert(at, {**p["tools"][at], "name": "new"})),
                ),
                Mutation(f"tools[{tools}]", lambda p: p["tools"].append({**p["tools"][0], "name": "new"})),
                Mutation(f"tools[{tools - 1}]", lambda p: p["tools"].pop()),
                Mutation(f"tools[{number}].name", _at(number, lambda p, at: p["tools"].append(p["tools"].pop(at)))),
                Mutation(
                    f"tools[{number}].input_schema",
                    _at(
                        number,
                        lambda p, at: p["tools"][at].update(
                            input_schema=dict(reversed(p["tools"][at]["input_schema"].items()))
                        ),
                    ),
                ),
                Mutation("system[1]", lambda p: p["system"].pop()),
                Mutation("system[2]", lambda p: p["system"].append({"type": "text", "text": "And quick."})),
                Mutation("tool_choice", lambda p: p.update(tool_choice={"type": "auto"})),
                Mutation(
                    f"messages[{turn}].content[0].text",
                    _at(turn, lambda p, at: p["messages"].__delitem__(slice(at, at + 2))),
                ),
                Mutation(
                    f"messages[{turn + 1}].content[1]",
                    _at(
                        turn + 1, lambda p, at: p["messages"][at]["content"].append({"type": "text", "text": "Hurry."})
                    ),
                ),
            ]
        )
