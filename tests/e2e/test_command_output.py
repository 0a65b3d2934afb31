"""What `keybearer ask` prints for programs is read by what reads Claude Code's: claude-agent-sdk."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from e2e.running import HERE, python_of
from keybearer.simulator import Simulator

TOOL = "def get_weather(city: str) -> str:\n    '''Look up the weather in a city.'''\n    return f'Snow in {city}.'\n"


def test_claude_agent_sdk_reads_the_lines(tmp_path: Path, sim: Simulator) -> None:
    """The lines of a run with a tool: each is of its kind, with its blocks; the result has the cost and the denials."""
    reader = python_of("claude_agent_sdk")
    (tmp_path / "t.py").write_text(TOOL)
    around = os.environ | {"ANTHROPIC_BASE_URL": sim.base_url, "ANTHROPIC_API_KEY": sim.api_key}
    for yes, denied in ((["--yes-to", "all"], 0), ([], 1)):
        lines = subprocess.run(  # noqa: S603 - our own command
            [sys.executable, "-m", "keybearer", "ask", "What is the weather in Oslo?", "--tools", "t.py:get_weather",
             "--output-format", "stream-json", "--include-partial-messages", *yes],
            stdin=subprocess.DEVNULL, capture_output=True, check=True, timeout=60, cwd=tmp_path, env=around,
        ).stdout  # fmt: skip
        done = subprocess.run(  # noqa: S603 - another's parser
            [reader, HERE / "claude_agent_sdk" / "read_lines.py"],
            input=lines,
            capture_output=True,
            check=True,
            timeout=60,
        )
        seen = json.loads(done.stdout)
        assert [kind for kind in seen["kinds"] if kind != "event"] == [
            "system",
            "assistant",
            "user",
            "assistant",
            "result",
        ]
        assert "event" in seen["kinds"]
        assert seen["blocks"][0] == "ToolUseBlock"
        assert seen["blocks"][-1] == "TextBlock"
        assert (seen["turns"], seen["denied"]) == (2, denied)
        assert "Oslo" in seen["result"]
        assert seen["cost"] > 0


def test_a_program_asks_one_thing_after_the_other(sim: Simulator) -> None:
    """A question is written after the answer before it was read; claude-agent-sdk reads all that came."""
    around = os.environ | {"ANTHROPIC_BASE_URL": sim.base_url, "ANTHROPIC_API_KEY": sim.api_key}
    command = [
        sys.executable,
        "-m",
        "keybearer",
        "ask",
        "--input-format",
        "stream-json",
        "--output-format",
        "stream-json",
    ]
    lines: list[str] = []
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=around) as process:  # noqa: S603 - our own command
        assert process.stdin is not None
        assert process.stdout is not None
        for word in ("one", "two"):
            turn = {"role": "user", "content": f'Say "{word}"'}
            process.stdin.write(json.dumps({"type": "user", "message": turn, "session_id": "default"}) + "\n")
            process.stdin.flush()
            while (line := process.stdout.readline()) and json.loads(line)["type"] != "result":
                lines.append(line)
            lines.append(line)
            assert json.loads(line)["result"] == word
        process.stdin.close()
        assert process.wait(timeout=30) == 0
    done = subprocess.run(  # noqa: S603 - another's parser
        [python_of("claude_agent_sdk"), HERE / "claude_agent_sdk" / "read_lines.py"],
        input="".join(lines),
        capture_output=True,
        check=True,
        timeout=60,
        text=True,
    )
    assert json.loads(done.stdout)["kinds"] == ["system", "assistant", "result"] * 2
