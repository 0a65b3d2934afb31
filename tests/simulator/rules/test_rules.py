"""Every rule, with a request just inside it and one just outside. A test at the end says that none is left out."""

from __future__ import annotations

import base64
import struct
from collections.abc import Iterator
from typing import Any

import pytest

from keybearer.simulator import signing
from keybearer.simulator.errors import APIError
from keybearer.simulator.request import MessageRequest
from keybearer.simulator.rules import RULES, judge

OLD = "2023-06-01"
NEW = "2026-10-21"
HAIKU = "claude-haiku-4-5"
OPUS = "claude-opus-4-8"
USER = {"role": "user", "content": "Hello"}
TOOL = {"name": "add", "input_schema": {"type": "object", "properties": {"a": {"type": "integer"}}}}
SHORT = {"type": "ephemeral"}
LONG = {"type": "ephemeral", "ttl": "1h"}


def text(words: str = "x", **more: Any) -> dict[str, Any]:
    """Make a text block."""
    return {"type": "text", "text": words, **more}


def user(*blocks: dict[str, Any]) -> dict[str, Any]:
    """Make a turn of the user."""
    return {"role": "user", "content": list(blocks)}


def assistant(*blocks: dict[str, Any]) -> dict[str, Any]:
    """Make a turn of the assistant."""
    return {"role": "assistant", "content": list(blocks)}


def call(name: str = "toolu_1") -> dict[str, Any]:
    """Make a tool call."""
    return {"type": "tool_use", "id": name, "name": "add", "input": {}}


def result(name: str = "toolu_1") -> dict[str, Any]:
    """Make a tool result."""
    return {"type": "tool_result", "tool_use_id": name, "content": "3"}


def thinking(words: str = "Hm.", signature: str | None = None) -> dict[str, Any]:
    """Make a thinking block, signed by the twin unless told otherwise."""
    return {"type": "thinking", "thinking": words, "signature": signature or signing.sign(words)}


def redacted(data: str) -> dict[str, Any]:
    """Make a redacted thinking block."""
    return {"type": "redacted_thinking", "data": data}


def png(width: int, height: int, media_type: str = "image/png") -> dict[str, Any]:
    """Make an image block of a size, with only a header behind it."""
    data = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", width, height)
    return image(base64.b64encode(data).decode(), media_type)


def image(data: str, media_type: str = "image/png") -> dict[str, Any]:
    """Make an image block of any data."""
    return {"type": "image", "source": {"type": "base64", "media_type": media_type, "data": data}}


def document(**source: Any) -> dict[str, Any]:
    """Make a document block."""
    return {"type": "document", "source": source}


def pdf(data: bytes) -> dict[str, Any]:
    """Make a document block that says that it is a PDF."""
    return document(type="base64", media_type="application/pdf", data=base64.b64encode(data).decode())


def shape(schema: Any) -> dict[str, Any]:
    """Make an output_config with a schema."""
    return {"format": {"type": "json_schema", "schema": schema}}


PADDING = base64.b64encode(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 1, 1)).decode()
BUDGET = {"type": "enabled", "budget_tokens": 1024}
DEEP = {"max_tokens": 1025, "thinking": BUDGET}
LOOP = [USER, assistant(thinking(), call()), user(result()), assistant(call("toolu_2")), user(result("toolu_2"))]
CLOSED = {"type": "object", "properties": {}, "additionalProperties": False}
CITED = document(type="text", media_type="text/plain", data="x") | {"citations": {"enabled": True}}

Change = dict[str, Any]


