"""`keybearer run`, as a user runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from keybearer.simulator import Simulator
from support.command import keybearer

AGENT = """
model: haiku
system: You look after the weather.
prompt: What is the weather in Oslo?
tools: [t.py]
"""
TOOLS = """
from keybearer import tool

@tool(read_only=True)
def get_weather(city: str) -> str:
    '''Look up the weather in a city.'''
    return f"Snow in {city}."
"""


@pytest.fixture(autouse=True)
def _agent(sim: Simulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ANTHROPIC_BASE_URL", sim.base_url)
    monkeypatch.setenv("ANTHROPIC_API_KEY", sim.api_key)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "a.yaml").write_text(AGENT)
    (tmp_path / "here" / "t.py").write_text(TOOLS)


def test_an_agent_runs_headless(sim: Simulator) -> None:
    """What reads is allowed by a flag; without it the answer is no. The file says the model, the system prompt and the task."""
    done = keybearer("run", "here/a.yaml", "--yes-to", "read", "-q")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Snow in Oslo." in done.stdout
    body = json.loads(sim.requests[-1].body)
    assert (body["model"], body["system"]) == ("claude-haiku-5-5", "You look after the weather.")
    done = keybearer("run", "here/a.yaml")
    assert "there is no terminal to ask at" in done.stdout
    assert "keybearer run: get_weather: denied.\n" in done.stderr


def test_a_flag_and_a_task_come_before_the_file(sim: Simulator) -> None:
    """The run is a conversation that can be gone on with."""
    done = keybearer(
        "run", "here/a.yaml", "What is the weather in Lima?", "-m", "claude-haiku-4-5", "--yes-to", "all",
        "--output-format", "json",
    )  # fmt: skip
    result = json.loads(done.stdout)
    assert "Lima" in result["result"]
    assert (result["num_turns"], json.loads(sim.requests[-1].body)["model"]) == (2, "claude-haiku-4-5")
    assert keybearer("run", "here/a.yaml", 'Say "x"', "--resume", result["session_id"], "-q").stdout == "x\n"
    assert len(json.loads(sim.requests[-1].body)["messages"]) == 5


@pytest.mark.parametrize("command", [("run", "here/a.yaml"), ("ask", "hi"), ("ask", "hi", "--tools", "here/t.py")])
def test_what_might_cost_more_than_the_budget_is_not_sent(command: tuple[str, ...], sim: Simulator) -> None:
    """With exit code 13, and the name of it for programs."""
    done = keybearer(*command, "--max-budget-usd", "0.000001", "--output-format", "json", "-m", "claude-haiku-4-5")
    assert done.returncode == 13
    assert json.loads(done.stdout)["subtype"] == "error_max_budget_usd"
    assert not [each for each in sim.requests if each.path.endswith("/messages")]


def test_a_run_ends_at_its_budget() -> None:
    """What came before is the answer's; a budget that is enough changes nothing."""
    task = ("run", "here/a.yaml", "--yes-to", "read", "-m", "claude-haiku-4-5", "--max-tokens", "100")
    done = keybearer(*task, "--max-budget-usd", "0.002")
    assert done.returncode == 13
    assert "what comes next might cost more than --max-budget-usd" in done.stderr
    assert "Snow in Oslo." in keybearer(*task, "--max-budget-usd", "1").stdout


def test_what_cannot_run_is_wrong_usage(tmp_path: Path) -> None:
    """A file that is not there, one without a task, an agent that no configuration has."""
    (tmp_path / "none.yaml").write_text("model: haiku\n")
    for words, says in (
        (("gone.yaml", "x"), "gone.yaml: it cannot be read: No such file or directory."),
        (("none.yaml",), "there is no task"),
        (("scout", "x"), "no configuration here whose agent 'scout' could be"),
        (("here/a.yaml", "--yes-to", "wether"), "there is no tool 'wether'"),
    ):
        done = keybearer("run", *words)
        assert (done.returncode, done.stdout) == (2, "")
        assert says in done.stderr
