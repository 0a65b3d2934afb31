"""Whatever a request holds, and wherever, the simulator answers or refuses: no rule and no part of the engine fails on it."""

from __future__ import annotations

import copy
import gzip
import json
import random
from collections.abc import Iterator
from typing import Any

import pytest
import urllib3

from keybearer.simulator import Simulator
from support.whole import examples

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
ADD = {
    "name": "add",
    "description": "Add two numbers.",
    "input_schema": {
        "type": "object",
        "properties": {
            "a": {"type": "integer"},
            "b": {"anyOf": [{"type": "number"}, {"type": "null"}], "default": None},
        },
        "required": ["a"],
    },
    "cache_control": {"type": "ephemeral", "ttl": "1h"},
}
FORMAT = {
    "type": "object",
    "properties": {"n": {"type": "string", "pattern": "^a+$"}, "k": {"type": "array", "items": {"enum": [1, 2]}}},
    "required": ["n"],
    "additionalProperties": False,
}
GOOD: list[dict[str, Any]] = [
    {
        "model": "claude-opus-4-8",
        "max_tokens": 200,
        "system": [{"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}}],
        "messages": [
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "use add 3"},
                    {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNG}},
                ],
            },
            {"role": "assistant", "content": [{"type": "tool_use", "id": "toolu_1", "name": "add", "input": {"a": 1}}]},
            {
                "role": "user",
                "content": [
                    {"type": "tool_result", "tool_use_id": "toolu_1", "content": [{"type": "text", "text": "3"}]}
                ],
            },
        ],
        "tools": [ADD, {"type": "web_search_20250305", "name": "web_search", "max_uses": 2}],
        "tool_choice": {"type": "auto", "disable_parallel_tool_use": True},
    },
    {
        "model": "claude-haiku-4-5",
        "thinking": {"type": "enabled", "budget_tokens": 1024},
        "max_tokens": 3000,
        "stream": True,
        "stop_sequences": ["x"],
        "metadata": {"user_id": "u"},
        "messages": [{"role": "user", "content": "Hello"}],
    },
    {
        "model": "claude-opus-4-8",
        "max_tokens": 300,
        "thinking": {"type": "adaptive"},
        "output_config": {"effort": "high", "format": {"type": "json_schema", "schema": FORMAT}},
        "context_management": {"edits": [{"type": "clear_tool_uses_20250919"}]},
        "messages": [
            {
                "role": "user",
                "content": [
                    {
                        "type": "document",
                        "source": {"type": "text", "media_type": "text/plain", "data": "Foxes."},
                        "title": "t",
                    }
                ],
            }
        ],
    },
]
ODD: list[Any] = [
    None, True, False, 0, -1, 1.5, 1e308, 10**30, "", "x", "\0", "[sim:refusal]", "a" * 3000, "2026-01-01T00:00:00Z",
    [], [None], [[]], [{}], ["x"], [{"type": "text", "text": "x"}], {}, {"type": "text"}, {"type": "nope"},
    {"type": "object"}, {"$ref": "#"}, {"type": "ephemeral"},
]  # fmt: skip
MORE = (
    "type",
    "extra",
    "cache_control",
    "citations",
    "content",
    "caller",
    "signature",
    "text",
    "data",
    "input_examples",
)
ONLY_MESSAGES = ("max_tokens", "stream", "metadata", "stop_sequences")
OFF = (
    "unknown-fields", "thinking-signature", "tool-use-answered", "image-readable", "image-type", "tool-schema",
    "format-schema", "block-role", "first-role", "beta-params",
)  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of every value inside a value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        yield (*path, key)
        yield from places(each, (*path, key))


def at(value: Any, path: tuple[Any, ...]) -> Any:
    """Return what a path leads to."""
    for key in path:
        value = value[key]
    return value


def changed(body: Any, draw: random.Random) -> Any:
    """Return a body with a few values replaced, added, taken away or moved."""
    body = copy.deepcopy(body)
    for _ in range(draw.choice([1, 1, 2, 3])):
        *path, key = draw.choice(list(places(body)))
        inside = at(body, tuple(path))
        how = draw.random()
        if how < 0.6:
            inside[key] = copy.deepcopy(draw.choice(ODD))
        elif how < 0.75:
            inside.update({draw.choice(MORE): copy.deepcopy(draw.choice(ODD))}) if isinstance(
                inside, dict
            ) else inside.append(1)
        elif how < 0.85:
            del inside[key]
        else:
            inside[key] = copy.deepcopy(at(body, draw.choice(list(places(body)))))
        if not list(places(body)):
            break
    return body


@pytest.mark.parametrize("lenient", [(), OFF], ids=["strict", "lenient"])
def test_no_odd_request_is_a_failure_of_the_simulator(lenient: tuple[str, ...]) -> None:
    """Requests with something odd in them (1,200 in `make test-whole`): each is answered, or refused in the API's shape."""
    draw = random.Random(1)  # noqa: S311 - which changes to make
    statuses: set[int] = set()
    with Simulator(lenient=lenient) as sim, urllib3.PoolManager() as http:
        headers = {"x-api-key": sim.api_key, "content-type": "application/json"}
        for number in range(examples(1200)):
            body = changed(draw.choice(GOOD), draw)
            url = ("/v1/messages?beta=true", "/v1/messages/count_tokens?beta=true")[number % 2]
            if "count" in url:
                body = {name: value for name, value in body.items() if name not in ONLY_MESSAGES}
            reply = http.request(
                "POST",
                sim.base_url + url,
                body=json.dumps(body),
                headers=headers
                | {
                    "anthropic-version": draw.choice(["2023-06-01", "2026-10-21"]),
                    "anthropic-beta": "context-management-2025-06-27",
                },
                retries=False,
            )
            statuses.add(reply.status)
            assert reply.status in {200, 400, 404}, json.dumps(body)
            assert b"api_error" not in reply.data, json.dumps(body)
            if reply.status != 200:
                error = reply.json()
                assert error["type"] == "error"
                assert error["error"]["message"]
    assert {200, 400} <= statuses


@pytest.mark.parametrize("encoding", ["gzip", "br", "GZIP, identity"])
def test_a_compressed_request_is_refused_in_words(sim: Simulator, encoding: str) -> None:
    """Nothing says that the service unpacks a request, so one is refused by name, and `identity` is none."""
    body = json.dumps({"model": "claude-haiku-4-5", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]})
    headers = {"x-api-key": sim.api_key, "anthropic-version": "2023-06-01", "content-type": "application/json"}
    with urllib3.PoolManager() as http:
        url, packed = sim.base_url + "/v1/messages", gzip.compress(body.encode())
        refused = http.request("POST", url, body=packed, headers={**headers, "content-encoding": encoding})
        assert refused.status == 400
        assert refused.json()["error"]["message"].endswith("is not supported, send the body uncompressed")
        plain = http.request("POST", url, body=body, headers={**headers, "content-encoding": "identity"})
        assert plain.status == 200
