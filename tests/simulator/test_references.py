"""The beta's replies and events, plain and streamed, against Anthropic's OpenAPI document and the wheel's own types.

`test_streaming` does the same for the replies without a beta. Here are compaction, context edits, threads, and the service's tools
in each of their results.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
import urllib3
from anthropic.types import beta, beta_error_response

from keybearer.simulator import Simulator
from keybearer.simulator.core.errors import STATUS
from keybearer.simulator.service.server_tools import SERVER_TOOLS
from simulator.schema_check import by_the_wheel, fits

LONG = "word " * 150_000
COMPACT: dict[str, Any] = {"type": "compact_20260112"}
LOOK: dict[str, Any] = {"name": "look", "input_schema": {"type": "object", "properties": {"at": {"type": "string"}}}}
TAGS = (
    "compact-2026-01-12,compact-2026-09-04,context-management-2025-06-27,message-threads-2026-08-12,"
    "mcp-client-2025-11-20,advisor-tool-2026-03-01,server-side-fallback-2026-07-01,interleaved-thinking-2025-05-14"
)


def turns(calls: int) -> list[Any]:
    """Make a conversation with some calls of `look`."""
    found: list[Any] = [{"role": "user", "content": "Hello"}]
    for number in range(calls):
        use = {"type": "tool_use", "id": f"toolu_{number}", "name": "look", "input": {"at": "snow"}}
        result = {"type": "tool_result", "tool_use_id": f"toolu_{number}", "content": "snow " * 200}
        found += [{"role": "assistant", "content": [use]}, {"role": "user", "content": [result]}]
    return found


def user(text: str) -> list[Any]:
    """Make a conversation of one message."""
    return [{"role": "user", "content": text}]


def served(tool: dict[str, Any] | None = None, **results: Any) -> dict[str, Any]:
    """Make a request and a script whose result a tool of the service gets."""
    name = next(iter(results))
    row = next((each for each in SERVER_TOOLS if each.name == name), None)
    definition = tool or {"type": VERSIONS[name], "name": TOOL_NAMES.get(name, name)}
    assert row is None or str(definition["type"]).startswith(row.kinds)
    return {"tools": [definition], "messages": user("Go on."), "script": {"server_tools": results, "text": "Done."}}


VERSIONS = {
    "web_search": "web_search_20250305",
    "web_fetch": "web_fetch_20260318",
    "code_execution": "code_execution_20250522",
    "bash_code_execution": "code_execution_20260521",
    "text_editor_code_execution": "code_execution_20260521",
    "advisor": "advisor_20260301",
    "tool_search_tool_regex": "tool_search_tool_regex_20251119",
}
TOOL_NAMES = {"bash_code_execution": "code_execution", "text_editor_code_execution": "code_execution"}
ADVISOR = {"type": "advisor_20260301", "name": "advisor", "model": "claude-opus-5"}
EDITOR = "text_editor_code_execution"
MCP = {
    "mcp_servers": [{"type": "url", "url": "https://mcp.example/sse", "name": "files"}],
    "tools": [{"type": "mcp_toolset", "mcp_server_name": "files"}],
    "messages": user("Go on."),
}
PDF = "JVBERi0xLjQKMSAwIG9iago8PC9UeXBlL1BhZ2U+PgplbmRvYmoK"
BLOCKS = [{"type": "text", "text": "Foxes are small."}, {"type": "text", "text": "They eat berries."}]
RESULT = {
    "type": "search_result", "source": "https://example.com/foxes", "title": "Foxes", "content": BLOCKS[1:],
    "citations": {"enabled": True},
}  # fmt: skip
CITED = {"type": "document", "citations": {"enabled": True}, "source": {"type": "content", "content": BLOCKS}}
EAT = {"type": "text", "text": "What do they eat?"}
CASES: dict[str, dict[str, Any]] = {
    "compacted": {"context_management": {"edits": [COMPACT]}, "messages": [*user(LONG), *user("Reply with exactly: yes")]},
    "compacted alone": {
        "context_management": {"edits": [{**COMPACT, "pause_after_compaction": True}]}, "messages": user(LONG),
    },
    "summarized": {"compaction": {"type": "summarize"}, "messages": user("Hello")},
    "cleared tools": {
        "tools": [LOOK], "messages": turns(3),
        "context_management": {"edits": [{"type": "clear_tool_uses_20250919", "trigger": {"type": "tool_uses", "value": 1},
                                          "keep": {"type": "tool_uses", "value": 1}}]},
    },
    "cleared thinking": {
        "thinking": {"type": "adaptive"}, "messages": user("Hello"),
        "context_management": {"edits": [{"type": "clear_thinking_20251015", "keep": "all"}]},
    },
    "thread": {"thread": {"type": "create"}, "messages": user("Hello")},
    "diagnosed": {"diagnostics": {"previous_message_id": None}, "messages": user("Hello")},
    "fast": {"speed": "fast", "model": "claude-opus-4-8", "messages": user("Hello")},
    "content cited": {"messages": [{"role": "user", "content": [CITED, EAT]}]},
    "search result cited": {"messages": [{"role": "user", "content": [RESULT, EAT]}]},
    "mcp": {**MCP, "script": {"server_tools": {"mcp": {"text": "a.txt"}}, "text": "Done."}},
    "mcp failed": {**MCP, "script": {"server_tools": {"mcp": {"result": {"text": "no", "is_error": True}}}, "text": "Done."}},
    "searched": served(web_search=[{"title": "A", "url": "https://a.example/", "text": "x", "page_age": "1 day ago"}]),
    "search failed": served(web_search={"error_code": "max_uses_exceeded"}),
    "fetched": served(web_fetch={"title": "A", "text": "words"}),
    "fetched pdf": served(web_fetch={"pdf": PDF}),
    "fetch failed": served(web_fetch={"error_code": "url_not_accessible"}),
    "ran": served(code_execution={"stdout": "1\n", "files": ["file_1"]}),
    "run failed": served(code_execution={"error_code": "unavailable"}),
    "ran bash": served(bash_code_execution={"stdout": "1\n", "stderr": "e", "return_code": 1, "files": ["file_1"]}),
    "bash failed": served(bash_code_execution={"error_code": "output_file_too_large"}),
    "viewed": served(text_editor_code_execution={"content": "words", "num_lines": 1, "start_line": 1, "total_lines": 1}),
    "created": served(text_editor_code_execution={"input": {"command": "create", "path": "a"}, "result": {"is_file_update": True}}),
    "replaced": served(
        text_editor_code_execution={
            "input": {"command": "str_replace", "path": "a"},
            "result": {"lines": ["-a", "+b"], "new_lines": 1, "new_start": 1, "old_lines": 1, "old_start": 1},
        }
    ),
    "edit failed": served(text_editor_code_execution={"error_code": "file_not_found", "error_message": "no"}),
    "found": {
        **served(tool_search_tool_regex=["look"]),
        "tools": [{"type": "tool_search_tool_regex_20251119", "name": "tool_search_tool_regex"}, {**LOOK, "defer_loading": True}],
    },
    "find failed": {
        **served(tool_search_tool_regex={"error_code": "unavailable"}),
        "tools": [{"type": "tool_search_tool_regex_20251119", "name": "tool_search_tool_regex"}, {**LOOK, "defer_loading": True}],
    },
    "advised": served(ADVISOR, advisor={"text": "Go on."}),
    "advised secretly": served(ADVISOR, advisor={"encrypted_content": "x"}),
    "advice failed": served(ADVISOR, advisor={"error_code": "overloaded"}),
    "fell back": {"messages": user("[sim:refusal] Hello"), "fallbacks": [{"model": "claude-opus-4-8"}]},
    "all refused": {"messages": user("[sim:refusal_all] Hello"), "fallbacks": [{"model": "claude-opus-4-8"}]},
    "window exceeded": {"messages": user("[sim:model_context_window_exceeded]")},
    "cut call": {
        "max_tokens": 12, "tools": [LOOK], "messages": user("Go on."),
        "script": {"tool_use": {"name": "look", "input": {"at": "snow " * 100}}},
    },
}  # fmt: skip

NEWER = {"fell back", "all refused"}
"""What is newer than the document of 2026-05-06, by the wheel alone: `fallback` blocks."""
HEADERS = {"anthropic-version": "2023-06-01", "anthropic-beta": TAGS}


def request(sim: Simulator, method: str, path: str, body: Any = None, **headers: str) -> urllib3.BaseHTTPResponse:
    """Send a request of the beta."""
    with urllib3.PoolManager(headers={"x-api-key": sim.api_key, **HEADERS, **headers}) as http:
        return http.request(method, f"{sim.base_url}{path}?beta=true", json=body, retries=False)


def send(sim: Simulator, name: str, **more: Any) -> urllib3.BaseHTTPResponse:
    """Send the request of a case."""
    case = dict(CASES[name])
    if (script := case.pop("script", None)) is not None:
        sim.script(script)
    body = {"model": "claude-opus-5", "max_tokens": 500, **case, **more}
    reply = request(sim, "POST", "/v1/messages", body)
    assert reply.status == 200, reply.data
    return reply


@pytest.mark.parametrize("name", CASES)
def test_every_reply(sim: Simulator, name: str) -> None:
    """A plain message fits both references."""
    message = send(sim, name).json()
    assert name in NEWER or fits(message, "BetaMessage") == []
    assert by_the_wheel(beta.BetaMessage, message) == []


def events_of(reply: urllib3.BaseHTTPResponse) -> list[dict[str, Any]]:
    """Return the events of a stream."""
    lines = reply.data.decode().splitlines()
    return [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: ")]


@pytest.mark.parametrize("name", CASES)
def test_every_event(sim: Simulator, name: str) -> None:
    """So does every event of a stream. The document has the ping of the streams without a beta alone, and the wheel has none."""
    events = events_of(send(sim, name, stream=True))
    assert events[-1]["type"] == "message_stop"
    for event in events:
        if event["type"] == "ping":
            assert fits(event, "Ping") == []
            continue
        assert name in NEWER or fits(event, "BetaMessageStreamEvent") == []
        assert by_the_wheel(beta.BetaRawMessageStreamEvent, event) == []


UNLISTED = {"conflict_error", "request_too_large"}
"""Types of errors that the service's page has, and the unions of the document and of the wheel have not."""


