"""Toolsets: lists of tools with filters and prefixes, and tools that become others while a run goes on."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest

from keybearer import Conversation, tool
from keybearer.tools.tool import Tool
from keybearer.tools.toolset import Toolset, only, prefixed, without
from support.tool_runs import answer, call, run


@tool
def add(a: int, b: int) -> int:
    """Add."""
    return a + b


@tool(name="take")
async def fetch(what: str) -> str:
    """Take something."""
    return what


class Changing:
    """Tools that can be set to others."""

    def __init__(self, *tools: Tool[..., Any]) -> None:
        self.version = 0
        self.tools = tools

    def __iter__(self) -> Iterator[Tool[..., Any]]:
        return iter(self.tools)

    def become(self, *tools: Tool[..., Any]) -> None:
        """Become others."""
        self.tools = tools
        self.version += 1


def test_a_toolset_is_a_list_with_filters_and_prefixes() -> None:
    """Functions, tools, dicts and the service's own mix; the service's own keep their names."""

    def plain(x: int) -> int:
        """Be plain."""
        return x

    search = {"type": "web_search_20250305", "name": "web_search"}
    custom = {"name": "deploy", "input_schema": {"type": "object"}}
    tools = Toolset(prefixed("a_", [add, plain, search, custom]))
    assert [each["name"] for each in tools.params] == ["a_add", "a_plain", "web_search", "a_deploy"]
    assert (tools.names, tools.elsewhere) == (["a_add", "a_plain"], {"web_search", "a_deploy"})
    assert [getattr(each, "name", None) for each in only(["add"], [add, fetch])] == ["add"]
    assert [getattr(each, "name", None) for each in without(["add"], [add, fetch])] == ["take"]
    assert add.name == "add"


def sent(asked: list[dict[str, Any]]) -> list[list[str]]:
    """Return the names of the tools of each request."""
    return [[each["name"] for each in params.get("tools", ())] for params in asked]


def test_a_run_has_the_tools_that_there_are_at_each_turn() -> None:
    """A tool that is new is called, one that has gone is not known; who unpacks the tools keeps those that there were."""
    here = Changing()

    @tool
    def unlock() -> str:
        """Give the others."""
        here.become(unlock, add)
        return "There are more."

    here.become(unlock)
    replies = [answer(call("unlock")), answer(call("add", a=1, b=2)), answer("Three.")]
    result, asked = run(replies, [here, fetch])
    assert sent(asked) == [["unlock", "take"], ["unlock", "add", "take"], ["unlock", "add", "take"]]
    assert result.steps[1].outcomes[0].content == "3"
    assert asked[1]["tools"] is asked[2]["tools"]  # encoded once
    here.become(unlock)
    assert sent(run([answer(call("unlock")), answer("Done.")], here)[1]) == [["unlock"], ["unlock", "add"]]
    here.become(unlock)
    result, asked = run([answer(call("unlock")), answer(call("add", a=1, b=2)), answer("Hm.")], [*here])
    assert sent(asked) == [["unlock"]] * 3
    assert "There is no tool named 'add'." in str(result.steps[1].outcomes[0].content)


def test_tools_that_cannot_be_used_change_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """A name that is there twice is said once, and the run goes on with the tools that it had."""
    here = Changing()

    @tool
    def clash() -> str:
        """Bring a name that is there."""
        here.become(add, add)
        return "Now what?"

    here.become(clash)
    with caplog.at_level(logging.WARNING, "keybearer"):
        _, asked = run([answer(call("clash")), answer(call("clash")), answer("Done.")], [here])
    assert sent(asked) == [["clash"]] * 3
    assert [record.message.partition(":")[0] for record in caplog.records] == [
        "The tools of a run have changed, and it goes on with those that it had"
    ] * 2


def test_tools_that_may_change_stand_wherever_tools_may() -> None:
    """Filters and prefixes take those that there are, and a conversation keeps all for its runs, and their parameters for a call."""
    here = Changing(add)
    assert [each.name for each in only(["add"], [here, fetch]) if isinstance(each, Tool)] == ["add"]
    assert Toolset(prefixed("a_", [here])).names == ["a_add"]
    talk = Conversation(tools=[here])
    assert [each["name"] for each in talk.defaults["tools"]] == ["add"]
    here.become(add, fetch)
    assert sent(run([answer("Hi.")], talk.fill_params({})["tools"])[1]) == [["add", "take"]]
