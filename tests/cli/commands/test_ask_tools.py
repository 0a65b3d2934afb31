"""`keybearer ask` with files beside the question, and with tools."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from keybearer.simulator import Simulator
from support.command import keybearer

TOOLS = '''
from keybearer import tool

@tool(read_only=True)
def get_weather(city: str) -> str:
    """Look up the weather in a city."""
    return f"Snow in {city}."
'''
QUESTION = "What is the weather in Oslo?"


@pytest.fixture(autouse=True)
def _folder(sim: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_BASE_URL", sim.base_url)
    monkeypatch.setenv("ANTHROPIC_API_KEY", sim.api_key)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes.txt").write_text("Tea.")
    (tmp_path / "tools.py").write_text(TOOLS)


def content(sim: Simulator) -> list[dict[str, object]]:
    """Return the content of the last question."""
    turns = json.loads(sim.requests[-1].body)["messages"][-1]["content"]
    assert isinstance(turns, list)
    return turns


def test_files_stand_before_the_question(sim: Simulator) -> None:
    """By a flag, and by `@path` in the words of the command line; what is piped names none."""
    done = keybearer("ask", "compare @notes.txt and @none.txt", "-f", "tools.py", text="@tools.py")
    assert done.returncode == 0
    assert "@none.txt is no file here" in done.stderr
    blocks = content(sim)
    assert [block.get("title") for block in blocks] == ["tools.py", "notes.txt", None]
    assert blocks[-1]["text"] == "compare @notes.txt and @none.txt\n\n@tools.py"


def test_standard_input_as_a_file(sim: Simulator) -> None:
    """`-f -` is a file of any kind, which needs no question beside it."""
    assert keybearer("ask", "-f", "-", text="%PDF-1.4 ...").returncode in {0, 3}
    assert [block["type"] for block in content(sim)] == ["document"]
    assert keybearer("ask", "sum up", "-f", "gone.txt").stderr == "keybearer ask: No such file or directory: gone.txt\n"


def test_a_tool_runs_when_it_is_allowed(sim: Simulator) -> None:
    """Without a terminal nothing runs that no flag allows, and the model reads why; what came of it is said."""
    done = keybearer("ask", QUESTION, "--tools", "tools.py")
    assert (done.returncode, done.stderr) == (0, "keybearer ask: get_weather: denied.\n")
    assert "there is no terminal to ask at" in done.stdout
    done = keybearer("ask", QUESTION, "--tools", "tools.py:get_weather", "--yes-to", "read", "--usage")
    assert "Snow in Oslo." in done.stdout
    assert "keybearer ask: get_weather: done" in done.stderr
    done = keybearer("ask", "-c", "And what did it say?", "--tools", "tools.py")
    assert len(json.loads(sim.requests[-1].body)["messages"]) >= 5


def test_the_lines_of_a_run() -> None:
    """Each reply, the results of its calls, and what was not allowed."""
    args = ("ask", QUESTION, "--tools", "tools.py", "--output-format", "stream-json")
    lines = [json.loads(line) for line in keybearer(*args).stdout.splitlines()]
    assert [line["type"] for line in lines] == ["system", "assistant", "user", "assistant", "result"]
    assert lines[0]["tools"] == ["get_weather"]
    assert lines[2]["message"]["content"][0]["is_error"] is True
    assert lines[-1]["permission_denials"][0]["tool_name"] == "get_weather"
    assert lines[-1]["num_turns"] == 2


def test_a_run_ends_at_its_turns() -> None:
    """It is said, and the exit code is that of a failure."""
    args = ("ask", QUESTION, "--tools", "tools.py", "--yes-to", "all", "--max-turns", "1")
    done = keybearer(*args)
    assert (done.returncode, done.stderr.splitlines()[-1]) == (
        1,
        "keybearer ask: the answer stopped early: it reached --max-turns.",
    )
    result = json.loads(keybearer(*args, "--output-format", "json").stdout)
    assert (result["subtype"], result["is_error"]) == ("error_max_turns", True)


def test_yes_without_tools_is_wrong_usage() -> None:
    """It would allow nothing."""
    assert keybearer("ask", "hi", "--yes-to", "read").returncode == 2
