"""The official SDK's tool runner, in Python and in TypeScript, over message threads as it is by default."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from e2e.running import HERE, node_folder, run_examples


def test_the_tool_runner_in_python(tmp_path: Path) -> None:
    """Its examples: a tool, numbers in order, the same without a thread, a search for a deferred tool, a thread that forks."""
    seen = run_examples(sys.executable, HERE / "tool_runner/first_examples.py", home=tmp_path)
    assert seen["weather"]["calls"] == [["get_weather", {"location": "SF", "units": "c"}]]
    assert "20 C" in seen["weather"]["said"]
    for name in ("sum", "whole_history"):
        assert seen[name]["calls"] == [["sum", {"left": 9, "right": 10}]]
        assert "19" in seen[name]["said"]
    assert [call[0] for call in seen["searched"]["calls"]] == ["search_available_tools", "get_humidity"]
    assert "The humidity in SF is 40%." in seen["searched"]["said"]
    assert len(seen["thread"]) == 5
    assert "Order 4821 shipped two days ago" in seen["thread"][2]
    assert seen["thread"][3:] == ["cancelled", "waiting"]


def test_the_tool_runner_in_typescript(tmp_path: Path) -> None:
    """A tool with a zod schema, plain and streamed."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("needs node")
    seen = run_examples(node, node_folder("typescript") / "tool_runner.mjs", home=tmp_path)
    assert seen["plain"]["calls"] == [["get_weather", {"location": "SF"}]]
    assert "foggy and 60°F" in seen["plain"]["said"]
    assert seen["streamed"]["calls"] == [["sum", {"left": 9, "right": 10}]]
    assert "19" in seen["streamed"]["said"]
