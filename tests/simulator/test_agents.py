"""Requests as command-line agents send them, and malformed ones."""

from __future__ import annotations

import json
from typing import Any

import urllib3
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keybearer.simulator import Simulator
from keybearer.simulator.core.errors import ServiceError
from keybearer.simulator.core.request import MessageRequest
from keybearer.simulator.rules import check_request
from support.whole import examples

TOOLS = [
    "Bash",
    "Read",
    "Write",
    "Edit",
    "Glob",
    "Grep",
    "Task",
    "WebFetch",
    "WebSearch",
    "TodoWrite",
    "NotebookEdit",
    "Skill",
]
BETAS = "claude-code-20250219,oauth-2025-04-20,interleaved-thinking-2025-05-14,context-management-2025-06-27"


def agent_request(prompt: str) -> dict[str, Any]:
    """Make a request of 80 KB, with a dozen tools and cached system blocks."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {"command": {"type": "string", "description": "d" * 500}},
        "required": ["command"],
        "additionalProperties": False,
    }
    return {
        "model": "claude-opus-4-8",
        "max_tokens": 32_000,
        "stream": True,
        "metadata": {"user_id": "user_" + "0" * 64},
        "thinking": {"type": "adaptive"},
        "context_management": {"edits": [{"type": "clear_thinking_20251015", "keep": "all"}]},
        "output_config": {"effort": "high"},
        "system": [
            {"type": "text", "text": "You are an agent.", "cache_control": {"type": "ephemeral", "ttl": "1h"}},
            {"type": "text", "text": "Rules. " * 4_000, "cache_control": {"type": "ephemeral", "ttl": "1h"}},
        ],
        "tools": [{"name": name, "description": "What it does. " * 250, "input_schema": schema} for name in TOOLS],
        "messages": [
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "<system-reminder>Today is Sunday.</system-reminder>"},
                    {"type": "text", "text": prompt, "cache_control": {"type": "ephemeral"}},
                ],
            }
        ],
    }


def post(sim: Simulator, request: dict[str, Any], token: str) -> str:
    """Send a request as an agent with a subscription does."""
    headers = {"authorization": f"Bearer {token}", "anthropic-version": "2023-06-01", "anthropic-beta": BETAS}
    with urllib3.PoolManager(headers=headers) as http:
        reply = http.request("POST", sim.base_url + "/v1/messages?beta=true", json=request)
    assert reply.status == 200, reply.data
    return reply.data.decode()


def test_an_agent_with_a_subscription(sim: Simulator) -> None:
    """An agent's large request is answered with text, without an unwanted tool call, and cached."""
    request = agent_request("Write a haiku about reading.")
    assert len(json.dumps(request)) > 75_000
    access = sim.login()["access_token"]
    body = post(sim, request, access)
    assert '"stop_reason":"end_turn"' in body
    assert '"tool_use"' not in body
    post(sim, request, access)
    assert sim.requests[-1].note["usage"]["cache_read_input_tokens"] > 15_000


def test_an_agents_tool_call(sim: Simulator) -> None:
    """An agent's tool is called when the user asks for it."""
    body = post(sim, agent_request('Use Bash {"command": "ls"}'), "sk-ant-oat01-sim-agent")
    assert '"name":"Bash"' in body
    assert '"stop_reason":"tool_use"' in body


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["type", "role", "content", "text", "id", "name", "source", "input"]), inner)
    ),
    max_leaves=12,
)
FIELDS = [
    "messages",
    "system",
    "tools",
    "tool_choice",
    "thinking",
    "metadata",
    "stop_sequences",
    "output_config",
    "max_tokens",
]


@settings(max_examples=examples(200), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(FIELDS), JUNK))
def test_no_body_makes_a_rule_fail(junk: dict[str, Any]) -> None:
    """Whatever a body holds, the rules either pass it or refuse it."""
    good = {"model": "claude-haiku-4-5", "max_tokens": 5, "messages": [{"role": "user", "content": "Hi"}]}
    try:
        check_request(MessageRequest({**good, **junk}))
    except ServiceError as error:
        assert error.status in {400, 404}  # noqa: PT017  # a refusal is as good as none


@settings(max_examples=examples(60), deadline=None)
@given(
    st.lists(
        st.fixed_dictionaries(
            {"type": st.sampled_from(["text", "image", "document", "tool_use"])},
            optional={"text": JUNK, "source": JUNK, "input": JUNK},
        ),
        max_size=3,
    )
)
def test_no_block_makes_a_rule_fail(blocks: list[Any]) -> None:
    """Whatever a block holds, the rules either pass it or refuse it."""
    body = {"model": "claude-haiku-4-5", "max_tokens": 5, "messages": [{"role": "user", "content": blocks}]}
    try:
        check_request(MessageRequest(body))
    except ServiceError as error:
        assert error.status in {400, 404}  # noqa: PT017  # see above


def test_nesting_without_end(sim: Simulator) -> None:
    """A body that is nested too deeply is refused, and so is such a schema."""
    headers = {"x-api-key": sim.api_key, "anthropic-version": "2026-10-21"}
    with urllib3.PoolManager(headers=headers) as http:
        url = sim.base_url + "/v1/messages"
        for body in (b"[" * 100_000, b'{"a":' * 100_000):
            reply = http.request("POST", url, body=body)
            assert (reply.status, reply.json()["error"]["type"]) == (400, "invalid_request_error")
        for depth in (100, 300, 450, 480, 600):
            assert http.request("POST", url, body=nested(depth)).status in {200, 400}


def nested(depth: int) -> bytes:
    """Make a request with a tool whose schema is nested so deep."""
    schema = '{"type":"object","properties":{"a":' * depth + '{"type":"object"}' + "}}" * depth
    request = {
        "model": "claude-haiku-4-5",
        "max_tokens": 5,
        "messages": [{"role": "user", "content": "x"}],
        "tools": [0],
    }
    return json.dumps(request).replace("[0]", '[{"name":"deep","input_schema":' + schema + "}]").encode()


def test_a_body_that_is_too_large(sim: Simulator) -> None:
    """A body of more than 32 MB is a 413 in the API's format."""
    with urllib3.PoolManager() as http:
        reply = http.request("POST", sim.base_url + "/v1/messages", body=b" " * (32 * 1024 * 1024 + 1))
    assert reply.status == 413
    assert reply.json()["error"]["type"] == "request_too_large"
