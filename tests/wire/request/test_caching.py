"""Where cache="auto" puts its breakpoints."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keybearer import Client
from keybearer.errors import UsageError
from keybearer.simulator import Simulator
from keybearer.wire.request.caching import CacheMode, add_breakpoints, breakpoints
from keybearer.wire.request.lint import lint

MARK, HOUR = {"type": "ephemeral"}, {"type": "ephemeral", "ttl": "1h"}
TOOLS: list[Any] = [{"name": name, "input_schema": {"type": "object"}} for name in ("a", "b")]


def turn(role: str, *blocks: Any) -> dict[str, Any]:
    """Return a turn."""
    return {"role": role, "content": list(blocks) or role}


def text(words: str, **more: Any) -> dict[str, Any]:
    """Return a text block."""
    return {"type": "text", "text": words, **more}


BODY: dict[str, Any] = {
    "model": "m",
    "max_tokens": 5,
    "tools": TOOLS,
    "system": "Be brief.",
    "messages": [turn("user"), turn("assistant"), turn("user"), turn("assistant"), turn("user", text("x"), text("y"))],
}


def places(body: dict[str, Any]) -> list[tuple[str, str]]:
    """Return where the breakpoints are, with their time to live."""
    return [(where, str(mark.get("ttl", "5m"))) for where, mark in breakpoints(body)]


def test_tools_system_and_the_last_two_user_turns() -> None:
    """The four places that matter are marked, and the body that was given is as it was."""
    before = copy.deepcopy(BODY)
    marked = add_breakpoints(BODY, "auto")
    assert places(marked) == [
        ("tools[1]", "5m"),
        ("system[0]", "5m"),
        ("messages[2].content[0]", "5m"),
        ("messages[4].content[1]", "5m"),
    ]
    assert before == BODY
    assert marked["system"] == [{"type": "text", "text": "Be brief.", "cache_control": MARK}]


def test_an_hour_for_what_stays() -> None:
    """`auto-1h` gives tools and system an hour and the turns five minutes: the hour comes first."""
    assert [ttl for _, ttl in places(add_breakpoints(BODY, "auto-1h"))] == ["1h", "1h", "5m", "5m"]


def test_the_caller_s_own_count_and_stay() -> None:
    """Breakpoints that are there stay; ours fill what is left of four; an hour never follows five minutes."""
    own = BODY | {"tools": [TOOLS[0] | {"cache_control": MARK}, TOOLS[1]], "system": [text("s", cache_control=MARK)]}
    assert places(add_breakpoints(own, "auto-1h")) == [
        ("tools[0]", "5m"),
        ("tools[1]", "5m"),
        ("system[0]", "5m"),
        ("messages[4].content[1]", "5m"),
    ]


def test_blocks_that_cannot_be_marked_are_passed_over() -> None:
    """Thinking and empty text end no prefix; a deferred tool is not in the prompt."""
    body = {
        "tools": [TOOLS[0], TOOLS[1] | {"defer_loading": True}],
        "messages": [turn("user", text("a"), {"type": "thinking", "thinking": "", "signature": ""}, text(""))],
    }
    assert places(add_breakpoints(body, "auto")) == [("tools[0]", "5m"), ("messages[0].content[0]", "5m")]


def test_little_to_mark() -> None:
    """A body with one turn gets one breakpoint; one with nothing gets none."""
    assert places(add_breakpoints({"messages": [turn("user")]}, "auto")) == [("messages[0].content[0]", "5m")]
    assert places(add_breakpoints({"messages": [], "system": "", "tools": []}, "auto")) == []


def test_an_unknown_mode_is_reported() -> None:
    """A mode that does not exist is a UsageError that names those that do."""
    wrong: Any = "yes"
    with pytest.raises(UsageError, match="'auto-1h' or 'adaptive'"):
        add_breakpoints(BODY, wrong)


marks = st.sampled_from([None, MARK, HOUR])
blocks = st.lists(
    st.builds(lambda mark: text("t", **({"cache_control": mark} if mark else {})), marks), min_size=1, max_size=3
)


@given(blocks, blocks, st.lists(blocks, min_size=1, max_size=4), st.sampled_from(["auto", "auto-1h"]))
def test_it_never_makes_a_good_request_bad(
    tools: list[Any], system: list[Any], turns: list[Any], mode: CacheMode
) -> None:
    """Whatever breakpoints a request has, if it was good before it is good after, and its content is unchanged."""
    body: dict[str, Any] = {
        "tools": [
            {"name": f"t{n}", "input_schema": {}, **{k: v for k, v in tool.items() if k == "cache_control"}}
            for n, tool in enumerate(tools)
        ],
        "system": system,
        "messages": [turn("user" if n % 2 == 0 else "assistant", *each) for n, each in enumerate(turns)],
    }
    if lint(body):
        return
    after = add_breakpoints(body, mode)
    assert lint(after) == []
    assert _bare(after) == _bare(body)


def _bare(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _bare(v) for k, v in value.items() if k != "cache_control"}
    return [_bare(each) for each in value] if isinstance(value, list) else value


def test_the_next_turn_reads_what_this_one_wrote(sim: Simulator) -> None:
    """In a growing conversation with cache="auto" each request reads the prefix that the one before it wrote."""
    system = "You answer questions on the handbook. " * 1000
    messages: list[Any] = []
    with Client(api_key=sim.api_key, base_url=sim.base_url, model="claude-opus-4-6") as client:
        read = []
        for number in range(3):
            messages.append({"role": "user", "content": f"Question {number}: " + "why? " * 400})
            answer = client.messages.create(max_tokens=50, system=system, messages=messages, cache="auto")
            read.append(answer.usage.cache_read_input_tokens or 0)
            messages.append(answer)
    assert read[0] == 0
    assert 0 < read[1] < read[2]
