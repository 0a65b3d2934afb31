"""`@tool`, toolsets, names, and what a tool returns."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
import pydantic
import pytest
from anthropic import beta_tool

from keybearer.errors import UsageError
from keybearer.tools.content import result_content
from keybearer.tools.names import MAX_NAME, fit_name
from keybearer.tools.tool import Tool, ToolCall, ToolError, tool
from keybearer.tools.toolset import Toolset, only


@tool
def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


@tool(name="take", description="Take it.", strict=True, cache_control={"type": "ephemeral"}, timeout=3)
async def fetch(a: int) -> int:
    """Fetch."""
    return a


def test_a_tool_is_still_the_function() -> None:
    """With its name and docstring."""
    assert add(1, 2) == 3
    assert (vars(add)["__name__"], add.__doc__, repr(add)) == ("add", "Add two numbers.", "<Tool add>")


def test_a_tool_says_how_a_request_has_it() -> None:
    """Its options too; what it says is the caller's own to change."""
    schema = {
        "type": "object",
        "properties": {"a": {"type": "integer"}},
        "required": ["a"],
        "additionalProperties": False,
    }
    expected = {
        "name": "take",
        "description": "Take it.",
        "input_schema": schema,
        "strict": True,
        "cache_control": {"type": "ephemeral"},
    }
    assert fetch.to_param() == expected
    fetch.to_param()["name"] = "other"
    assert fetch.to_param() == expected
    assert fetch.timeout == 3


def test_a_method_is_a_tool_of_its_object() -> None:
    """Each object has its own."""

    class Counter:
        def __init__(self, start: int) -> None:
            self.start = start

        @tool
        def count(self, more: int) -> int:
            """Count on."""
            return self.start + more

    first, second = Counter(1).count, Counter(5).count
    assert [each(1) for each in (first, second)] == [2, 6]
    args, kwargs = first.arguments(ToolCall("id", "count", {"more": 2}))
    assert first.function(*args, **kwargs) == 3


class _Odd:
    def count(self, more: int) -> int:
        return more

    def drip(self) -> Iterator[int]:
        yield 1

    async def drip_later(self) -> AsyncIterator[int]:
        yield 1


def _fetch(url: str, token: str, *, tries: int = 3) -> str:
    """Fetch a page.

    Args:
        url: The page.
        token: Who asks.
        tries: How often.
    """
    return f"{url} {token} {tries}"


def test_what_a_partial_gives_is_not_the_models_to_give() -> None:
    """The name, the words and the types are the function's."""
    made = tool(functools.partial(functools.partial(_fetch, token="secret"), tries=1))
    assert (made.name, made.description) == ("_fetch", "Fetch a page.")
    assert made.input_schema["properties"] == {"url": {"type": "string", "description": "The page."}}
    args, kwargs = made.arguments(ToolCall("id", "_fetch", {"url": "a"}))
    assert made.function(*args, **kwargs) == "a secret 1"


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: tool(3), "tool() takes a function, not a int"),  # type: ignore[call-overload]
        (lambda: tool(lambda: 0), "A lambda has no name to call it by"),
        (lambda: tool(nmae="x")(add.function), "tool() takes no `nmae`. Did you mean name?"),  # type: ignore[call-overload]
        (lambda: tool(readonly=True)(add.function), "Did you mean read_only?"),  # type: ignore[call-overload]
        (lambda: Toolset([add, add]), "Two tools are named `add`"),
        (lambda: only(["ad"], [add]), "There is no tool named ad"),
        (lambda: Toolset(add), "`tools` is a Tool, and takes a list. Write tools=[...]."),  # type: ignore[arg-type]
        (lambda: Toolset({"name": "a"}), "`tools` is a dict, and takes a list"),  # type: ignore[dict-item]
        (lambda: Toolset([_Odd.count]), "`count` is a method of a class. Give it from an object"),
        (lambda: Toolset([_Odd().count, _Odd().drip]), "this function yields. Return a list."),
        (lambda: tool(_Odd().drip_later), "this function yields. Return a list."),
    ],
)
def test_what_is_no_tool_is_said(make: Any, words: str) -> None:
    """When it is made."""
    with pytest.raises(UsageError) as caught:
        make()
    assert words in str(caught.value)


def test_a_tool_of_the_official_sdk_is_taken() -> None:
    """By what it says of itself."""

    @beta_tool
    def multiply(a: int, b: int) -> str:
        """Multiply.

        Args:
            a: One.
            b: Another.
        """
        return str(a * b)

    (made,) = [Toolset([multiply]).get("multiply")]
    assert isinstance(made, Tool)
    args, kwargs = made.arguments(ToolCall("id", "multiply", {"a": 2, "b": 3}))
    assert made.function(*args, **kwargs) == "6"


@pytest.mark.parametrize("name", ["add", "a" * 64, "Ü", "a.b", "a_b", "a" * 65, "a" * 64 + "b", "a b", "", "💥" * 99])
def test_a_name_fits_and_is_always_the_same(name: str) -> None:
    """One that fits is left alone; two that do not never become one."""
    fitted = fit_name(name)
    assert 0 < len(fitted) <= MAX_NAME
    assert fitted.replace("_", "").replace("-", "").isalnum()
    assert fitted.isascii()
    assert fit_name(name) == fitted
    assert fit_name(fitted) == fitted


def test_names_stay_apart() -> None:
    """What is replaced and what is cut ends in a digest."""
    names = ["a.b", "a b", "a_b", "a" * 65, "a" * 66, "", "ü", "ö"]
    assert len({fit_name(name) for name in names}) == len(names)


@dataclass
class _Found:
    when: dt.date


class _Struct(msgspec.Struct):
    x: int


class _Model(pydantic.BaseModel):
    x: int


@pytest.mark.parametrize(
    ("value", "content"),
    [
        ("text", "text"),
        (None, "Done: there is nothing to return."),
        (3, "3"),
        ({"a": [1, None]}, '{"a":[1,null]}'),
        ([], "[]"),
        (_Found(dt.date(2026, 1, 2)), '{"when":"2026-01-02"}'),
        (_Struct(1), '{"x":1}'),
        ([_Model(x=1)], '[{"x":1}]'),
        ({"type": "text", "text": "a"}, [{"type": "text", "text": "a"}]),
        ([{"type": "image", "source": {}}], [{"type": "image", "source": {}}]),
        ({"type": "text"}, '{"type":"text"}'),
        ({"type": "cat", "name": "a"}, '{"type":"cat","name":"a"}'),
        (
            ["A cat:", {"type": "image", "source": {}}, 3],
            [{"type": "text", "text": "A cat:"}, {"type": "image", "source": {}}, {"type": "text", "text": "3"}],
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_a_tool_returns_becomes_content(value: Any, content: Any) -> None:
    """Text as it is, content blocks as they are, anything else as JSON."""
    assert result_content(value) == content


@pytest.mark.parametrize("value", [object(), float("nan"), {1: object()}])
def test_what_json_cannot_express_is_the_tools_mistake(value: Any) -> None:
    """Its repr does not reach the model."""
    with pytest.raises(TypeError, match="is no text, no content block and no JSON value"):
        result_content(value)


def test_an_error_for_the_model_may_have_blocks() -> None:
    """Or text."""
    assert ToolError("No.").content == "No."
    assert ToolError([{"type": "text", "text": "No."}]).content == [{"type": "text", "text": "No."}]
