"""The limits on strict schemas: counted before anything is sent, each schema with its share, as the simulator counts them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keybearer.simulator.core.request import MessageRequest
from keybearer.simulator.rules.structured import strict_optional, strict_tools, strict_unions
from keybearer.wire.request.lint import lint
from support.whole import WHOLE

TEXT = {"type": "string"}
UNION = {"anyOf": [TEXT, {"type": "null"}]}


def closed(properties: dict[str, Any], required: list[str] | None = None) -> dict[str, Any]:
    """Return the schema of an object."""
    named = sorted(properties) if required is None else required
    return {"type": "object", "properties": properties, "required": named, "additionalProperties": False}


def strict_tool(name: str, schema: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a strict tool."""
    return {"name": name, "input_schema": schema, "strict": True, **more}


def body(tools: list[dict[str, Any]], output: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return a request."""
    made: dict[str, Any] = {
        "model": "claude-opus-5-5",
        "max_tokens": 9,
        "messages": [{"role": "user", "content": "x"}],
        "tools": tools,
    }
    if output is not None:
        made["output_config"] = {"format": {"type": "json_schema", "schema": output}}
    return made


def with_optional(count: int) -> dict[str, Any]:
    """Return a schema with so many optional parameters."""
    return closed({f"p{number}": TEXT for number in range(count)}, [])


def with_unions(count: int) -> dict[str, Any]:
    """Return a schema with so many unions."""
    return closed({f"p{number}": UNION for number in range(count)})


@pytest.mark.parametrize(
    ("tools", "output", "said"),
    [
        ([strict_tool(f"t{n}", closed({"a": TEXT})) for n in range(20)], None, None),
        (
            [strict_tool(f"t{n}", closed({"a": TEXT})) for n in range(22)],
            None,
            "22 tools are strict, and the most is 20",
        ),
        ([strict_tool("search", with_optional(14)), strict_tool("read", with_optional(10))], None, None),
        (
            [strict_tool("read", with_optional(10)), strict_tool("search", with_optional(15))],
            None,
            "25 parameters of strict schemas are optional, and the most is 24: search 15, read 10",
        ),
        (
            [strict_tool("search", closed({"inner": with_optional(20)}))],
            with_optional(5),
            "25 parameters of strict schemas are optional, and the most is 24: search 20, output_config.format 5",
        ),
        ([strict_tool("search", with_unions(16)), {"name": "loose", "input_schema": with_unions(30)}], None, None),
        (
            [strict_tool("search", with_unions(9)), strict_tool("read", closed({"a": {"type": ["string", "null"]}}))],
            with_unions(7),
            "17 parameters of strict schemas are unions, and the most is 16: search 9, output_config.format 7, read 1",
        ),
    ],
)
def test_a_limit_names_the_schemas_and_their_shares(
    tools: list[dict[str, Any]], output: dict[str, Any] | None, said: str | None
) -> None:
    """Just inside there is nothing to say; just outside it is said who has how many."""
    problems = lint(body(tools, output))
    assert [problem.what for problem in problems] == ([said] if said else [])
    assert all(problem.sure and problem.where == "tools" for problem in problems)


def test_the_tools_over_the_limit_are_named() -> None:
    """The error says what to do."""
    tools = [strict_tool(f"t{n}", closed({"a": TEXT})) for n in range(22)]
    assert lint(body(tools))[0].fix == "Leave `strict` off some of them, such as t20, t21."


SCHEMAS = st.recursive(
    st.sampled_from([TEXT, UNION, {"type": ["integer", "null"]}]),
    lambda inner: st.one_of(
        st.dictionaries(st.sampled_from("abcdefghi"), inner, max_size=9).map(closed),
        st.dictionaries(st.sampled_from("abcdefghi"), inner, max_size=9).map(lambda found: closed(found, [])),
        inner.map(lambda item: {"type": "array", "items": item}),
        st.lists(inner, min_size=1, max_size=3).map(lambda variants: {"anyOf": variants}),
    ),
    max_leaves=30,
)
REQUESTS = st.lists(
    st.dictionaries(st.sampled_from("abcdefghi"), SCHEMAS, max_size=9).map(lambda found: closed(found, ["a"])),
    min_size=1,
    max_size=23,
)


@given(schemas=REQUESTS)
@settings(max_examples=40 if WHOLE else 8, deadline=None)
def test_the_simulator_counts_the_same(schemas: list[dict[str, Any]]) -> None:
    """Two separate readings of the limits agree on every request."""
    request = body([strict_tool(f"t{number}", schema) for number, schema in enumerate(schemas)], with_optional(3))
    rules = (strict_tools, strict_optional, strict_unions)
    refused = [rule.check(MessageRequest(request)) for rule in rules]
    assert len(lint(request)) == sum(each is not None for each in refused), refused


@pytest.mark.parametrize(
    "odd", [None, 3, "x", [], {"properties": 3}, {"properties": {"a": 1}, "required": 4, "anyOf": 5}]
)
def test_an_odd_schema_is_not_counted(odd: Any) -> None:
    """What is no schema is for the service to refuse."""
    assert lint(body([strict_tool("a", odd)])) == []
