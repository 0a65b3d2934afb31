"""`keybearer ask --input-format stream-json`: questions are lines of standard input, and each is answered in turn."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from keybearer.cli.kept import conversations_folder
from keybearer.simulator import Simulator
from support.command import keybearer

FLAGS = ("ask", "--input-format", "stream-json", "--output-format", "stream-json")


@pytest.fixture(autouse=True)
def _environ(sim: Simulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ANTHROPIC_BASE_URL", sim.base_url)
    monkeypatch.setenv("ANTHROPIC_API_KEY", sim.api_key)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))


def line(content: Any, **keys: Any) -> str:
    """Return a question as a line."""
    return json.dumps({"type": "user", "message": {"role": "user", "content": content}, **keys}) + "\n"


def asked(text: str, *flags: str) -> tuple[int, list[dict[str, Any]], str]:
    """Return the exit code, the lines that are printed, and what is on standard error."""
    done = keybearer(*FLAGS, *flags, text=text)
    return done.returncode, [json.loads(each) for each in done.stdout.splitlines()], done.stderr


def test_each_question_goes_on_with_the_one_before(sim: Simulator) -> None:
    """Text and blocks are questions; every answer has its lines, of one session, which is kept; the dollars are those of all."""
    blocks = [{"type": "text", "text": 'Say "two"'}]
    code, lines, stderr = asked(
        line('Say "one"', session_id="x", parent_tool_use_id=None) + "\n" + line(blocks, zork=1)
    )
    assert code == 0
    assert stderr == "keybearer ask: Standard input:3: 'zork' is not used.\n"
    assert [each["type"] for each in lines] == ["system", "assistant", "result"] * 2
    first, second = (each for each in lines if each["type"] == "result")
    assert (first["result"], second["result"], second["num_turns"]) == ("one", "two", 1)
    assert second["total_cost_usd"] > first["total_cost_usd"] > 0
    assert second["modelUsage"]["claude-haiku-4-5-20251001"]["outputTokens"] == 2
    assert second["usage"]["output_tokens"] == 1
    assert len(json.loads(sim.requests[-1].body)["messages"]) == 3
    (kept,) = conversations_folder().iterdir()
    assert {each["session_id"] for each in lines} == {kept.stem}


def test_a_refused_question_is_a_result_and_the_next_is_asked(sim: Simulator) -> None:
    """It is in no later request, and is not kept; the exit code is its own."""
    refused = line([{"type": "image", "source": {}}])
    code, lines, stderr = asked(refused + line('Say "two"') + refused)
    first, second, _ = (each for each in lines if each["type"] == "result")
    assert (first["is_error"], second["is_error"], second["result"]) == (True, False, "two")
    assert (code, stderr.startswith("keybearer ask: ")) == (3, True)
    assert [len(json.loads(each.body)["messages"]) for each in sim.requests] == [1, 1, 3]
    kept = keybearer("logs", "show", "--json").stdout.splitlines()
    assert [next(iter(json.loads(each))) for each in kept] == ["keybearer_conversation", "turn", "answer"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{\n", "Standard input:1: it is not JSON: Expecting property name"),
        ("\n[]\n", "Standard input:2: it is no question, but an object of another type."),
        ('{"type": "control_request"}\n', "keybearer has no control protocol, so control_request cannot be answered."),
        ('{"type": "assistant"}\n', "it is no question, but of the type 'assistant'."),
        ('{"type": "user", "message": {"role": "assistant", "content": "x"}}\n', "its message is none of a user with"),
        (line(" "), "its message is none of a user with content."),
        (line([]), "its message is none of a user with content."),
        (line(["x"]), "its message is none of a user with content."),
    ],
)
def test_a_line_that_is_no_question_ends_the_command(text: str, says: str, sim: Simulator) -> None:
    """It is named by its number, and nothing is asked."""
    code, lines, stderr = asked(text)
    assert (code, lines, sim.requests) == (2, [], [])
    assert says in stderr


@pytest.mark.parametrize(
    "flags",
    [
        ("--output-format", "json"),
        ("hello",),
        ("-f", "a.txt"),
        ("--no-stdin",),
        ("-u", "https://example.org/"),
    ],
)
def test_flags_that_have_no_meaning_there(flags: tuple[str, ...]) -> None:
    """Each is wrong usage, in words."""
    code, lines, stderr = asked(line("hi"), *flags)
    assert (code, lines) == (2, [])
    assert "stream-json" in stderr
