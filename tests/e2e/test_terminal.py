"""`keybearer ask`, `chat` and `run` at terminals of 60, 80 and 120 columns: keys are sent, and the screen is read."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from e2e.screens import WAIT, on_screen
from keybearer.simulator import Simulator

ROOT = Path(__file__).parents[2]
TOOLS = """
from keybearer import tool

@tool
def get_weather(city: str) -> str:
    '''Look up the weather in a city.'''
    return f"Snow in {city}."
"""
MARKDOWN = "# Tea\n\nShips **carried** it.\n\n```python\nx = 1\n```\n\n| port | tons |\n|---|---|\n| Oslo | 3 |\n"


@pytest.fixture
def slow() -> Iterator[Simulator]:
    """A simulator whose answers come a word at a time, after a while."""
    with Simulator(tokens_per_second=8, time_to_first_token=1.5) as sim:
        yield sim


def environ(sim: Simulator) -> dict[str, str]:
    """Return what points at a simulator."""
    return {"ANTHROPIC_BASE_URL": sim.base_url, "ANTHROPIC_API_KEY": sim.api_key}


def kept(folder: Path) -> list[Any]:
    """Return the lines of the only conversation that was kept."""
    (path,) = (folder / ".local/share/keybearer/conversations").glob("*.jsonl")
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_a_chat(columns: int, tmp_path: Path, slow: Simulator) -> None:
    """A spinner, an answer that is stopped and one that is not, several lines, a tool that is allowed, the cost, the end."""
    (tmp_path / "t.py").write_text(TOOLS)
    with on_screen("chat -m haiku", folder=tmp_path, environ=environ(slow), columns=columns) as screen:
        screen.wait("claude-haiku-5-5. /help shows the commands")
        screen.keys("Write 100 words", "Enter")
        screen.wait(" waiting ")
        text = screen.wait("The lighthouse")
        screen.keys("C-c")
        text = screen.wait("Stopped; /retry asks again.")
        assert text.count("The lighthouse") == 1
        assert " waiting " not in text
        screen.keys("/help", "Enter")
        text = screen.wait("@path")
        assert max(map(len, text.splitlines())) <= columns
        screen.keys("/tools t.py", "Enter")
        screen.wait("The model may call: get_weather.")
        screen.keys("What is the weather in Oslo?", "Enter")
        text = screen.wait("Allow it? [y]es, [a]lways this tool, [N]o:")
        assert 'get_weather { "city": "Oslo" }' in text
        screen.keys("y", "Enter")
        screen.wait("Snow in Oslo.")
        screen.wait_prompt()
        screen.keys('Say "one', "M-Enter", "two", "M-Enter", 'three"', "Enter")
        screen.wait_prompt()
        screen.keys("/usage", "Enter")
        screen.wait("tokens in")
        screen.wait_prompt()
        screen.keys("C-d")
        text = screen.wait("EXIT 0")
        assert "go on with: keybearer chat --resume" in text.replace("\n", "")
        assert "Traceback" not in text
    assert next(line["turn"]["content"] for line in kept(tmp_path) if "turn" in line) == "Write 100 words"


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_an_agent_with_an_approval(columns: int, tmp_path: Path, slow: Simulator) -> None:
    """The call is shown whole; no is an answer too, and Ctrl-C at the question ends the run without a traceback."""
    (tmp_path / "t.py").write_text(TOOLS)
    (tmp_path / "a.yaml").write_text("model: haiku\nprompt: What is the weather in Oslo?\ntools: [t.py]\n")
    for key, shown in (("y", "Snow in Oslo."), ("n", "get_weather: denied."), ("C-c", "EXIT 130")):
        with on_screen("run a.yaml", folder=tmp_path, environ=environ(slow), columns=columns) as screen:
            text = screen.wait("Allow it? [y]es, [a]lways this tool, [N]o:")
            assert 'get_weather { "city": "Oslo" }' in text
            screen.keys(key, *(["Enter"] if key != "C-c" else []))
            text = screen.wait("EXIT")
            assert shown in text
            assert "Traceback" not in text


def test_an_agent_with_a_server(tmp_path: Path, slow: Simulator) -> None:
    """A call of an MCP server that nobody here wrote is shown and allowed on the terminal."""
    server = ROOT / ".venv-e2e-mcp_servers" / "bin" / "mcp-server-time"
    (tmp_path / "a.yaml").write_text(f"model: haiku\nmcp_servers: {{clock: {{command: {server}}}}}\n")
    slow.script({"tool_use": [{"name": "clock__get_current_time", "input": {"timezone": "Europe/Oslo"}}]})
    slow.script("It is late.")
    with on_screen("run a.yaml 'What time is it?'", folder=tmp_path, environ=environ(slow)) as screen:
        text = screen.wait("Allow it? [y]es, [a]lways this tool, [N]o:")
        assert 'clock__get_current_time { "timezone": "Europe/Oslo" }' in text
        screen.keys("y", "Enter")
        text = screen.wait("EXIT 0")
    assert "It is late." in text
    assert '"timezone": "Europe/Oslo"' in json.dumps(kept(tmp_path)).replace("\\", "")


def test_an_approval_where_something_is_piped(tmp_path: Path, slow: Simulator) -> None:
    """The terminal is asked, not the pipe."""
    (tmp_path / "t.py").write_text(TOOLS)
    words = "version; echo 'What is the weather in Oslo?' | $PYTHON -m keybearer ask - --tools t.py"
    with on_screen(words, folder=tmp_path, environ=environ(slow)) as screen:
        screen.wait("Allow it?")
        screen.keys("y", "Enter")
        screen.wait("Snow in Oslo.")


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_markdown_is_rendered_as_it_comes(columns: int, tmp_path: Path, slow: Simulator) -> None:
    """At any width, also one that changes meanwhile; nothing is drawn twice."""
    slow.script(MARKDOWN)
    with on_screen("ask tea", folder=tmp_path, environ=environ(slow), columns=columns) as screen:
        screen.wait("Ships")
        screen.tmux("resize-window", "-x", str(columns - 15), "-y", "30")
        text = screen.wait("EXIT 0")
    shown = [line.strip() for line in text.splitlines() if line.strip()]
    assert shown[:3] == ["Tea", "Ships carried it.", "x = 1"]
    assert [line.split() for line in shown[3:4] + shown[5:6]] == [["port", "tons"], ["Oslo", "3"]]


def test_what_a_model_writes_does_not_drive_the_terminal(tmp_path: Path) -> None:
    """A clipboard that a plain program sets stays as it was; the screen shows the sequences as signs."""
    attack = "a\x1b]52;c;ZXZpbA==\x07b\x9d52;c;ZXZpbA==\x9cc\x1b[2Jd\u202ee"
    for colours in ({}, {"TERM": "dumb"}):
        with Simulator() as sim:
            sim.script(attack)
            with on_screen("ask attack", folder=tmp_path, environ=environ(sim) | colours) as screen:
                screen.tmux("set-option", "-g", "set-clipboard", "on")
                text = screen.wait("EXIT 0")
                assert "a␛]52;c;ZXZpbA==␇b<9D>52;c;ZXZpbA==<9C>c␛[2Jd<U+202E>e" in text
                assert screen.tmux("list-buffers") == ""


def test_the_check_of_the_clipboard_can_fail(tmp_path: Path) -> None:
    """A plain program does set it."""
    with on_screen("version; printf '\\033]52;c;ZXZpbA==\\007'", folder=tmp_path, environ={}) as screen:
        screen.wait("EXIT 0")
        assert screen.tmux("list-buffers") == ""  # tmux's own default for programs: off or external
    with on_screen("version; sleep 1; printf '\\033]52;c;ZXZpbA==\\007'", folder=tmp_path, environ={}) as screen:
        screen.tmux("set-option", "-g", "set-clipboard", "on")
        screen.wait("EXIT 0")
        assert "evil" in screen.tmux("show-buffer")


def test_a_terminal_that_is_closed_loses_nothing(tmp_path: Path, slow: Simulator) -> None:
    """What came of the answer is kept."""
    with on_screen("chat", folder=tmp_path, environ=environ(slow), stays=False) as screen:
        screen.wait("/help shows the commands")
        screen.keys("Write 100 words", "Enter")
        screen.wait("The lighthouse")
    until = time.monotonic() + WAIT
    while len(lines := kept_so_far(tmp_path)) < 3:
        assert time.monotonic() < until, lines
        time.sleep(0.05)
    assert lines[2]["turn"]["content"].startswith("The lighthouse")


def test_a_terminal_that_is_closed_at_a_question(tmp_path: Path, slow: Simulator) -> None:
    """Nobody said yes: the tool did not run, and the conversation is kept, so that it can be gone on with."""
    (tmp_path / "t.py").write_text(TOOLS + "\n    # it would say so\n")
    (tmp_path / "a.yaml").write_text("model: haiku\nprompt: What is the weather in Oslo?\ntools: [t.py]\n")
    with on_screen("run a.yaml 2>err", folder=tmp_path, environ=environ(slow), stays=False) as screen:
        until = time.monotonic() + WAIT
        while "Allow it?" not in screen.text + (tmp_path / "err").read_text():
            assert time.monotonic() < until, screen.text
            time.sleep(0.05)
    until = time.monotonic() + WAIT
    while not (lines := kept_so_far(tmp_path)):
        assert time.monotonic() < until
        time.sleep(0.05)
    assert lines[1]["turn"]["content"] == "What is the weather in Oslo?"
    assert "Snow in Oslo" not in json.dumps(lines)
    assert "Traceback" not in (tmp_path / "err").read_text()
    assert len(slow.requests) == 2  # the models, for the alias, and the question


def test_a_chat_at_a_terminal_that_changes(tmp_path: Path, slow: Simulator) -> None:
    """Narrower and wider, in a line that is edited and in an answer that comes: the question is asked as it was typed."""
    with on_screen("chat", folder=tmp_path, environ=environ(slow), columns=100) as screen:
        screen.wait("/help shows the commands")
        screen.keys("Say 'one two three four five six seven eight nine ten'")
        for columns in ("40", "120", "60"):
            screen.tmux("resize-window", "-x", columns, "-y", "30")
            time.sleep(0.2)
        screen.keys("Enter")
        screen.wait("one")
        screen.tmux("resize-window", "-x", "50", "-y", "20")
        screen.wait_prompt()
        screen.keys("C-d")
        text = screen.wait("EXIT 0")
    assert "Traceback" not in text
    assert next(line["turn"]["content"] for line in kept(tmp_path) if "turn" in line).endswith("eight nine ten'")


def kept_so_far(folder: Path) -> list[Any]:
    """Return the lines of the conversation that was kept, if there is one yet."""
    found = list((folder / ".local/share/keybearer/conversations").glob("*.jsonl"))
    return [json.loads(line) for line in found[0].read_text().splitlines()] if found else []


def test_without_the_extra_it_is_plain(tmp_path: Path, slow: Simulator) -> None:
    """Without rich and prompt_toolkit the answer is as it is written, and the line a plain one."""
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\nsys.modules['rich'] = sys.modules['prompt_toolkit'] = None\n"
    )
    with on_screen("chat", folder=tmp_path, environ=environ(slow) | {"PYTHONPATH": str(tmp_path)}) as screen:
        screen.wait("/help shows the commands")
        screen.keys('Say "**a**\\', "Enter", 'b"', "Enter")
        screen.wait("**a**", times=2)
        screen.wait_prompt()
        screen.keys("C-d")
        screen.wait("EXIT 0")
