"""`beta_tool` beside the official SDK's: the same tools of the same functions."""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Annotated, Any, Literal, get_origin

import anthropic
import pydantic
import pytest

from keybearer.compat import beta_async_tool, beta_tool
from keybearer.compat.lib.tools import BetaAsyncBuiltinFunctionTool, BetaBuiltinFunctionTool, BetaFunctionTool
from keybearer.errors import UsageError
from keybearer.tools.toolset import Toolset


class Unit(enum.Enum):
    """A unit."""

    C = "celsius"
    F = "fahrenheit"


class Place(pydantic.BaseModel):
    """A place."""

    city: str
    country: str = "France"


def weather(location: str, units: Literal["c", "f"], days: int = 3) -> str:
    """Look up the weather.

    For a city, some days ahead.

    Args:
        location: The city and state.
        units: Either 'c'
            or 'f'.
        days: How many days.

    Returns:
        The weather.
    """
    return f"{location} {units} {days}"


def nested(place: Place, unit: Unit, tags: list[str] | None = None) -> str:
    """Take what is nested."""
    return f"{place.city} {unit.value} {tags}"


def limited(size: Annotated[int, pydantic.Field(ge=1, le=9, description="The size.")], *, name: str = "a") -> str:
    """Take limits."""
    return name * size


def untyped(value, other=None) -> str:  # type: ignore[no-untyped-def] # noqa: ANN001 - as programs have them
    """Take anything."""
    return f"{value} {other}"


def nothing() -> str:
    """Take nothing."""
    return "done"


FUNCTIONS: list[Callable[..., str]] = [weather, nested, limited, untyped, nothing]


def bare(schema: Any, defs: Any = None) -> Any:
    """Return a schema without what pydantic alone writes: titles, references to what stands elsewhere, null defaults."""
    if isinstance(schema, list):
        return [bare(each, defs) for each in schema]
    if not isinstance(schema, dict):
        return " ".join(schema.split()) if isinstance(schema, str) else schema
    defs = schema.get("$defs", defs)
    if "$ref" in schema:
        return bare(defs[schema["$ref"].rpartition("/")[2]], defs)
    skipped = {"title", "$defs", "required", "additionalProperties"}
    made = {
        key: bare(value, defs)
        for key, value in schema.items()
        if (key not in skipped or not isinstance(value, str | dict | list | bool)) and (key, value) != ("default", None)
    }
    if schema.get("type") == "object" and isinstance(schema.get("properties"), dict):
        made["properties"] = {name: bare(each, defs) for name, each in schema["properties"].items()}
        made["required"] = sorted(schema.get("required", []))
    return made


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.__name__)
def test_a_tool_says_what_the_sdks_says(function: Callable[..., str]) -> None:
    """Name, description and schema, but for pydantic's titles."""
    ours, theirs = beta_tool(function), anthropic.beta_tool(function)
    assert (ours.name, ours.description) == (theirs.name, theirs.description)
    assert bare(ours.input_schema) == bare(theirs.input_schema)
    assert ours.to_dict().keys() == theirs.to_dict().keys()


@pytest.mark.parametrize(
    ("function", "given"),
    [
        (weather, {"location": "Paris", "units": "c"}),
        (nested, {"place": {"city": "Paris"}, "unit": "celsius", "tags": ["a"]}),
        (limited, {"size": 2, "name": "b"}),
        (untyped, {"value": [1], "other": "x"}),
        (nothing, {}),
    ],
)
def test_a_call_gives_what_the_sdks_gives(function: Callable[..., str], given: dict[str, Any]) -> None:
    """From the same input; the function itself can be called as ever."""
    ours, theirs = beta_tool(function), anthropic.beta_tool(function)
    assert ours.call(given) == theirs.call(given)
    assert ours.func is function


@pytest.mark.parametrize(
    ("given", "error"), [({"units": "c"}, ValueError), ({"location": "a", "units": "k"}, ValueError), ("x", TypeError)]
)
def test_what_does_not_fit_raises_what_the_sdks_raises(given: Any, error: type[Exception]) -> None:
    """The same class, before the function is called."""
    for tool in (beta_tool(weather), anthropic.beta_tool(weather)):
        with pytest.raises(error):
            tool.call(given)


def test_a_decorator_takes_the_sdks_arguments() -> None:
    """A name, a description, a schema or a model for it, and the API's own options."""

    @beta_tool(name="w", description="d", input_schema=Place, cache_control={"type": "ephemeral"}, strict=None)
    def of(city: str, country: str) -> str:
        return city + country

    param = of.to_dict()
    assert (param["name"], param["description"], param["cache_control"]) == ("w", "d", {"type": "ephemeral"})
    assert param["input_schema"] == Place.model_json_schema()
    assert "strict" not in param
    assert of("a", "b") == "ab"


def test_a_coroutine_function_is_not_called_as_a_function() -> None:
    """Nor the other way round."""

    async def waits() -> str:
        return "done"

    with pytest.raises(RuntimeError, match="Cannot call a coroutine function synchronously"):
        beta_tool(waits).call({})  # type: ignore[type-var] # what is wrong
    with pytest.raises(RuntimeError, match="Cannot call a synchronous function asynchronously"):
        beta_async_tool(nothing).call({}).send(None)  # type: ignore[type-var] # what is wrong


def test_a_context_manager_is_refused_in_words() -> None:
    """It would give the model a context in place of a result."""
    import contextlib

    @contextlib.contextmanager
    def opened() -> Any:
        yield

    with pytest.raises(UsageError, match="takes no context manager as a tool"):
        beta_tool(opened)  # type: ignore[type-var] # what is wrong


def test_a_tool_with_a_type_of_its_own_says_its_parameters() -> None:
    """And runs in a toolset, by the name in them."""

    class Shell(BetaBuiltinFunctionTool):
        def to_dict(self) -> Any:
            return {"type": "bash_20250124", "name": "bash", "cache_control": {"type": "ephemeral"}}

        def call(self, input: object) -> Any:  # noqa: A002 - the SDK's name
            return f"ran {input}"

    shell = Shell()
    tools = Toolset([shell, beta_tool(nothing)])
    assert shell.name == "bash"
    assert tools.params[0] == shell.to_dict()
    assert tools.names == ["bash", "nothing"]
    assert issubclass(BetaAsyncBuiltinFunctionTool, BetaBuiltinFunctionTool)
    assert get_origin(BetaFunctionTool[Any]) is BetaFunctionTool