def cases() -> Iterator[tuple[str, Change, Change, str]]:
    """Yield rule, a change that is just inside, one that is just outside, and the words of the refusal.

    A change is of the body; its keys `version`, `betas` and `files` are of the request around it.
    """
    yield "types", {"max_tokens": 0}, {"max_tokens": -1}, "max_tokens: Input should be greater than or equal to 0"
    yield "types", {"max_tokens": 1}, {"max_tokens": 1.5}, "max_tokens: Input should be a valid integer"
    yield "types", {"max_tokens": 1}, {"max_tokens": True}, "max_tokens: Input should be a valid integer"
    yield "types", {}, {"max_tokens": ...}, "max_tokens: Field required"
    yield "types", {}, {"model": ...}, "model: Field required"
    yield "types", {}, {"messages": ...}, "messages: Field required"
    yield "types", {"messages": [USER]}, {"messages": "Hello"}, "messages: Input should be a valid list"
    yield "types", {"messages": [USER]}, {"messages": [USER] * 100_001}, "List should have at most 100000 items"
    yield "types", {"system": "x"}, {"system": 1}, "system: Input should be a valid list"
    yield "types", {"stream": False}, {"stream": "no"}, "stream: Input should be a valid boolean"
    yield (
        "types",
        {"version": OLD, "temperature": 1},
        {"version": OLD, "temperature": 1.01},
        "temperature: Input should be less than or equal to 1",
    )
    yield (
        "types",
        {"messages": [USER, {"role": "system", "content": "Be brief."}, USER]},
        {"messages": [{"role": "owner", "content": "x"}]},
        "messages.0.role: Input should be 'user', 'assistant' or 'system'",
    )
    yield (
        "types",
        {"messages": [USER]},
        {"messages": [{"role": ["user"], "content": "x"}]},
        "messages.0.role: Input should be 'user', 'assistant' or 'system'",
    )
    yield (
        "types",
        {"messages": [{"role": "system", "content": [text()]}, USER]},
        {"messages": [{"role": "system", "content": [png(1, 1)]}, USER]},
        "Input tag 'image' found using 'type'",
    )
    yield (
        "types",
        {"messages": [user(text())]},
        {"messages": [user({"type": "hologram"})]},
        "messages.0.content.0: Input tag 'hologram' found using 'type' does not match any of the expected tags: 'text'",
    )
    yield (
        "types",
        {"messages": [user(text())]},
        {"messages": [user({"type": "text"})]},
        "messages.0.content.0.text: Field required",
    )
    yield (
        "types",
        {"thinking": BUDGET, "max_tokens": 2000},
        {"thinking": BUDGET | {"budget_tokens": 1023}, "max_tokens": 2000},
        "thinking.budget_tokens: Input should be greater than or equal to 1024",
    )
    yield (
        "types",
        {"tools": [TOOL | {"name": "a" * 128}]},
        {"tools": [TOOL | {"name": "a" * 129}]},
        "tools.0.name: String should match pattern",
    )
    yield "types", {"tools": [TOOL]}, {"tools": [TOOL | {"name": "a b"}]}, "tools.0.name: String should match pattern"
    yield (
        "types",
        {"metadata": {"user_id": "u" * 256}},
        {"metadata": {"user_id": "u" * 257}},
        "metadata.user_id: String should have at most 256 characters",
    )
    yield (
        "types",
        {"service_tier": "auto"},
        {"service_tier": "turbo"},
        "service_tier: Input should be 'auto' or 'standard_only'",
    )
    yield (
        "types",
        {"system": [text(cache_control=LONG)]},
        {"system": [text(cache_control={"ttl": "1d"})]},
        "Field required",
    )
    yield "unknown-fields", {}, {"colour": "red"}, "colour: Extra inputs are not permitted"
    yield (
        "unknown-fields",
        {"messages": [user(text())]},
        {"messages": [user(text(size=3))]},
        "messages.0.content.0.size: Extra inputs are not permitted",
    )
    yield (
        "unknown-fields",
        {"tools": [{"type": "bash_20250124", "name": "bash", "anything": 1}]},
        {"tools": [TOOL | {"anything": 1}]},
        "tools.0.anything: Extra inputs are not permitted",
    )
    yield (
        "beta-params",
        {"context_management": {"edits": []}, "betas": {"context-management-2025-06-27"}},
        {"context_management": {"edits": []}, "betas": {"files-api-2025-04-14"}},
        "context_management: Extra inputs are not permitted",
    )
    yield "model-known", {"model": "claude-opus-4-5"}, {"model": "claude-opus-45"}, "model: claude-opus-45"
    yield (
        "model-retired",
        {"model": "claude-sonnet-4-5"},
        {"model": "claude-mythos-preview"},
        "model: claude-mythos-preview",
    )
    yield "max-tokens-limit", {"max_tokens": 64_000}, {"max_tokens": 64_001}, "max_tokens: 64001 > 64000, which is"
    yield "sampling-version", {"version": OLD, "temperature": 1}, {"temperature": 1}, "temperature: is not supported"
    yield "sampling-version", {"version": OLD, "top_k": 5}, {"top_k": 5}, "top_k: is not supported"
    yield (
        "sampling-model",
        {"version": OLD, "top_p": 1, "model": "claude-opus-4-6"},
        {"version": OLD, "top_p": 1, "model": OPUS},
        "`top_p` is not supported by claude-opus-4-8",
    )
    yield (
        "sampling-both",
        {"version": OLD, "temperature": 1},
        {"version": OLD, "temperature": 1, "top_p": 1},
        "cannot both be specified",
    )
    yield (
        "effort",
        {"model": "claude-opus-4-5", "output_config": {"effort": "high"}},
        {"model": "claude-opus-4-5", "output_config": {"effort": "max"}},
        "'max' is not supported",
    )
    yield (
        "effort",
        {"output_config": {"effort": None}},
        {"output_config": {"effort": "low"}},
        "does not support the effort",
    )
    yield "stop-sequences", {"stop_sequences": ["x"]}, {"stop_sequences": [" "]}, "must contain non-whitespace"
    yield (
        "context-window",
        {"messages": [{"role": "user", "content": "x" * (199_997 * 4)}]},
        {"messages": [{"role": "user", "content": "x" * (199_997 * 4 + 1)}]},
        "prompt is too long: 200001 tokens > 200000 maximum",
    )
    yield "messages-present", {"messages": [USER]}, {"messages": []}, "at least one message is required"
    yield (
        "first-role",
        {"messages": [{"role": "system", "content": "x"}, USER]},
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
    yield "thinking-model", DEEP, DEEP | {"model": OPUS}, "`enabled` is not supported by claude-opus-4-8"
    yield (
        "thinking-model",
        {"thinking": {"type": "adaptive"}, "model": OPUS},
        {"thinking": {"type": "adaptive"}},
        "`adaptive` is not supported",
    )
    yield "thinking-budget", DEEP, DEEP | {"max_tokens": 1024}, "`max_tokens` must be greater than"
    yield (
        "thinking-budget",
        DEEP | {"max_tokens": 1024, "betas": {"interleaved-thinking-2025-05-14"}},
        DEEP | {"max_tokens": 1024, "betas": {"files-api-2025-04-14"}},
        "`max_tokens` must be greater than",
    )
    yield (
        "thinking-tool-choice",
        DEEP | {"tools": [TOOL], "tool_choice": {"type": "auto"}},
        DEEP | {"tools": [TOOL], "tool_choice": {"type": "any"}},
        "Thinking may not be enabled when tool_choice forces",
    )
    yield (
        "thinking-temperature",
        DEEP | {"temperature": 1, "version": OLD},
        DEEP | {"temperature": 0.9, "version": OLD},
        "may only be set to 1",
    )
    yield "thinking-temperature", DEEP | {"version": OLD}, DEEP | {"top_k": 5, "version": OLD}, "`top_k` must be unset"
    yield (
        "thinking-signature",
        {"messages": [USER, assistant(thinking("Hm."), text()), USER]},
        {"messages": [USER, assistant(thinking("Hm!", signing.sign("Hm.")), text()), USER]},
        "messages.1.content.0: Invalid `signature` in `thinking` block",
    )
    yield (
        "thinking-signature",
        {"messages": [USER, assistant(redacted(signing.redact("Hm.")), text()), USER]},
        {"messages": [USER, assistant(redacted(signing.redact("Hm.")[:-8] + "AAAAAAA="), text()), USER]},
        "Invalid `data` in `redacted_thinking` block",
    )
    yield (
        "thinking-first",
        DEEP | {"messages": LOOP},
        DEEP | {"messages": [USER, assistant(call()), user(result())]},
        "messages.1.content.0.type: Expected `thinking` or `redacted_thinking`, but found `tool_use`",
    )
    yield (
        "thinking-last",
        {"messages": [USER, assistant(thinking(), text()), USER]},
        {"messages": [USER, assistant(text(), thinking()), USER]},
        "The final block in an assistant message cannot be `thinking`",
    )
    four = [text(cache_control=SHORT)] * 4
    yield "cache-breakpoints", {"system": four}, {"system": [*four, four[0]]}, "Found 5."
    yield "cache-breakpoints", {"system": four}, {"system": four, "cache_control": SHORT}, "Found 5."
    yield (
        "cache-ttl-order",
        {"system": [text(cache_control=LONG)], "messages": [user(text(cache_control=SHORT))]},
        {"system": [text(cache_control=SHORT)], "messages": [user(text(cache_control=LONG))]},
        "a ttl='1h' cache_control block must not come after",
    )
    most = 10 * 1024 * 1024
    yield (
        "image-bytes",
        {"messages": [user(image(PADDING + "A" * (most - len(PADDING))))]},
        {"messages": [user(image(PADDING + "A" * (most - len(PADDING) + 4)))]},
        "image exceeds 10 MB maximum",
    )
    yield (
        "image-readable",
        {"messages": [user(png(1, 1))]},
        {"messages": [user(image("AAAA"))]},
        "Could not process image",
    )
    yield "image-readable", {"messages": [user(png(1, 1))]}, {"messages": [user(image("=A"))]}, "invalid base64"
    yield (
        "image-type",
        {"messages": [user(png(1, 1))]},
        {"messages": [user(png(1, 1, "image/jpeg"))]},
        "the image appears to be a image/png image",
    )
    yield "image-side", {"messages": [user(png(8000, 1))]}, {"messages": [user(png(1, 8001))]}, "8000 pixels"
    yield (
        "image-side",
        {"messages": [user(*[png(2001, 1)] * 20)]},
        {"messages": [user(*[png(2001, 1)] * 21)]},
        "for many-image requests: 2000 pixels",
    )
    yield "pdf-readable", {"messages": [user(pdf(b"%PDF-1.7"))]}, {"messages": [user(pdf(b"%PS"))]}, "was not valid"
    for kind in ("image", "document"):
        secure, plain = ({"type": "url", "url": f"{scheme}://x.example/a"} for scheme in ("https", "http"))
        yield (
            "url-https",
            {"messages": [user({"type": kind, "source": secure})]},
            {"messages": [user({"type": kind, "source": plain})]},
            "Only HTTPS URLs",
        )
    by_file = {"messages": [user({"type": "document", "source": {"type": "file", "file_id": "file_1"}})]}
    yield "file-known", by_file | {"files": {"file_1"}}, by_file, "File not found: file_1"
    yield (
        "format-schema",
        {"output_config": shape(CLOSED)},
        {"output_config": shape({**CLOSED, "properties": "a"})},
        "output_config.format.schema: JSON schema is invalid",
    )
    yield (
        "format-closed",
        {"output_config": shape(CLOSED)},
        {"output_config": shape({**CLOSED, "properties": {"a": {"type": "object"}}})},
        "'additionalProperties' must be explicitly set to false",
    )
    yield (
        "format-citations",
        {"messages": [user(CITED)]},
        {"messages": [user(CITED)], "output_config": shape(CLOSED)},
        "cannot be used when citations are enabled",
    )


def request(change: Change) -> MessageRequest:
    """Apply a change to a request that is fine; a value of `...` removes a field."""
    body: dict[str, Any] = {"model": HAIKU, "max_tokens": 100, "messages": [USER], **change}
    around: dict[str, Any] = {"version": body.pop("version", NEW)}
    around["betas"] = frozenset(body.pop("betas", ()))
    around["files"] = frozenset(body.pop("files", ()))
    return MessageRequest({key: value for key, value in body.items() if value is not ...}, **around)


CASES = list(cases())
NAMES = [f"{name}-{index}" for index, (name, *_) in enumerate(CASES)]


@pytest.mark.parametrize(("name", "inside", "outside", "words"), CASES, ids=NAMES)
def test_a_request_just_inside_passes(name: str, inside: Change, outside: Change, words: str) -> None:
    """The request just inside is refused by no rule."""
    del name, outside, words
    judge(request(inside))


@pytest.mark.parametrize(("name", "inside", "outside", "words"), CASES, ids=NAMES)
def test_a_request_just_outside_is_refused(name: str, inside: Change, outside: Change, words: str) -> None:
    """The request just outside is refused by this rule, in these words, and passes once the rule is off."""
    del inside
    with pytest.raises(APIError) as caught:
        judge(request(outside))
    assert (caught.value.rule, words in caught.value.message) == (name, True), caught.value.message
    if not next(rule for rule in RULES if rule.name == name).essential:
        assert refusing_rule(outside, lenient=name) != name


def refusing_rule(change: Change, *, lenient: str) -> str | None:
    """Name the rule that refuses a request when one is off, if any still does."""
    try:
        judge(request(change), frozenset({lenient}))
    except APIError as error:
        return error.rule
    return None


def test_every_rule_is_tested() -> None:
    """No rule is without its two requests."""
    assert {name for name, *_ in CASES} == {rule.name for rule in RULES}


def test_every_rule_says_what_and_whence() -> None:
    """Every rule has a name of its own, a source and a sentence."""
    assert len({rule.name for rule in RULES}) == len(RULES)
    assert all(rule.source and rule.summary.endswith(".") for rule in RULES)


@pytest.mark.parametrize(
    ("name", "status", "kind"),
    [
        ("model-known", 404, "not_found_error"),
        ("file-known", 404, "not_found_error"),
        ("types", 400, "invalid_request_error"),
    ],
)
def test_statuses(name: str, status: int, kind: str) -> None:
    """A refusal has the status and the type of its kind."""
    outside = next(outside for each, _, outside, _ in CASES if each == name)
    with pytest.raises(APIError) as caught:
        judge(request(outside))
    assert (caught.value.status, caught.value.type) == (status, kind)


def test_image_side_names_every_image() -> None:
    """The refusal of large images lists the path of each, those inside tool results included."""
    large = result() | {"content": [png(9000, 9000)]}
    messages = [user(png(9000, 1)), assistant(call()), user(large)]
    with pytest.raises(APIError) as caught:
        judge(request({"messages": messages, "tools": [TOOL]}))
    assert caught.value.details == {
        "error_code": "image_dimensions_too_large",
        "max_side_length_pixels": 8000,
        "paths": ["messages.0.content.0", "messages.2.content.0.content.0"],
    }


def test_count_tokens_needs_no_max_tokens() -> None:
    """A request to count tokens has no `max_tokens`, and may not have one."""
    body = {"model": HAIKU, "messages": [USER]}
    judge(MessageRequest(body, endpoint="count_tokens"))
    with pytest.raises(APIError, match="max_tokens: Extra inputs are not permitted"):
        judge(MessageRequest({**body, "max_tokens": 1}, endpoint="count_tokens"))
