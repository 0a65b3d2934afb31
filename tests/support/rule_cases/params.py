"""Cases of the rules on a request's parameters."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from support.rule_cases.blocks import (
    BUDGET,
    LONG,
    OLD,
    OPUS,
    TOOL,
    USER,
    Case,
    png,
    text,
    user,
)


def params() -> Iterator[Case]:
    """Yield a case or more for each of these rules."""
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
        {"messages": [USER, {"role": "system", "content": "Be brief."}, USER], "model": OPUS},
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
        {"messages": [{"role": "system", "content": [text()]}, USER], "model": OPUS},
        {"messages": [{"role": "system", "content": [png(1, 1)]}, USER]},
        "Input tag 'image' found using 'type'",
    )
    yield (
        "unknown-fields",
        {"messages": [user(text(), {"type": "hologram"})], "betas": {"holograms-2027-01-01"}},
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
        {"metadata": {"user_id": "u" * 512}},
        {"metadata": {"user_id": "u" * 513}},
        "metadata.user_id: String should have at most 512 characters",
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
        {"tools": [{"type": "bash_20990101", "name": "bash", "anything": 1}]},
        {"tools": [TOOL | {"anything": 1}]},
        "tools.0.anything: Extra inputs are not permitted",
    )
    for tag in ("context-management-2025-06-28", "speedup", "2026-01-01", "Holograms-2027-01-01"):
        yield "beta-known", {"betas": {"holograms-2027-01-01"}}, {"betas": {tag}}, f"Unexpected value(s) `{tag}`"
    yield (
        "beta-known",
        {"betas": {"claude-code-20250219", "holograms-2026-01-01"}},
        {"betas": {"holograms-2026-01-01"}, "future": "refuse"},
        "Unexpected value(s) `holograms-2026-01-01` for the `anthropic-beta` header.",
    )
    yield (
        "unknown-fields",
        {"colour": "red", "betas": {"holograms-2027-01-01"}},
        {"colour": "red", "betas": {"context-1m-2025-08-07"}, "future": "refuse"},
        "colour: Extra inputs are not permitted",
    )
    yield (
        "unknown-fields",
        {"colour": "red", "betas": {"context-1m-2025-08-07"}},
        {"colour": "red", "betas": {"oauth-2025-04-20"}},
        "colour: Extra inputs are not permitted",
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
        {"model": "claude-opus-4-5"},
        {"model": "claude-opus-4-5", "now": datetime(2027, 1, 22, tzinfo=UTC).timestamp()},
        "model: claude-opus-4-5",
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
