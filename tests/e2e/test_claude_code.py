"""The newest Claude Code does its everyday work unscripted, with every rule on, and touches no file that the prompt does not name."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from e2e.running import QUIET, node_folder, run
from keybearer import Client, Message, repair
from keybearer.simulator import Simulator

MODELS = (None, "claude-haiku-4-5", "claude-sonnet-4-5")
"""None is Claude Code's own choice."""

NOTES = "The launch code word is heron.\n"
NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
TOOLS = "Agent,Bash,Edit,Glob,Grep,Read,Write"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Session:
    """What a session printed as JSON lines."""

    id: str
    said: str
    calls: list[tuple[str, dict[str, Any]]]
    results: list[str]


@dataclasses.dataclass(frozen=True, kw_only=True)
class ClaudeCode:
    """Claude Code in a home and a project of its own."""

    program: Path
    sim: Simulator
    home: Path
    model: str | None

    @property
    def project(self) -> Path:
        """Return the folder that it works in, with one file of the user's."""
        return self.home / "project"

    def ask(self, prompt: str, *options: str) -> Session:
        """Run one session without a terminal."""
        chosen = ("--model", self.model) if self.model else ()
        around = {
            **QUIET,
            "HOME": str(self.home),
            "PATH": f"{self.program}:{os.environ['PATH']}",
            "ANTHROPIC_BASE_URL": self.sim.base_url,
            "ANTHROPIC_API_KEY": self.sim.api_key,
        }
        command = ("--print", "--output-format", "stream-json", "--verbose", "--allowedTools", TOOLS, *chosen, *options)
        printed = run(self.program / "claude", *command, "--", prompt, cwd=self.project, environment=around)
        return _read(printed)


def _read(printed: str) -> Session:
    lines = [json.loads(line) for line in printed.splitlines()]
    blocks = [
        block
        for line in lines
        if line["type"] in {"assistant", "user"} and isinstance(line["message"]["content"], list)
        for block in line["message"]["content"]
    ]
    results = [line for line in lines if line["type"] == "result"]
    assert [line for line in results if line["is_error"]] == []
    return Session(
        id=results[-1]["session_id"],
        said=results[-1]["result"],
        calls=[(block["name"], block["input"]) for block in blocks if block["type"] == "tool_use"],
        results=[json.dumps(block["content"]) for block in blocks if block["type"] == "tool_result"],
    )


