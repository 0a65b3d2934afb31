"""The OpenAI-compatible door; the official `openai` client itself is in tests/e2e."""

from __future__ import annotations

import json
from typing import Any

import pytest
import urllib3

from keybearer.simulator import Simulator
from keybearer.simulator.core.errors import ServiceError
from keybearer.simulator.endpoints.chat_request import ignored_fields, to_message_request

HAIKU = "claude-haiku-4-5"
HELLO: list[dict[str, Any]] = [{"role": "user", "content": "Say 'hello'"}]
PNG = "data:image/png;base64,aGk="
WEATHER = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object", "properties": {}}}}


def ask(sim: Simulator, **body: Any) -> urllib3.BaseHTTPResponse:
    """Ask for a chat completion, as a client of the other API does."""
    with urllib3.PoolManager() as http:
        return http.request(
            "POST",
            sim.base_url + "/v1/chat/completions",
            json={"model": HAIKU, "messages": HELLO, **body},
            headers={"authorization": f"Bearer {sim.api_key}"},
            retries=False,
        )


def test_a_completion(sim: Simulator) -> None:
    """The reply has the documented fields, and the journal says what was ignored."""
    reply = ask(sim, max_completion_tokens=50, seed=1, user="me", response_format={"type": "json_object"}).json()
    assert (reply["object"], reply["model"]) == ("chat.completion", "claude-haiku-4-5-20251001")
    (choice,) = reply["choices"]
    assert choice == {
        "index": 0,
        "message": {"role": "assistant", "content": "hello", "refusal": None},
        "finish_reason": "stop",
        "logprobs": None,
    }
    usage = reply["usage"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"] > 0
    assert sim.requests[0].note["ignored"] == ["response_format", "seed", "user"]
    assert sim.verdict == []


def test_a_stream(sim: Simulator) -> None:
    """Chunks have no event's name, the text is in their deltas, the usage comes last if it is asked for."""
    body = ask(sim, stream=True, stream_options={"include_usage": True}).data.decode()
    lines = [line.removeprefix("data: ") for line in body.split("\n\n") if line]
    assert lines[-1] == "[DONE]"
    chunks = [json.loads(line) for line in lines[:-1]]
    assert {chunk["object"] for chunk in chunks} == {"chat.completion.chunk"}
    assert chunks[0]["choices"][0]["delta"]["role"] == "assistant"
    assert "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in chunks[:-1]) == "hello"
    assert chunks[-2]["choices"][0]["finish_reason"] == "stop"
    assert (chunks[-1]["choices"], chunks[-1]["usage"]["completion_tokens"] > 0) == ([], True)
    assert "usage" not in json.loads(ask(sim, stream=True).data.decode().split("\n\n")[0].removeprefix("data: "))


def test_a_script_and_a_fault_reach_it(sim: Simulator) -> None:
    """Scripts answer it, and a fault's error has the other API's shape."""
    sim.script({"tool_use": {"name": "weather", "input": {"city": "Oslo"}}})
    (choice,) = ask(sim, tools=[WEATHER]).json()["choices"]
    assert choice["finish_reason"] == "tool_calls"
    assert choice["message"]["tool_calls"][0]["function"] == {"name": "weather", "arguments": '{"city":"Oslo"}'}
    sim.fail("overloaded")
    reply = ask(sim)
    assert (reply.status, reply.json()["error"]["type"], set(reply.json())) == (529, "overloaded_error", {"error"})


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({"n": 2}, 400, "n: must be 1"),
        ({"model": "gpt-5"}, 404, "gpt-5"),
        ({"messages": [{"role": "function", "content": "x"}]}, 400, "is none of system, developer, user"),
        (
            {"messages": [{"role": "user", "content": [{"type": "file"}]}]},
            400,
            "messages.0.0: a part of the type 'file'",
        ),
        ({"tool_choice": "sometimes", "tools": [WEATHER]}, 400, "tool_choice: 'sometimes'"),
        ({"tools": [{"type": "custom"}]}, 400, "each is of the type 'function'"),
    ],
)
def test_refusals(sim: Simulator, body: dict[str, Any], status: int, words: str) -> None:
    """A refusal says why, in the other API's shape."""
    reply = ask(sim, **body)
    assert reply.status == status
    assert words in reply.json()["error"]["message"]
    assert set(reply.json()["error"]) == {"message", "type", "param", "code"}


def test_without_a_key(sim: Simulator) -> None:
    """The refusal of the key has that shape as well."""
    with urllib3.PoolManager() as http:
        reply = http.request("POST", sim.base_url + "/v1/chat/completions", json={}, retries=False)
    assert (reply.status, reply.json()["error"]["type"]) == (401, "authentication_error")


def test_the_translation_of_a_conversation() -> None:
    """System and developer messages are hoisted and joined by a line's end, results gathered, audio stripped."""
    call = {"id": "c1", "type": "function", "function": {"name": "weather", "arguments": '{"a": 1}'}}
    messages = [
        {"role": "system", "content": "One."},
        {"role": "user", "content": [{"type": "text", "text": "See"}, {"type": "image_url", "image_url": {"url": PNG}},
                                     {"type": "input_audio", "input_audio": {}}]},
        {"role": "developer", "content": [{"type": "text", "text": "Two."}]},
        {"role": "assistant", "content": None, "tool_calls": [call, {**call, "id": "c2"}]},
        {"role": "tool", "tool_call_id": "c1", "content": "snow"},
        {"role": "tool", "tool_call_id": "c2", "content": "rain"},
    ]  # fmt: skip
    body = {"model": HAIKU, "messages": messages, "stop": ["\n", "END"], "temperature": 1.5, "tools": [WEATHER]}
    asked = to_message_request(body | {"parallel_tool_calls": False, "max_tokens": 7})
    assert (asked["system"], asked["stop_sequences"], asked["temperature"]) == ("One.\nTwo.", ["END"], 1.0)
    assert (asked["max_tokens"], asked["tool_choice"]) == (7, {"type": "auto", "disable_parallel_tool_use": True})
    assert asked["tools"] == [{"name": "weather", "input_schema": {"type": "object", "properties": {}}}]
    user, assistant, results = asked["messages"]
    source = {"type": "base64", "media_type": "image/png", "data": "aGk="}
    assert user["content"] == [{"type": "text", "text": "See"}, {"type": "image", "source": source}]
    assert [block["id"] for block in assistant["content"]] == ["c1", "c2"]
    assert assistant["content"][0]["input"] == {"a": 1}
    assert (results["role"], [block["tool_use_id"] for block in results["content"]]) == ("user", ["c1", "c2"])


def test_what_is_left_out() -> None:
    """Without a limit it is the model's own; a field of null was not given; `strict` is named where it is ignored."""
    assert to_message_request({"model": HAIKU, "messages": HELLO})["max_tokens"] == 64_000
    strict = {"type": "function", "function": {"name": "x", "strict": True}}
    assert ignored_fields({"seed": None, "store": True, "tools": [strict]}) == ["store", "strict"]


def test_arguments_that_are_no_json() -> None:
    """A call that comes back with broken arguments is refused by name."""
    call = {"id": "c", "type": "function", "function": {"name": "weather", "arguments": "{"}}
    with pytest.raises(ServiceError, match="the arguments of weather are not valid JSON"):
        to_message_request({"model": HAIKU, "messages": [{"role": "assistant", "tool_calls": [call]}]})
