"""The first examples that agent frameworks publish end with the right result: unscripted, with every rule on."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from e2e.running import HERE, node_folder, python_of, run_examples


def python_examples(name: str, home: Path) -> dict[str, Any]:
    """Run the first examples of a Python framework."""
    return run_examples(python_of(name), HERE / name / "first_examples.py", home=home)


def test_smolagents(tmp_path: Path) -> None:
    """The weather agent calls its tool and gives a final answer: with JSON tool calls, and with Python code."""
    seen = python_examples("smolagents", tmp_path)
    weather = "The weather in Paris is UNGODLY with torrential rains and temperatures below -10"
    assert f"{weather} F" in seen["tool_calling"]
    assert seen["code"] == f"{weather} C"  # a stub in the system prompt does not say that an argument may be left out


def test_langgraph(tmp_path: Path) -> None:
    """The weather agent asks about the city as it is written, and the arithmetic graph adds the two numbers."""
    seen = python_examples("langgraph", tmp_path)
    assert seen["weather"]["calls"] == [["get_weather", {"city": "sf"}]]
    assert "It's always sunny in sf!" in seen["weather"]["said"]
    assert seen["added"]["calls"] == [["add", {"a": 3, "b": 4}]]
    assert "7" in seen["added"]["said"]


def test_claude_agent_sdk(tmp_path: Path) -> None:
    """In-process MCP tools, which have to be searched for first, get the numbers and names of the prompt."""
    seen = python_examples("claude_agent_sdk", tmp_path)
    used = {name: [call for call in each["calls"] if call[0] != "ToolSearch"] for name, each in seen.items()}
    assert "4" in seen["asked"]["said"]
    assert used["greeted"] == [["mcp__tools__greet", {"name": "Alice"}]]
    assert "Hello, Alice!" in seen["greeted"]["said"]
    assert "42" in seen["sum"]["said"]
    assert used["quotient"] == [["mcp__calc__divide", {"a": 100, "b": 7}]]
    assert "14.28" in seen["quotient"]["said"]
    assert used["root"] == [["mcp__calc__sqrt", {"n": 144}]]
    assert "The root of 144 is 12.0" in seen["root"]["said"]
    assert used["power"] == [["mcp__calc__power", {"base": 2, "exponent": 8}]]
    assert "256" in seen["power"]["said"]


def test_dspy(tmp_path: Path) -> None:
    """Signatures are filled in dspy's own text format, and its ReAct loop calls the tool and then finishes."""
    seen = python_examples("dspy", tmp_path)
    assert seen["math"]["answer"] == 42
    assert seen["sentiment"]["sentiment"] in {"positive", "negative", "neutral"}
    assert isinstance(seen["sentiment"]["confidence"], float)
    assert seen["extracted"]["title"] != ""
    assert all(isinstance(entity, dict) for entity in seen["extracted"]["entities"])
    steps = seen["weather"]["trajectory"]
    assert (steps["tool_name_0"], steps["tool_args_0"]) == ("get_weather", {"city": "Tokyo"})
    assert (steps["observation_0"], steps["tool_name_1"]) == ("The weather in Tokyo is sunny.", "finish")
    assert "The weather in Tokyo is sunny" in seen["weather"]["answer"]


def test_instructor(tmp_path: Path) -> None:
    """Typed values come from the text: names and numbers, a nested list, a stream, and a list of two."""
    address = {"street": "12 Main Street", "city": "Oslo", "country": "Norway"}
    assert python_examples("instructor", tmp_path) == {
        "user": {"name": "John", "age": 25},
        "resident": {"name": "Anna", "age": 31, "addresses": [address]},
        "partial": {"name": "Jason", "age": 25},
        "users": [{"name": "John", "age": 25}, {"name": "Mary", "age": 30}],
    }


def test_pydantic_ai(tmp_path: Path) -> None:
    """A text, a bet that is won and one that is lost, a tool that gives a balance, a typed value, a stream."""
    seen = python_examples("pydantic_ai", tmp_path)
    assert seen["first"] != ""
    assert seen["won"][0] is True
    assert seen["won"][1][0] == ["roulette_wheel", {"square": 18}]
    assert seen["lost"][0] is False
    assert seen["lost"][1][0] == ["roulette_wheel", {"square": 5}]
    assert seen["support"][1][0][0] == "customer_balance"
    assert "$12" in seen["support"][0]["support_advice"]
    assert seen["typed"] == {"name": "Oslo", "population": 700000}
    assert seen["streamed"] == " ".join(map(str, range(1, 13)))


def test_vercel_ai(tmp_path: Path) -> None:
    """A text, a typed recipe, a streamed tool loop, and an agent that feeds one tool's result to another tool."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("needs node")
    program = node_folder("vercel_ai") / "first_examples.mjs"
    seen = run_examples(node, program, home=tmp_path, below="/v1")
    assert seen["text"] != ""
    assert "lasagna" in seen["recipe"]["name"].lower()
    assert seen["recipe"]["ingredients"] != []
    assert seen["streamed"]["calls"] == [["weather", {"location": "New York"}]]
    assert "77" in seen["streamed"]["said"]
    assert seen["agent"]["calls"] == [
        ["weather", {"location": "San Francisco"}],
        ["convertFahrenheitToCelsius", {"temperature": 77}],
    ]
    assert "25" in seen["agent"]["said"]