@pytest.fixture
def claude(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[ClaudeCode]:
    """Claude Code beside a simulator, which in the end has refused nothing and found nothing wrong."""
    home = tmp_path / "home"
    (home / "project").mkdir(parents=True)
    (home / "project/notes.txt").write_text(NOTES, encoding="utf-8")
    program = node_folder("claude_code") / "node_modules/.bin"
    with Simulator() as sim:
        yield ClaudeCode(program=program, sim=sim, home=home, model=request.param)
        assert [(entry.path, entry.note) for entry in sim.requests if entry.status != 200] == []
        assert sim.verdict == []
    assert (home / "project/notes.txt").read_text(encoding="utf-8") == NOTES


def files(claude: ClaudeCode) -> dict[str, str]:
    """Return the project's files and what is in them."""
    return {path.name: path.read_text(encoding="utf-8") for path in claude.project.iterdir() if path.is_file()}


on_every_model = pytest.mark.parametrize("claude", MODELS, indirect=True, ids=lambda model: model or "default")


@on_every_model
def test_it_answers(claude: ClaudeCode) -> None:
    """A question is answered, and a second one within the hour reads the long prompt from the cache."""
    assert claude.ask("Reply with exactly: hello from the simulator").said == "hello from the simulator"
    assert claude.ask("Reply with exactly: hello again").said == "hello again"
    assert claude.sim.requests[-1].note["usage"]["cache_read_input_tokens"] > 10_000


@on_every_model
def test_it_reads_a_file(claude: ClaudeCode) -> None:
    """Read runs once, and what the file says is the answer."""
    session = claude.ask("Use the Read tool to read notes.txt, and tell me what it says.")
    assert [name for name, _ in session.calls] == ["Read"]
    assert "The launch code word is heron." in session.said
    assert "system-reminder" not in session.said


@on_every_model
def test_it_runs_a_command(claude: ClaudeCode) -> None:
    """Bash gets the command that the prompt gives."""
    session = claude.ask("use the Bash tool to run: echo hi")
    assert [(name, given["command"]) for name, given in session.calls] == [("Bash", "echo hi")]
    assert session.results == ['"hi"']
    assert "hi" in session.said


@on_every_model
def test_it_writes_a_file(claude: ClaudeCode) -> None:
    """Write makes the file that the prompt names, and no other."""
    claude.ask("Write a file called hello.txt with the content 'hello world'")
    assert files(claude) == {"notes.txt": NOTES, "hello.txt": "hello world"}


@on_every_model
def test_it_does_three_things_in_turn(claude: ClaudeCode) -> None:
    """Each call gets its own arguments: what is read is not written over."""
    session = claude.ask("Run `ls` with Bash, then Read notes.txt, then Write the text 'eins' to eng.txt")
    assert [name for name, _ in session.calls] == ["Bash", "Read", "Write"]
    assert session.calls[0][1]["command"] == "ls"
    assert files(claude) == {"notes.txt": NOTES, "eng.txt": "eins"}


@on_every_model
def test_it_makes_ten_calls(claude: ClaudeCode) -> None:
    """Ten commands are run, in their order."""
    listed = ", ".join(f"`echo {number}`" for number in NUMBERS)
    session = claude.ask(f"Run these commands with Bash, one after the other, each in its own call: {listed}")
    assert [given["command"] for _, given in session.calls] == [f"echo {number}" for number in NUMBERS]
    assert session.results == [f'"{number}"' for number in NUMBERS]


@on_every_model
def test_it_starts_a_subagent(claude: ClaudeCode) -> None:
    """The subagent reads the file and hands its report back; it starts no other."""
    session = claude.ask(
        "Use the Agent tool with a general-purpose subagent to read notes.txt and report what it says."
    )
    assert [name for name, _ in session.calls].count("Agent") == 1
    assert "heron" in session.said


@on_every_model
def test_it_plans(claude: ClaudeCode) -> None:
    """In plan mode a plan is written to the place that Claude Code names for it, and nothing to the project."""
    session = claude.ask("Plan how to add a README.md to this project.", "--permission-mode", "plan")
    assert session.said != ""
    assert files(claude) == {"notes.txt": NOTES}
    (plan,) = (claude.home / ".claude/plans").glob("*.md")
    assert "README.md" in plan.read_text(encoding="utf-8")


@on_every_model
def test_it_resumes(claude: ClaudeCode) -> None:
    """A second process goes on with the first one's conversation."""
    first = claude.ask("Remember the number 4711. Reply with exactly: noted")
    assert first.said == "noted"
    second = claude.ask("Use Bash to run: echo resumed", "--resume", first.id)
    assert [given["command"] for _, given in second.calls] == ["echo resumed"]
    asked = claude.sim.requests[-1].body
    assert asked is not None
    assert b"4711" in asked


@on_every_model
def test_its_session_goes_on_here(claude: ClaudeCode) -> None:
    """The transcript of a session with parallel calls is loaded and repaired, and keybearer goes on with it, every rule on."""
    session = claude.ask("Run `ls` with Bash, then Read notes.txt, and tell me what it says.")
    (transcript,) = (claude.home / ".claude/projects").glob(f"*/{session.id}.jsonl")
    talk, changes = repair(transcript.read_text(encoding="utf-8"))
    assert [change.where for change in changes] == ["transcript"]
    assert [block.name for turn in talk if isinstance(turn, Message) for block in turn.tool_calls] == ["Bash", "Read"]
    assert all(turn.request_id and turn.headers["date"] for turn in talk if isinstance(turn, Message))
    answer = talk.last_answer
    assert answer is not None
    assert answer.text == session.said
    talk = talk.user("Reply with exactly: done").replace(model=answer.model, max_tokens=1000)
    with Client(api_key=claude.sim.api_key, base_url=claude.sim.base_url) as client:
        assert client.messages.create(messages=talk).text == "done"
