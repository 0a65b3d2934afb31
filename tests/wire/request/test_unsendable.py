"""What cannot be sent is refused with its place, wherever it stands, before anything is sent."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from anthropic import types as sdk
from pydantic import BaseModel

from keybearer import Client, lint
from keybearer.errors import LintError
from keybearer.types.content import TextBlock, ToolUseBlock
from keybearer.types.http import Headers, Reply, Request
from keybearer.types.messages import Message

HALF = "a\ud83d"
CUT = "Text was cut inside a character: cut it elsewhere, or drop the half."
OK = b'{"type":"message","role":"assistant","content":[],"stop_reason":"end_turn"}'
HELLO: Any = [{"role": "user", "content": "hi"}]


class Recorder:
    """A transport that answers everything and keeps what was sent."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    def send(self, request: Request) -> Reply:
        """Keep a request's body."""
        self.bodies.append(request.body)
        return Reply(status=200, headers=Headers([("content-type", "application/json")]), body=OK)

    def close(self) -> None:
        """Close nothing."""


def send(**params: Any) -> Any:
    """Send a request and return its body, decoded strictly."""
    recorder = Recorder()
    client = Client(api_key="sk-ant-test", model="m", transport=recorder)
    client.messages.create(**{"max_tokens": 5, "messages": HELLO} | params)
    return json.loads(recorder.bodies[0], parse_constant=pytest.fail)


def refused(**params: Any) -> tuple[str, ...]:
    """Return the problems of a request that is refused."""
    with pytest.raises(LintError) as caught:
        send(**params)
    assert caught.value.problems[0] in str(caught.value)
    return caught.value.problems


def user(content: Any) -> list[Any]:
    """Return messages with one turn."""
    return [{"role": "user", "content": content}]


def block(value: Any) -> list[Any]:
    """Return messages with a value deep inside an assistant's turn."""
    call = {"type": "tool_use", "id": "t", "name": "n", "input": {"deep": [{"er": value}]}}
    result = {"type": "tool_result", "tool_use_id": "t", "content": "ok"}
    return [*HELLO, {"role": "assistant", "content": [{"type": "text", "text": "x"}, call]}, *user([result])]


RESULT = {"type": "tool_result", "tool_use_id": "u", "content": "ok"}


@dataclasses.dataclass
class Meta:
    """A dataclass of the caller's."""

    user_id: Any


class Struct(msgspec.Struct):
    """A Struct of the caller's."""

    user_id: Any


PLACES: list[tuple[dict[str, Any], str]] = [
    ({"messages": block("VALUE")}, "messages[1].content[1].input.deep[0].er"),
    ({"metadata": {"user_id": "VALUE"}}, "metadata.user_id"),
    ({"metadata": Meta("VALUE")}, "metadata.user_id"),
    ({"metadata": Struct("VALUE")}, "metadata.user_id"),
    ({"metadata": {"a b": "VALUE"}}, "metadata['a b']"),
    ({"extra_body": {"new": ("VALUE",)}}, "new[0]"),
    ({"tools": [{"name": "t", "input_schema": {"properties": {"x": {"default": "VALUE"}}}}]},
     "tools[0].input_schema.properties.x.default"),
    ({"system": [{"type": "text", "text": "s", "odd": "VALUE"}]}, "system[0].odd"),
    ({"messages": [*block("ok"), Message(content=[TextBlock(text="x"), ToolUseBlock(id="u", input={"a": "VALUE"})]), *user([RESULT])]},
     "messages[3].content[1].input.a"),
    ({"output_config": {"format": {"schema": {"enum": ["VALUE"]}}}}, "output_config.format.schema.enum[0]"),
]  # fmt: skip


def put(params: Any, value: Any) -> Any:
    """Return parameters with a value in place of the mark."""
    if isinstance(params, str):
        return value if params == "VALUE" else params
    if isinstance(params, dict):
        return {name: put(each, value) for name, each in params.items()}
    if isinstance(params, list | tuple):
        return type(params)(put(each, value) for each in params)
    if isinstance(params, Message):
        return Message(content=[put(each, value) for each in params.content])
    if isinstance(params, ToolUseBlock):
        return ToolUseBlock(id=params.id, input=put(params.input, value))
    return type(params)(put(params.user_id, value)) if isinstance(params, Meta | Struct) else params


@pytest.mark.parametrize("validate", [True, False])
@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf, Decimal("NaN")])
@pytest.mark.parametrize(("params", "where"), PLACES, ids=[where for _, where in PLACES])
def test_a_number_that_json_has_not_is_refused_with_its_place(
    params: dict[str, Any], where: str, number: Any, validate: bool
) -> None:
    """NaN and Infinity never become null, nor text that is no JSON, whether or not the request is checked."""
    problems = refused(**put(params, number), validate=validate)
    assert (
        f"{where}: it is {number}, a number that JSON has no form for. Give another value, or leave it out." in problems
    )


