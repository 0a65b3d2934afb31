"""Cases of the rules on thinking, caching, media, structured output and fallback models."""

from __future__ import annotations

from collections.abc import Iterator

from keybearer.simulator.service import signing
from support.rule_cases.blocks import (
    CITED,
    CLOSED,
    DEEP,
    HAIKU,
    LONG,
    OLD,
    OPUS,
    PADDING,
    SHORT,
    TOOL,
    USER,
    Case,
    assistant,
    image,
    pdf,
    png,
    redacted,
    shape,
    text,
    thinking,
    user,
)

FALLBACK = "server-side-fallback-2026-07-01"


def fallbacks() -> Iterator[Case]:
    """Yield a case or more for each rule on fallback models."""
    again = {"fallbacks": [{"model": HAIKU}], "betas": {FALLBACK}}
    yield (
        "fallback-model",
        again,
        again | {"fallbacks": [{"model": HAIKU}, {"model": "claude-9"}]},
        "fallbacks.1.model: claude-9 is not a model",
    )
    yield (
        "fallback-model",
        again,
        again | {"fallbacks": [{"model": HAIKU, "max_tokens": 10**6}]},
        "fallbacks.0.max_tokens: 1000000 > 64000",
    )
    credit = {"fallback_credit_token": "token", "betas": {FALLBACK, "fallback-credit-2026-07-01"}}
    yield "fallback-credit", credit, again | credit, "cannot be combined with fallbacks"


def features() -> Iterator[Case]:
    """Yield a case or more for each of these rules."""
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
    wanted = {"type": "custom", "skill_id": "skill_1"}
    there = {"skills": {("custom", "skill_1"): (("skillver_1", "1"), ("skillver_2", "2"))}}
    by_skill = {"container": {"skills": [wanted]}}
    yield "skill-known", by_skill | there, by_skill, "container.skills.0: Skill not found: skill_1 (custom)"
    for name in ("latest", "skillver_1", "2"):
        named = {"container": {"skills": [wanted, {**wanted, "version": name}]}}
        wrong = {"container": {"skills": [wanted, {**wanted, "version": "3"}]}}
        yield (
            "skill-known",
            named | there,
            wrong | there,
            "container.skills.1: Skill not found: skill_1 (custom), version 3",
        )
    yield "file-known", by_file | {"files": {"file_1": "text/plain"}}, by_file, "File not found: file_1"
    yield (
        "file-type",
        by_file | {"files": {"file_1": "application/pdf"}},
        by_file | {"files": {"file_1": "image/png"}},
        "a file of type image/png is no document",
    )
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
