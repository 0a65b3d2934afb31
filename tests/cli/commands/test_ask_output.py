"""What `keybearer ask` prints for programs, and beside the answer."""

from __future__ import annotations

import json
from typing import Any

import pytest

from keybearer.simulator import Simulator
from support.command import keybearer

RESULT_KEYS = {
    "type", "subtype", "is_error", "duration_ms", "duration_api_ms", "num_turns", "result", "stop_reason", "session_id",
    "total_cost_usd", "usage", "modelUsage", "permission_denials", "ttft_ms", "uuid",
}  # fmt: skip
"""Those that `claude -p` 2.1.332 prints, but for what is about Claude Code alone."""


@pytest.fixture(autouse=True)
def _environ(sim: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_BASE_URL", sim.base_url)
    monkeypatch.setenv("ANTHROPIC_API_KEY", sim.api_key)


def asked(*flags: str) -> tuple[int, list[dict[str, Any]]]:
    """Return the exit code, and the lines that are printed."""
    done = keybearer("ask", *flags)
    assert done.stdout.isascii()
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("flag", ["--stream", "--no-stream"])
def test_one_object_with_the_keys_of_claude_p(flag: str) -> None:
    """What scripts read with jq is there; the cost is in dollars."""
    code, (result,) = asked('Say "é"', "--output-format", "json", flag)
    assert code == 0
    assert set(result) | {"ttft_ms"} == RESULT_KEYS
    assert (result["type"], result["subtype"], result["is_error"], result["num_turns"]) == (
        "result",
        "success",
        False,
        1,
    )
    assert (result["result"], result["stop_reason"]) == ("é", "end_turn")
    assert 0 < result["total_cost_usd"] < 0.001
    assert result["usage"]["output_tokens"] > 0
    (model,) = result["modelUsage"].values()
    assert model["costUSD"] == result["total_cost_usd"]


def test_a_refused_call_is_a_result_too() -> None:
    """With is_error, the status and the words, and the exit code of the table."""
    code, (result,) = asked("hi", "--output-format", "json", "--model", "claude-zork")
    assert code == 5
    assert (result["subtype"], result["is_error"], result["api_error_status"]) == ("success", True, 404)
    assert (result["api_error_type"], result["num_turns"], result["total_cost_usd"]) == ("not_found_error", 0, 0)
    assert "claude-zork" in result["result"]


def test_a_line_for_each_thing_that_happens() -> None:
    """The beginning, the service's events where they are asked for, each reply, the result; all of one session."""
    code, lines = asked('Say "ho"', "--output-format", "stream-json", "--include-partial-messages")
    assert code == 0
    kinds = [line["event"]["type"] if line["type"] == "stream_event" else line["type"] for line in lines]
    assert kinds == [
        "system", "message_start", "content_block_start", "ping", "content_block_delta", "content_block_stop",
        "message_delta", "message_stop", "assistant", "result",
    ]  # fmt: skip
    assert lines[-2]["message"]["content"] == [{"type": "text", "text": "ho"}]
    assert len({line["session_id"] for line in lines}) == 1
    assert len({line["uuid"] for line in lines}) == len(lines)
    kinds = [line["type"] for line in asked('Say "ho"', "--output-format", "stream-json", "--no-stream")[1]]
    assert kinds == ["system", "assistant", "result"]


def test_the_session_of_an_answer_can_be_resumed() -> None:
    """`session_id` is the id that `--resume` takes."""
    session = asked('Say "a"', "--output-format", "json")[1][0]["session_id"]
    code, (result,) = asked('Say "b"', "--output-format", "json", "--resume", session)
    assert (code, result["result"], result["session_id"]) == (0, "b", session)


def test_an_answer_of_a_schema(sim: Simulator) -> None:
    """The value is in structured_output; what the service does not check is said, and an open object is closed."""
    schema = '{"type": "object", "properties": {"n": {"type": "integer", "minimum": 1}}, "required": ["n"]}'
    done = keybearer(
        "ask",
        "a number",
        "--json-schema",
        schema,
        "--output-format",
        "json",
        "--effort",
        "low",
        "-m",
        "claude-opus-4-6",
    )
    value = json.loads(done.stdout)["structured_output"]
    assert isinstance(value["n"], int)
    assert "does not check minimum of n" in done.stderr
    config = json.loads(sim.requests[-1].body)["output_config"]
    assert (config["effort"], config["format"]["schema"]["additionalProperties"]) == ("low", False)
    for wrong in ("{", "[]", "none.json"):
        assert keybearer("ask", "x", "--json-schema", wrong).returncode in {1, 2}


def test_what_it_took_is_said_when_it_is_asked_for(sim: Simulator) -> None:
    """Tokens, what came from the cache, dollars; -v adds the model, the times, the requests and the conversation."""
    done = keybearer("ask", 'Say "x"', "--usage")
    assert done.stderr == "5 tokens in, 1 out, $0.00001, claude-haiku-4-5-20251001\n"
    done = keybearer("ask", 'Say "x"', "-v", "-m", "haiku")
    assert done.stdout == "x\n"
    assert "keybearer: haiku is claude-haiku-5-5.\nmodel claude-haiku-5-5\n" in done.stderr
    assert "/v1/messages: 200 in " in done.stderr
    assert "first word after " in done.stderr
    assert sim.api_key not in done.stderr
    assert keybearer("ask", 'Say "x"', "-q", "-m", "haiku").stderr == ""


def test_the_first_code_block_alone(sim: Simulator) -> None:
    """`-x` prints what is in the fence, and all of an answer without one."""
    for answer, printed in (("Here:\n```py\nx = 1\n\n```\nand ```y```", "x = 1\n\n"), ("no code", "no code\n")):
        sim.script(answer)
        done = keybearer("ask", "code", "-x")
        assert done.stdout == printed
        assert ("the answer has no code block; all of it is printed" in done.stderr) is (answer == "no code")


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        (("--include-partial-messages",), "it is for --output-format stream-json"),
        (("-x", "--output-format", "json"), "it is for --output-format text"),
        (("--resume", ""), "No conversation that is kept has the id"),
        (("-q", "-v"), "not allowed with argument -v/--verbose"),
        (("--output-format", "yaml"), "It is one of: text, json, stream-json"),
    ],
)
def test_a_flag_that_would_do_nothing_is_wrong_usage(flags: tuple[str, ...], says: str, sim: Simulator) -> None:
    """Nothing is accepted and ignored."""
    done = keybearer("ask", "hi", *flags)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr
    assert sim.requests == []
    assert keybearer("ask", "-", "-f", "-", text="x").returncode == 2


def test_settings_of_a_question(sim: Simulator) -> None:
    """Thinking, caching and the system prompt are the request's; a budget comes on top of the answer's length."""
    keybearer("ask", "hi", "--thinking", "2000", "--cache", "-s", "Be brief. " * 900)
    body = json.loads(sim.requests[-1].body)
    assert (body["thinking"], body["max_tokens"]) == ({"type": "enabled", "budget_tokens": 2000}, 6096)
    assert body["system"][0]["cache_control"] == {"type": "ephemeral"}
    keybearer("ask", "hi", "--thinking", "adaptive", "-m", "claude-opus-4-6")
    assert json.loads(sim.requests[-1].body)["thinking"] == {"type": "adaptive"}