@pytest.mark.parametrize("kind", STATUS)
def test_every_error(sim: Simulator, kind: str) -> None:
    """The body of a refusal, and the event that ends a stream, of every type of error."""
    body = {"model": "claude-haiku-4-5", "max_tokens": 50, "messages": user("Hello")}
    plain = request(sim, "POST", "/v1/messages", body, **{"x-sim-fault": f"error; type={kind}"})
    assert plain.status == STATUS[kind]
    fault = {"x-sim-fault": f"stream_error; type={kind}; after_events=2"}
    last = events_of(request(sim, "POST", "/v1/messages", {**body, "stream": True}, **fault))[-1]
    for error in (plain.json(), last):
        assert error["error"]["type"] == kind
        if kind not in UNLISTED:
            assert by_the_wheel(beta_error_response.BetaErrorResponse, error) == []
        for schema in ("ErrorResponse", "BetaErrorResponse"):
            assert (fits(error, schema) == []) is (kind not in UNLISTED)


@pytest.mark.parametrize(
    ("hours", "cancelled", "kinds"),
    [(1, None, ["succeeded", "errored"]), (1, 1800, ["succeeded", "canceled"]), (48, None, ["succeeded", "expired"])],
)
def test_every_result_of_a_batch(hours: int, cancelled: int | None, kinds: list[str]) -> None:
    """A batch in each of its states, its four kinds of results, its list and its end."""
    path = "/v1/messages/batches"
    params = {"model": "claude-haiku-4-5", "max_tokens": 5, "messages": user("Hello")}
    requests = [{"custom_id": "a", "params": params}, {"custom_id": "b", "params": {**params, "max_tokens": -1}}]
    with Simulator(batch_seconds=hours * 3600) as sim:
        states = [request(sim, "POST", path, {"requests": requests}).json()]
        own = f"{path}/{states[0]['id']}"
        sim.clock.advance(cancelled or 24 * 3600)
        if cancelled:
            states.append(request(sim, "POST", f"{own}/cancel").json())
            sim.clock.advance(3)
        states.append(request(sim, "GET", own).json())
        assert states[-1]["processing_status"] == "ended"
        for state in states:
            assert fits(state, "BetaMessageBatch") == []
            assert by_the_wheel(beta.messages.BetaMessageBatch, state) == []
        lines = [json.loads(line) for line in request(sim, "GET", f"{own}/results").data.splitlines()]
        assert [line["result"]["type"] for line in lines] == kinds
        for line in lines:
            assert fits(line, "BetaMessageBatchIndividualResponse") == []
            assert by_the_wheel(beta.messages.BetaMessageBatchIndividualResponse, line) == []
        assert fits(request(sim, "GET", path).json(), "BetaListResponse_MessageBatch_") == []
        assert fits(request(sim, "DELETE", own).json(), "BetaDeleteMessageBatchResponse") == []


def test_what_is_read_and_deleted(sim: Simulator) -> None:
    """Models, counts of a context that was edited, and a file's end."""
    assert fits(request(sim, "GET", "/v1/models").json(), "BetaListResponse_ModelInfo_") == []
    assert fits(request(sim, "GET", "/v1/models/claude-haiku-4-5").json(), "BetaModelInfo") == []
    case = CASES["cleared tools"]
    count = request(sim, "POST", "/v1/messages/count_tokens", {"model": "claude-opus-5", **case}).json()
    assert fits(count, "BetaCountMessageTokensResponse") == []
    assert by_the_wheel(beta.BetaMessageTokensCount, count) == []
    made = sim.add_file("a.txt", b"x")
    deleted = request(sim, "DELETE", f"/v1/files/{made['id']}").json()
    assert fits(deleted, "BetaFileDeleteResponse") == []
    assert by_the_wheel(beta.BetaDeletedFile, deleted) == []
