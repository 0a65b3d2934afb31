"""`explain_cache` blames the first thing that differs, by its path."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from keybearer import Client, explain_cache
from keybearer.simulator import Simulator
from support.whole import WHOLE

TOOLS: list[dict[str, Any]] = [
    {
        "name": f"tool_{number}",
        "description": f"Tool number {number}.",
        "input_schema": {
            "type": "object",
            "properties": {"x": {"type": "string", "description": "A word."}, "cache_control": {"type": "string"}},
            "required": ["x"],
        },
    }
    for number in range(4)
]


def conversation(turns: int = 40) -> dict[str, Any]:
    """Return the arguments of a call with tools, a system prompt and many turns, of which half have calls."""
    messages: list[dict[str, Any]] = []
    for turn in range(0, turns, 4):
        call = {
            "type": "tool_use",
            "id": f"toolu_{turn}",
            "name": "tool_1",
            "input": {"x": f"w{turn}", "n": [1, {"a": None}]},
        }
        result = {
            "type": "tool_result",
            "tool_use_id": f"toolu_{turn}",
            "content": [{"type": "text", "text": f"r{turn}"}],
        }
        messages += [
            {"role": "user", "content": f"question {turn}"},
            {"role": "assistant", "content": [{"type": "text", "text": "I look."}, call]},
            {"role": "user", "content": [result]},
            {"role": "assistant", "content": [{"type": "text", "text": f"answer {turn}"}]},
        ]
    messages.append({"role": "user", "content": "and now?"})
    system = [{"type": "text", "text": "You are kind. " * 20}, {"type": "text", "text": "It is Monday."}]
    return {
        "model": "claude-haiku-4-5",
        "max_tokens": 9,
        "system": system,
        "tools": TOOLS,
        "messages": messages,
        "cache": "auto",
    }


BASE = conversation()


def changed(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    """Return the arguments with a change."""
    params = copy.deepcopy(BASE)
    change(params)
    return params


def test_turns_that_are_added_are_no_difference() -> None:
    """Nor are blocks behind those of the last turn, a text as a list, a smaller answer, or other breakpoints."""
    assert explain_cache(BASE, BASE) is None
    more = [{"role": "assistant", "content": "this"}, {"role": "user", "content": "go on"}]
    assert explain_cache(changed(lambda params: params["messages"].extend(more)), BASE) is None
    assert explain_cache(changed(lambda params: params.update(max_tokens=500, cache="auto-1h")), BASE) is None
    as_list = [{"type": "text", "text": "and now?"}, {"type": "text", "text": "please"}]
    assert explain_cache(changed(lambda params: params["messages"][-1].update(content=as_list)), BASE) is None


@pytest.mark.parametrize(
    ("change", "reason", "path", "words"),
    [
        (lambda p: p.update(model="claude-opus-4-6"), "model_changed", "model", "a cache of its own"),
        (lambda p: p["tools"].insert(1, {**TOOLS[0], "name": "new"}), "tools_changed", "tools[1].name", "was 'tool_1', is 'new'"),
        (lambda p: p["tools"].append({**TOOLS[0], "name": "new"}), "tools_changed", "tools[4]", "was added"),
        (lambda p: p["tools"].pop(), "tools_changed", "tools[3]", "was taken out"),
        (
            lambda p: p["tools"][2].update(input_schema=dict(reversed(TOOLS[2]["input_schema"].items()))),
            "tools_changed",
            "tools[2].input_schema",
            "in another order",
        ),
        (
            lambda p: p["tools"][3]["input_schema"]["properties"].pop("cache_control"),
            "tools_changed",
            "tools[3].input_schema.properties.cache_control",
            "was taken out",
        ),
        (lambda p: p["system"][1].update(text="It is 10:05."), "system_changed", "system[1].text", "was 'It is Monday.'"),
        (lambda p: p.update(tool_choice={"type": "any"}), "parameters_changed", "tool_choice", "was None"),
        (
            lambda p: p["messages"][6]["content"][0]["content"][0].update(text="other"),
            "messages_changed",
            "messages[6].content[0].content[0].text",
            "Only add turns",
        ),
        (lambda p: p["messages"].pop(4), "messages_changed", "messages[4].role", "was 'user'"),
        (
            lambda p: p["messages"][1]["content"][1]["input"]["n"].append(2),
            "messages_changed",
            "messages[1].content[1].input.n[2]",
            "was added",
        ),
    ],
)  # fmt: skip
def test_what_differs_first_is_blamed(change: Any, reason: str, path: str, words: str) -> None:
    """Its kind, its path, its values in words, and what to do."""
    found = explain_cache(changed(change), BASE)
    assert found is not None
    assert (found.reason, found.path) == (reason, path)
    assert words in str(found)
    assert found.tokens > 0


def test_a_time_in_the_system_prompt_has_its_own_advice() -> None:
    """The commonest reason is named."""
    dated = [{"type": "text", "text": f"Be kind. The time is 2026-11-26 {clock}."} for clock in ("10:00", "10:05")]
    earlier, later = ({**BASE, "system": [block]} for block in dated)
    found = explain_cache(later, earlier)
    assert found is not None
    assert "A time or an id there changes with each request" in found.words


def test_what_stands_behind_the_last_breakpoint_spoils_nothing() -> None:
    """A change there is none of what was written."""
    marked = changed(lambda params: params.update(cache=None))
    marked["system"][0]["cache_control"] = {"type": "ephemeral"}
    later = copy.deepcopy(marked)
    later["system"][1]["text"] = "It is Tuesday."
    assert explain_cache(later, marked) is None
    later["system"][0]["text"] = "You are not."
    assert getattr(explain_cache(later, marked), "path", "") == "system[0].text"


def test_breakpoints_that_are_missing_or_too_far() -> None:
    """A prefix is read where it was written, from a breakpoint at most twenty blocks behind."""
    plain = changed(lambda params: params.update(cache=None))
    assert "The earlier request has no breakpoint" in str(explain_cache(BASE, plain))
    assert "The later request has no breakpoint" in str(explain_cache(plain, BASE))
    earlier = changed(lambda params: params.update(cache=None, cache_control={"type": "ephemeral"}))
    for blocks, reason in ((19, None), (20, "too_far")):
        later = copy.deepcopy(earlier)
        later["messages"] += [
            {"role": "assistant", "content": [{"type": "text", "text": "a"}] * blocks},
            {"role": "user", "content": "go on"},
        ]
        assert getattr(explain_cache(later, earlier), "reason", None) == reason


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Yield the path of every plain value within a value, with what holds it and its key there."""
    for key, each in value.items() if isinstance(value, dict) else enumerate(value):
        inner = f"{path}[{key}]" if isinstance(key, int) else f"{path}.{key}"
        if isinstance(each, dict | list):
            yield from leaves(each, inner)
        else:
            yield inner.removeprefix("."), value, key


