"""Cases of the rules on turns, their blocks, tools and their results."""

from __future__ import annotations

from collections.abc import Iterator

from support.rule_cases.blocks import (
    NEW,
    OLD,
    OPUS,
    TOOL,
    USER,
    Case,
    assistant,
    call,
    document,
    result,
    text,
    user,
)


def turns() -> Iterator[Case]:
    """Yield a case or more for each of these rules."""
    yield "messages-present", {"messages": [USER]}, {"messages": []}, "at least one message is required"
    yield (
        "first-role",
        {"messages": [{"role": "system", "content": "x"}, USER], "model": OPUS},
        {"messages": [{"role": "assistant", "content": "x"}, USER]},
        'first message must use the "user" role',
    )
    yield (
        "content-present",
        {"messages": [USER, {"role": "assistant", "content": ""}]},
        {"messages": [USER, {"role": "assistant", "content": ""}, USER]},
        "messages.1: all messages must have non-empty content",
    )
    yield "text-present", {"messages": [user(text("x"))]}, {"messages": [user(text(""))]}, "must be non-empty"
    yield "text-present", {"messages": [user(text(" x"))]}, {"messages": [user(text(" \n"))]}, "non-whitespace text"
    yield "text-present", {"system": [text("x")]}, {"system": [text("")]}, "system: text content blocks"
    yield (
        "prefill-model",
        {"messages": [USER, {"role": "assistant", "content": "I"}]},
        {"messages": [USER, {"role": "assistant", "content": "I"}], "model": OPUS},
        "does not support assistant message prefill",
    )
    yield (
        "prefill-space",
        {"messages": [USER, {"role": "assistant", "content": " I"}]},
        {"messages": [USER, {"role": "assistant", "content": "I "}]},
        "cannot end with trailing whitespace",
    )
    yield (
        "block-role",
        {"messages": [USER, assistant(call()), user(result())]},
        {"messages": [user(call())]},
        "messages.0.content.0: `tool_use` blocks can only be in `assistant` messages",
    )
    inner = document(type="text", media_type="text/plain", data="x")
    yield (
        "assistant-documents",
        {"messages": [user(text(), inner), assistant(text()), USER]},
        {"messages": [USER, assistant(inner), USER]},
        "`document` blocks are not permitted",
    )
    yield (
        "assistant-documents",
        {"messages": [USER, assistant(inner), USER], "version": OLD},
        {"messages": [USER, assistant(inner), USER], "version": NEW},
        "`document` blocks are not permitted",
    )
    yield (
        "user-citations",
        {"messages": [USER, assistant(text(citations=[])), USER]},
        {"messages": [user(text(citations=[]))]},
        "not permitted on text blocks in `user` messages",
    )
    yield "tool-names-unique", {"tools": [TOOL, TOOL | {"name": "sub"}]}, {"tools": [TOOL, TOOL]}, "must be unique"
    yield (
        "tool-schema",
        {"tools": [TOOL]},
        {"tools": [TOOL | {"input_schema": {"type": "string"}}]},
        "tools.0.custom.input_schema.type: Input should be 'object'",
    )
    yield (
        "tool-schema",
        {"tools": [TOOL | {"input_schema": {"type": "object", "properties": {"a": True}}}]},
        {"tools": [TOOL | {"input_schema": {"type": "object", "properties": {"a": {"type": "int"}}}}]},
        "JSON schema is invalid",
    )
    yield (
        "tool-schema",
        {"tools": [TOOL | {"input_schema": {"type": "object", "required": ["a"]}}]},
        {"tools": [TOOL | {"input_schema": {"type": "object", "required": "a"}}]},
        "JSON schema is invalid",
    )
    yield (
        "tool-schema",
        {"tools": [TOOL | {"input_schema": {"type": "object", "properties": {"a": {"anyOf": [{}]}}}}]},
        {"tools": [TOOL | {"input_schema": {"type": "object", "anyOf": [{}]}}]},
        "does not support oneOf, allOf, or anyOf at the top level",
    )
    yield (
        "tool-choice-needs-tools",
        {"tools": [TOOL], "tool_choice": {"type": "auto"}},
        {"tool_choice": {"type": "auto"}},
        "may only be specified while providing tools",
    )
    yield (
        "tool-choice-known",
        {"tools": [TOOL], "tool_choice": {"type": "tool", "name": "add"}},
        {"tools": [TOOL], "tool_choice": {"type": "tool", "name": "sub"}},
        "Tool 'sub' not found in provided tools",
    )
    yield (
        "tool-use-ids-unique",
        {"messages": [USER, assistant(call("a"), call("b")), user(result("a"), result("b"))]},
        {"messages": [USER, assistant(call("a"), call("a")), user(result("a"))]},
        "`tool_use` ids must be unique",
    )
    yield (
        "tool-use-answered",
        {"messages": [USER, assistant(call()), user(result(), text())]},
        {"messages": [USER, assistant(call()), user(text()), assistant(text()), user(result())]},
        "messages.1: `tool_use` ids were found without `tool_result` blocks immediately after: toolu_1",
    )
    yield (
        "tool-use-answered",
        {"messages": [USER, assistant(call("a"), call("b")), user(result("b")), user(result("a"))]},
        {"messages": [USER, assistant(call("a"), call("b")), user(result("b"))]},
        "immediately after: a.",
    )
    yield (
        "tool-result-expected",
        {"messages": [USER, assistant(call()), user(result())]},
        {"messages": [user(result())]},
        "messages.0.content.0: unexpected `tool_use_id`",
    )
    yield (
        "tool-result-single",
        {"messages": [USER, assistant(call()), user(result())]},
        {"messages": [USER, assistant(call()), user(result(), result())]},
        "each tool_use must have a single result",
    )
    yield (
        "tool-result-first",
        {"messages": [USER, assistant(call()), user(result(), text())]},
        {"messages": [USER, assistant(call()), user(text(), result())]},
        "must come before other content",
    )