@pytest.mark.parametrize(("params", "where"), PLACES, ids=[where for _, where in PLACES])
def test_half_a_character_is_refused_with_its_place(params: dict[str, Any], where: str) -> None:
    """A lone surrogate is found by its place; unchecked it goes out as an escape, which is JSON."""
    assert refused(**put(params, HALF), validate=True) == (
        f"{where}: its text has half a character, \\ud83d at 1, which is no Unicode. {CUT}",
    )
    assert "a\ud83d" in json.dumps(send(**put(params, HALF), validate=False), ensure_ascii=False)


def test_each_place_is_named() -> None:
    """Every value that cannot be sent is a problem of its own, in the order of the body."""
    problems = refused(metadata={"user_id": math.nan, HALF: 1}, messages=user([{"type": "text", "text": HALF}]))
    assert [line.split(":")[0] for line in problems] == [
        "metadata.user_id",
        r"metadata['a\ud83d']",
        "messages[0].content[0].text",
    ]


def test_what_has_no_form_is_reported_with_its_type() -> None:
    """An object that JSON cannot hold is named by type and place; so is a top-level number."""
    assert refused(metadata={"user_id": object()})[0].startswith(
        "metadata.user_id: it is of type object, which has no form"
    )
    assert refused(tools=[{"name": "t", "input_schema": {"x": 1j}}])[0].startswith(
        "tools[0].input_schema.x: it is of type complex"
    )
    assert refused(max_tokens=5, temperature=math.nan, validate=False)[0].startswith("temperature: it is nan")


def test_lint_says_the_same_and_reads_no_iterator() -> None:
    """`lint` finds such values as sure problems, and leaves the caller's iterators as they are."""
    turns = (turn for turn in user("x"))
    found = lint(
        {
            "model": "m",
            "max_tokens": 1,
            "messages": user(HALF),
            "metadata": {"user_id": math.inf},
            "stop_sequences": turns,
        }
    )
    assert [(each.where, each.sure) for each in found] == [("messages[0].content", True), ("metadata.user_id", True)]
    assert list(turns) == user("x")
    assert lint({"model": "m", "max_tokens": 1, "messages": user("\U0001f600"), "timeout": math.inf}) == []


# ── objects that stand for JSON ──────────────────────────────────────────────


class Turn(BaseModel):
    """A turn of the caller's own model, with a default that must go out and one that must not."""

    role: str = "user"
    content: str | list[Any]
    note: str | None = None


class Broken:
    """An object whose dump fails."""

    def model_dump(self, **_: Any) -> Any:
        """Fail."""
        raise RuntimeError("sk-ant-secret")


def test_objects_of_pydantic_go_out_as_their_dump() -> None:
    """A turn, a block, a tool, and values of the official SDK are sent as JSON objects, without what is None."""
    made = sdk.Message.construct(
        id="m",
        type="message",
        role="assistant",
        model="m",
        content=[sdk.ThinkingBlock(type="thinking", thinking="t", signature="s"), sdk.TextBlock(type="text", text="a")],
        stop_reason="end_turn",
        usage=None,
    )
    body = send(
        messages=[Turn(content="hi"), made, Turn(content=[sdk.TextBlock(type="text", text="b")])],
        tools=[Struct(user_id=1), sdk.TextBlock(type="text", text="c")],
    )
    assert body["messages"] == [
        {"role": "user", "content": "hi"},
        {
            "role": "assistant",
            "content": [{"type": "thinking", "thinking": "t", "signature": "s"}, {"type": "text", "text": "a"}],
        },
        {"role": "user", "content": [{"type": "text", "text": "b"}]},
    ]
    assert body["tools"] == [{"user_id": 1}, {"type": "text", "text": "c"}]


def test_dataclasses_go_out_as_their_fields_with_the_values_in_them() -> None:
    """A dataclass that holds an answer's block sends that as it came."""
    held = TextBlock.from_dict({"type": "text", "text": "a", "new": 1})
    assert send(metadata=Meta([held, (1, 2), {3}, Decimal("1.50")]))["metadata"] == {
        "user_id": [{"type": "text", "text": "a", "new": 1}, [1, 2], [3], 1.5]
    }


def test_a_dump_that_fails_is_reported_without_its_words() -> None:
    """An object that cannot be dumped is refused with its place; what its dump said is not shown."""
    problem = refused(metadata={"user_id": Broken()})[0]
    assert problem.startswith("metadata.user_id: it is a Broken whose model_dump() failed (RuntimeError)")


def test_iterables_at_any_depth_are_lists() -> None:
    """Generators and sets are sent as lists, once."""

    def blocks() -> Iterator[Any]:
        yield {"type": "text", "text": "a"}

    assert send(messages=[{"role": "user", "content": blocks()}])["messages"][0]["content"] == [
        {"type": "text", "text": "a"}
    ]


def test_a_body_that_holds_itself_is_refused() -> None:
    """What has no end is refused in words."""
    metadata: dict[str, Any] = {"x": math.nan}
    metadata["y"] = metadata
    assert refused(metadata=metadata) == ("The request is nested too deeply, or holds itself.",)
