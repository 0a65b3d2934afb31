"""Every reply against two independent references: Anthropic's OpenAPI document, and the wheel's own types, read strictly."""

from __future__ import annotations

import json
from typing import Any

import anthropic.types
import pytest
import urllib3

from keybearer.simulator import Simulator
from simulator.schema_check import by_the_wheel, fits

TOOL = {
    "name": "get_weather",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
CITED = {
    "type": "document",
    "title": "Foxes",
    "citations": {"enabled": True},
    "source": {"type": "text", "media_type": "text/plain", "data": "Foxes are small. They eat berries."},
}
FORMAT = {
    "type": "object",
    "properties": {"name": {"type": "string"}},
    "required": ["name"],
    "additionalProperties": False,
}
REDACTED = "[sim:redacted_thinking] hello"
MESSAGES: dict[str, dict[str, Any]] = {
    "plain": {"messages": [{"role": "user", "content": "Hello"}]},
    "tool": {"tools": [TOOL], "messages": [{"role": "user", "content": "What is the weather in Oslo and Rome?"}]},
    "thinking": {"thinking": {"type": "adaptive"}, "messages": [{"role": "user", "content": "Hello"}]},
    "omitted": {
        "thinking": {"type": "adaptive", "display": "omitted"},
        "messages": [{"role": "user", "content": "Hi"}],
    },
    "redacted": {"thinking": {"type": "adaptive"}, "messages": [{"role": "user", "content": REDACTED}]},
    "cited": {"messages": [{"role": "user", "content": [CITED, {"type": "text", "text": "What do they eat?"}]}]},
    "format": {
        "output_config": {"format": {"type": "json_schema", "schema": FORMAT}},
        "messages": [{"role": "user", "content": "Name a person"}],
    },
    "cached": {
        "system": [{"type": "text", "text": "x" * 20_000, "cache_control": {"type": "ephemeral", "ttl": "1h"}}],
        "messages": [{"role": "user", "content": "Hello"}],
    },
    "refusal": {"messages": [{"role": "user", "content": "[sim:refusal]"}]},
    "pause": {"messages": [{"role": "user", "content": "[sim:pause_turn]"}]},
    "length": {"max_tokens": 5, "messages": [{"role": "user", "content": "Count to 99"}]},
    "stopped": {"stop_sequences": [" 7"], "messages": [{"role": "user", "content": "Count to 99"}]},
    "prewarmed": {"max_tokens": 0, "messages": [{"role": "user", "content": "Hello"}]},
}
REASONS = {
    "tool": "tool_use",
    "refusal": "refusal",
    "pause": "pause_turn",
    "length": "max_tokens",
    "stopped": "stop_sequence",
    "prewarmed": "max_tokens",
}


def send(sim: Simulator, method: str, path: str, body: Any = None) -> urllib3.BaseHTTPResponse:
    """Send a request with a key and a version."""
    headers = {"x-api-key": sim.api_key, "anthropic-version": "2026-10-21"}
    with urllib3.PoolManager(headers=headers) as http:
        return http.request(method, sim.base_url + path, json=body, retries=False)


@pytest.mark.parametrize("name", MESSAGES)
def test_plain_messages(sim: Simulator, name: str) -> None:
    """A plain message fits both references, and has its stop reason."""
    request = {"model": "claude-opus-4-8", "max_tokens": 500, **MESSAGES[name]}
    message = send(sim, "POST", "/v1/messages", request).json()
    assert fits(message, "Message") == []
    assert by_the_wheel(anthropic.types.Message, message) == []
    assert message["stop_reason"] == REASONS.get(name, "end_turn")


@pytest.mark.parametrize("name", MESSAGES)
def test_every_event(sim: Simulator, name: str) -> None:
    """Every event of a stream fits both references, and the usage only grows."""
    request = {"model": "claude-opus-4-8", "max_tokens": 500, "stream": True, **MESSAGES[name]}
    body = send(sim, "POST", "/v1/messages", request).data.decode()
    assert body.endswith("\n\n")
    events = []
    for block in body[:-2].split("\n\n"):
        first, second = block.split("\n")
        event = json.loads(second.removeprefix("data: "))
        assert first == f"event: {event['type']}"
        events.append(event)
    for event in events:
        assert fits(event, "MessageStreamEvent") == []
        if event["type"] != "ping":
            assert by_the_wheel(anthropic.types.RawMessageStreamEvent, event) == []
    start, end = events[0]["message"]["usage"], events[-2]["usage"]
    assert end["input_tokens"] == start["input_tokens"]
    assert end["output_tokens"] >= start["output_tokens"]


def test_refusals(sim: Simulator) -> None:
    """A refusal is an error body of the document."""
    for path, body in (("/v1/messages", {}), ("/v1/messages", {"model": "x", "max_tokens": 1, "messages": []})):
        assert fits(send(sim, "POST", path, body).json(), "ErrorResponse") == []
    assert fits(send(sim, "GET", "/v1/models/nope").json(), "ErrorResponse") == []


def test_models_and_counts(sim: Simulator) -> None:
    """Models, their list and token counts fit both references."""
    models = send(sim, "GET", "/v1/models?limit=100").json()
    assert fits(models, "ListResponse_ModelInfo_") == []
    assert [name for model in models["data"] for name in by_the_wheel(anthropic.types.ModelInfo, model)] == []
    body = {"model": "claude-opus-4-8", "messages": [{"role": "user", "content": "Hello"}]}
    count = send(sim, "POST", "/v1/messages/count_tokens", body).json()
    assert fits(count, "CountMessageTokensResponse") == []


def test_batches(sim: Simulator) -> None:
    """A batch in each of its states, its list, its results and its deletion fit both references."""
    params = {"model": "claude-opus-4-8", "max_tokens": 5, "messages": [{"role": "user", "content": "Hello"}]}
    requests = [{"custom_id": "a", "params": params}, {"custom_id": "b", "params": {}}]
    path = "/v1/messages/batches"
    states = [send(sim, "POST", path, {"requests": requests}).json()]
    path = f"{path}/{states[0]['id']}"
    sim.clock.advance(30)
    states.append(send(sim, "POST", path + "/cancel").json())
    sim.clock.advance(30)
    states.append(send(sim, "GET", path).json())
    assert [state["processing_status"] for state in states] == ["in_progress", "canceling", "ended"]
    for state in states:
        assert fits(state, "MessageBatch") == []
        assert by_the_wheel(anthropic.types.messages.MessageBatch, state) == []
    assert fits(send(sim, "GET", "/v1/messages/batches").json(), "ListResponse_MessageBatch_") == []
    for line in send(sim, "GET", path + "/results").data.splitlines():
        assert fits(json.loads(line), "MessageBatchIndividualResponse") == []
    assert fits(send(sim, "DELETE", path).json(), "DeleteMessageBatchResponse") == []


def test_files(sim: Simulator) -> None:
    """A file and the list of files fit both references."""
    made = sim.add_file("a.txt", b"x")
    assert fits(made, "BetaFileMetadataSchema") == []
    assert by_the_wheel(anthropic.types.FileMetadata, made) == []
    assert fits(send(sim, "GET", "/v1/files").json(), "BetaFileListResponse") == []


def test_the_judge_can_say_no() -> None:
    """The check against the document finds a missing field, a wrong type and a wrong value."""
    assert fits({"type": "message_stop"}, "MessageStopEvent") == []
    assert fits({"type": "message_stopp"}, "MessageStopEvent")
    assert fits({"input_tokens": "3"}, "CountMessageTokensResponse")
    assert fits({}, "CountMessageTokensResponse")