def test_a_change_anywhere_is_blamed_at_its_path() -> None:
    """Whatever plain value of a conversation of forty turns is changed, its path is named."""
    draw = random.Random(7)  # noqa: S311 - no secret
    names = [path for path, _, _ in leaves(BASE) if path not in {"max_tokens", "cache"}]
    for path in draw.choices(names, k=1000 if WHOLE else 60):
        params = copy.deepcopy(BASE)
        holder, key = next((holder, key) for name, holder, key in leaves(params) if name == path)
        holder[key] = draw.choice(["changed", 7, True, None, ["x"]]) if path.count(".input.") else f"{holder[key]}!"
        found = explain_cache(params, BASE)
        plain = path if path.startswith(("system", "tools")) or not path.endswith(".content") else f"{path}[0].text"
        if plain.startswith(f"messages[{len(BASE['messages']) - 1}]"):
            assert found is None or found.path == plain
        elif found is None:
            assert holder[key] is None  # it was None
        else:
            assert found.path == plain


def test_the_simulator_s_own_diagnosis_agrees(sim: Simulator) -> None:
    """The service's `diagnostics`, as the simulator gives them, name the same kind of reason."""
    with Client(api_key=sim.api_key, base_url=sim.base_url) as client:
        first = client.messages.create(**BASE, diagnostics={"previous_message_id": None})
        for change in (
            lambda p: p.update(model="claude-opus-4-6"),
            lambda p: p["tools"].pop(),
            lambda p: p["system"][1].update(text="other"),
            lambda p: p["messages"][0].update(content="other"),
        ):
            params = changed(change)
            answer = client.messages.create(**params, diagnostics={"previous_message_id": first.id})
            found = explain_cache(params, BASE)
            assert found is not None
            assert answer.diagnostics["cache_miss_reason"]["type"] == found.reason
