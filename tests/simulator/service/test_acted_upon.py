"""What is said to be acted upon is: a request with the field and one without it differ in reply, journal or refusal.

`test_gaps` says of every optional field where it belongs. Most fields of the wheel's request types differ alone, as
`test_every_field` makes them. Those that need a certain request have one here, and what only the model reads shows in its tokens.
"""

from __future__ import annotations

import collections
import json
import re
from typing import Any

import pytest

from keybearer.simulator.core.errors import ServiceError
from keybearer.simulator.core.request import Caller, ServedCall
from keybearer.simulator.endpoints.messages import create_message
from keybearer.simulator.faults import StruckReply
from keybearer.simulator.options import Options
from keybearer.simulator.state import State
from simulator.rules.test_every_field import TAGS, VALUES, in_conversation
from simulator.service.test_gaps import acted_upon
from support.rule_cases.blocks import png
from support.wheel_requests import requests

Body = dict[str, Any]

LEAF = re.compile(r"\.(\w+)(?:=[^<>]*|\[\]=?[^<>.]*|(?:\[\])?<\w+>)?$")
LONG = "snow " * 3000
HELLO: Body = {"messages": [{"role": "user", "content": "Count to 99"}]}
TOOL: Body = {"name": "look", "input_schema": {"type": "object", "properties": {"at": {"type": "string"}}}}
SEARCH: Body = {"type": "web_search_20250305", "name": "web_search"}
FETCH: Body = {"type": "web_fetch_20260318", "name": "web_fetch"}
IMAGE: Body = png(3000, 3000)
WEATHER: Body = {"name": "get_weather", "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}}}
LOOKS: Body = {"tools": [WEATHER], "messages": [{"role": "user", "content": "What is the weather in Oslo and Rome?"}]}
CLEAR: Body = {
    "type": "clear_tool_uses_20250919", "trigger": {"type": "tool_uses", "value": 1}, "keep": {"type": "tool_uses", "value": 1},
}  # fmt: skip


def called() -> list[Body]:
    """Make a conversation with five calls of a tool."""
    found: list[Body] = [{"role": "user", "content": "Hello"}]
    for number in range(5):
        use = {"type": "tool_use", "id": f"toolu_{number}", "name": "look", "input": {"at": LONG}}
        result = {"type": "tool_result", "tool_use_id": f"toolu_{number}", "content": LONG}
        found += [{"role": "assistant", "content": [use]}, {"role": "user", "content": [result]}]
    return found


def edited(**more: Any) -> Body:
    """Ask for an edit of that conversation."""
    return {"tools": [TOOL], "messages": called(), "context_management": {"edits": [{**CLEAR, **more}]}}


def compacted(**more: Any) -> Body:
    """Ask for the compaction of a long conversation."""
    edits = [{"type": "compact_20260112", **more}]
    return {"messages": [{"role": "user", "content": LONG * 60}], "context_management": {"edits": edits}}


def mcp(server: Body | None = None, **toolset: Any) -> Body:
    """Ask for the tools of a server."""
    name = {"type": "url", "url": "https://mcp.example/sse", "name": "files", **(server or {})}
    tools = [{"type": "mcp_toolset", "mcp_server_name": "files", **toolset}]
    return {
        "mcp_servers": [name],
        "tools": tools,
        "messages": [{"role": "user", "content": "Use list_files, then use go"}],
    }


def asked(text: str, *tools: Body, **more: Any) -> Body:
    """Ask something, with tools."""
    return {"messages": [{"role": "user", "content": text}], **({"tools": list(tools)} if tools else {}), **more}


def shown(block: Body) -> Body:
    """Ask about a block."""
    return {"messages": [{"role": "user", "content": [block, {"type": "text", "text": "What do foxes eat?"}]}]}


def document(**more: Any) -> Body:
    """Make a document with citations on."""
    source = {"type": "text", "media_type": "text/plain", "data": "Foxes eat berries. They sleep."}
    return {"type": "document", "citations": {"enabled": True}, "source": source, **more}


LATEST: Body = {"type": "custom", "skill_id": "skill_none"}
PAIRS: dict[str, tuple[Body, Body]] = {
    "allowed_domains": (asked("Search the web", SEARCH | {"allowed_domains": ["example.org"]}), asked("Search the web", SEARCH)),
    "blocked_domains": (asked("Search the web", SEARCH | {"blocked_domains": ["example.org"]}), asked("Search the web", SEARCH)),
    "max_uses": (
        asked("Fetch https://a.example/ and https://b.example/", FETCH | {"max_uses": 1}),
        asked("Fetch https://a.example/ and https://b.example/", FETCH),
    ),
    "max_content_tokens": (
        asked("Fetch https://a.example/", FETCH | {"max_content_tokens": 2}), asked("Fetch https://a.example/", FETCH),
    ),
    "citations": (shown(document()), shown(document(citations={"enabled": False}))),
    "title": (shown(document(title="Foxes")), shown(document())),
    "strict": (
        asked("Hi", {**TOOL, "strict": True, "input_schema": {"type": "object", "properties": {}}}),
        asked("Hi", {**TOOL, "input_schema": {"type": "object", "properties": {}}}),
    ),
    "defer_loading": (asked("Call look with Oslo", {**TOOL, "defer_loading": True}), asked("Call look with Oslo", TOOL)),
    "cache_control": ({**HELLO, "system": LONG, "cache_control": {"type": "ephemeral"}}, {**HELLO, "system": LONG}),
    "ttl": (
        {**HELLO, "system": LONG, "cache_control": {"type": "ephemeral", "ttl": "1h"}},
        {**HELLO, "system": LONG, "cache_control": {"type": "ephemeral"}},
    ),
    "eager_input_streaming": (
        {**asked("Call look with Oslo", {**TOOL, "eager_input_streaming": True}), "max_tokens": 9, "stream": True},
        {**asked("Call look with Oslo", TOOL), "max_tokens": 9, "stream": True},
    ),
    "inference_geo": ({**HELLO, "inference_geo": "us"}, HELLO),
    "max_tokens": (
        asked("[sim:refusal] Count to 99", fallbacks=[{"model": "claude-haiku-4-5", "max_tokens": 5}]),
        asked("[sim:refusal] Count to 99", fallbacks=[{"model": "claude-haiku-4-5"}]),
    ),
    "system": (asked("What do foxes eat?", system="The wind is cold. " * 200 + "Foxes eat berries."), asked("What do foxes eat?")),
    "tools": (LOOKS, {"messages": LOOKS["messages"]}),
    "disable_parallel_tool_use": (
        {**LOOKS, "tool_choice": {"type": "auto", "disable_parallel_tool_use": True}}, LOOKS | {"tool_choice": {"type": "auto"}},
    ),
    "display": (
        {**HELLO, "thinking": {"type": "adaptive", "display": "omitted"}}, {**HELLO, "thinking": {"type": "adaptive"}},
    ),
    "thinking": ({**HELLO, "thinking": {"type": "adaptive"}}, HELLO),
    "exclude_tools": (edited(exclude_tools=["look"]), edited()),
    "clear_tool_inputs": (edited(clear_tool_inputs=True), edited()),
    "clear_at_least": (edited(clear_at_least={"type": "input_tokens", "value": 10**6}), edited()),
    "keep": (edited(keep={"type": "tool_uses", "value": 3}), edited()),
    "trigger": (edited(trigger={"type": "tool_uses", "value": 50}), edited()),
    "pause_after_compaction": (compacted(pause_after_compaction=True), compacted()),
    "instructions": (
        {**HELLO, "compaction": {"type": "summarize", "instructions": "Be brief."}}, {**HELLO, "compaction": {"type": "summarize"}},
    ),
    "format": ({**HELLO, "output_config": {"format": {"type": "json_schema", "schema": VALUES["schema"]}}}, HELLO),
    "output_config": ({**HELLO, "output_config": {"format": {"type": "json_schema", "schema": VALUES["schema"]}}}, HELLO),
    "output_format": ({**HELLO, "output_format": {"type": "json_schema", "schema": VALUES["schema"]}}, HELLO),
    "stop_sequences": ({**HELLO, "stop_sequences": ["7"]}, HELLO),
    "stream": ({**HELLO, "stream": True}, HELLO),
    "temperature": ({**HELLO, "temperature": 0.5}, HELLO),
    "top_k": ({**HELLO, "top_k": 5}, HELLO),
    "top_p": ({**HELLO, "top_p": 0.5}, HELLO),
    "thread": ({**HELLO, "thread": {"type": "continue", "previous_message_id": "msg_1"}}, HELLO),
    "version": (
        {**HELLO, "container": {"skills": [{"type": "anthropic", "skill_id": "xlsx", "version": "1"}]}},
        {**HELLO, "container": {"skills": [{"type": "anthropic", "skill_id": "xlsx"}]}},
    ),
    "oversized_image": (shown({**IMAGE, "transformations": {"oversized_image": "error"}}), shown(IMAGE)),
    "transformations": (shown({**IMAGE, "transformations": {"oversized_image": "error"}}), shown(IMAGE)),
    "allowed_tools": (mcp({"tool_configuration": {"allowed_tools": ["go"]}}), mcp()),
    "tool_configuration": (mcp({"tool_configuration": {"allowed_tools": ["go"]}}), mcp()),
    "configs": (mcp(configs={"list_files": {"enabled": True}}), mcp()),
    "default_config": (
        mcp(configs={"list_files": {}}, default_config={"enabled": False}), mcp(configs={"list_files": {}}),
    ),
}  # fmt: skip
"""The fields that need a certain request: one with the field, and one without it, or with another value of it."""

BY_SCRIPTS = {"metadata": "its `user_id` is the session that a script matches", "user_id": "a script matches it"}
"""Fields that only a scenario reads (`tests/simulator/control/test_script.py`)."""


def outcome(body: Body, *, tokens: bool) -> Any:
    """Answer a request with a new simulator: the refusal, or the reply and its notes; of the usage only what is asked for."""
    state = State(Options())
    call = ServedCall(
        method="POST", path="/v1/messages", query={}, request_id="req_1", caller=Caller("api_key", "org"),
        headers={"anthropic-version": "2026-10-21", "anthropic-beta": ",".join(TAGS)},
        body=json.dumps({"model": "claude-opus-4-8", "max_tokens": 3000, **body}).encode(),
    )  # fmt: skip
    try:
        reply = create_message(state, call)
    except ServiceError as error:
        return error.rule, error.message
    if isinstance(reply, StruckReply):
        reply = reply.reply
    if reply.events:
        return [each.data for each in reply.events]
    message = json.loads(reply.body)
    if not tokens:
        del message["usage"]["input_tokens"]
        message["usage"].pop("iterations", None)
    return message, reply.note.get("notes")


def test_a_request_with_the_field_is_answered_in_another_way() -> None:
    """Each field is acted upon by itself, in its pair, or by what the model reads of it."""
    bodies = requests("messages", VALUES, beta=True)
    ways = collections.defaultdict(list)
    for way in bodies:
        if (found := LEAF.search(way)) and (base := way[: found.start()]) in bodies:
            ways[found[1]].append((bodies[way], bodies[base]))
    silent = {
        field
        for field in acted_upon() - set(PAIRS) - set(BY_SCRIPTS)
        if not any(
            outcome(in_conversation(one), tokens=True) != outcome(in_conversation(other), tokens=True)
            for one, other in ways[field]
        )
    }
    assert silent == set()


@pytest.mark.parametrize("field", PAIRS)
def test_each_pair_differs(field: str) -> None:
    """In more than the number of its tokens."""
    with_it, without = PAIRS[field]
    assert outcome(with_it, tokens=False) != outcome(without, tokens=False)
    assert field in acted_upon()
