"""Cases of the rules on what one model takes and another does not."""

from __future__ import annotations

from collections.abc import Iterator

from support.rule_cases.blocks import HAIKU, OPUS, TOOL, USER, Case, png, user

EXACT = {"transformations": {"oversized_image": "error"}}
CHANGES = {"mid-conversation-tool-changes-2026-07-01"}
EFFORTS = {"mid-conversation-output-config-2026-07-01"}
COMPACT = {"compact-2026-01-12", "compact-2026-09-04"}


def models() -> Iterator[Case]:
    """Yield a case or more for each of these rules."""
    brief = {"messages": [USER, {"role": "system", "content": "Be brief."}]}
    yield "system-turns", {"model": OPUS, **brief}, {"model": HAIKU, **brief}, "role 'system' is not supported"
    low = {"messages": [USER, {"role": "system", "output_config": {"effort": "low"}}], "betas": EFFORTS}
    yield "turn-effort", {"model": "claude-opus-5", **low}, {"model": OPUS, **low}, "per-turn effort"
    removal = {"type": "tool_removal", "tool": {"type": "tool_reference", "name": "add"}}
    changed = {"messages": [USER, {"role": "system", "content": [removal]}], "tools": [TOOL], "betas": CHANGES}
    yield "tool-changes", {"model": OPUS, **changed}, {"model": "claude-sonnet-5", **changed}, "tool_removal is not"
    for kind in ({"type": "any"}, {"type": "tool", "name": "add"}):
        forced = {"tools": [TOOL], "tool_choice": kind}
        yield (
            "tool-choice-model",
            {"model": "claude-opus-5", **forced},
            {"model": "claude-opus-5-5", **forced},
            "is not supported by claude-opus-5-5",
        )
    quiet = {"model": "claude-opus-5", "thinking": {"type": "disabled"}}
    yield (
        "effort-without-thinking",
        {**quiet, "output_config": {"effort": "high"}},
        {**quiet, "output_config": {"effort": "xhigh"}},
        "'xhigh' is not supported with thinking.type `disabled`",
    )
    yield (
        "speed",
        {"model": OPUS, "speed": "fast"},
        {"model": HAIKU, "speed": "fast"},
        "'fast' is not supported",
    )
    edits = {"context_management": {"edits": [{"type": "compact_20260112"}]}, "betas": COMPACT}
    for asked in (edits, {"compaction": {"type": "summarize"}, "betas": COMPACT}):
        yield "compaction-model", {"model": OPUS, **asked}, {"model": HAIKU, **asked}, "compaction: is not supported"
    pictures = {number: {"messages": [user(*[png(1, 1)] * number)]} for number in (100, 101)}
    yield "image-count", {"model": HAIKU, **pictures[100]}, {"model": HAIKU, **pictures[101]}, "Too many images: 101"
    yield "image-count", {"model": OPUS, **pictures[101]}, {"model": HAIKU, **pictures[101]}, "> 100"
    exact = {name: {"messages": [user(png(2000, 9) | EXACT)], "model": name} for name in (HAIKU, OPUS)}
    yield "image-oversized", exact[OPUS], exact[HAIKU], "2000x9 pixels exceeds the maximum size of claude-haiku-4-5"
    yield (
        "thinking-model",
        {"model": "claude-sonnet-5-5", "thinking": {"type": "between_tools"}},
        {"model": "claude-opus-5-5", "thinking": {"type": "disabled"}},
        "`disabled` is not supported by claude-opus-5-5",
    )
