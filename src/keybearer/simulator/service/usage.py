"""A reply's `usage`: the cache's figures, the output, the iterations, and the requests of the service's own tools.

An iteration is one run of a model within a request: a compaction, the sampling before the service's tools ran, the one after
them, and an advisor's. The figures at the top are the sum of the `message` iterations.

Source: the wheel's `types/beta/beta_usage.py` and `beta_iterations_usage.py`. That an iteration after a tool counts only what is
new to it is a guess.
"""

from __future__ import annotations

from typing import Any, Final

from keybearer.simulator.service import tokens
from keybearer.simulator.service.prompt_cache import CacheUsage

__all__ = ["billed", "is_served_result", "iteration", "render_usage", "served_tokens", "with_attempts"]

Block = dict[str, Any]

COUNTED: Final = {"web_search": "web_search_requests", "web_fetch": "web_fetch_requests"}
"""The name of a tool to the figure of `usage.server_tool_use` that counts it."""
CALLS: Final = ("server_tool_use", "mcp_tool_use")


def is_served_result(block: Block) -> bool:
    """Return whether a block is the result of one of the service's tools, which the model reads and does not write."""
    return str(block["type"]).endswith("_tool_result")


def served_tokens(content: list[Block]) -> int:
    """Count the tokens that the results of the service's tools added to the input."""
    return sum(tokens.count_block(block) for block in content if is_served_result(block))


def iteration(kind: str, cached: CacheUsage, output: int, **more: Any) -> Block:
    """Render one entry of `usage.iterations`."""
    return {
        "type": kind,
        "input_tokens": cached.uncached,
        "output_tokens": output,
        "cache_creation_input_tokens": cached.written,
        "cache_read_input_tokens": cached.read,
        "cache_creation": {
            "ephemeral_5m_input_tokens": cached.written_5m,
            "ephemeral_1h_input_tokens": cached.written_1h,
        },
        **more,
    }


def _advised(content: list[Block], body: Block) -> list[Block]:
    """Return an entry for each call of an advisor."""
    tool = next((each for each in body.get("tools") or [] if str(each.get("type", "")).startswith("advisor_")), None)
    model = str((tool or {}).get("model"))
    return [
        iteration(
            "advisor_message", CacheUsage(uncached=tokens.count_prompt(body)), tokens.count_block(block), model=model
        )
        for block in content
        if block["type"] == "advisor_tool_result"
    ]


def _iterations(cached: CacheUsage, output: int, content: list[Block], body: Block) -> list[Block]:
    """Return the samplings of an answer: one, or two around the results of the service's tools."""
    added = served_tokens(content)
    if not added:
        return [iteration("message", cached, output)]
    first = next(index for index, block in enumerate(content) if is_served_result(block))
    before = min(output, sum(map(tokens.count_block, content[:first])))
    later = iteration("message", CacheUsage(uncached=added), output - before)
    return [iteration("message", cached, before), *_advised(content, body), later]


def render_usage(
    cached: CacheUsage,
    output: int,
    thinking: int,
    *,
    body: Block,
    tier: str,
    content: list[Block],
    compaction: Block | None = None,
    is_beta: bool = False,
) -> Block:
    """Render a reply's usage (`Usage` and `BetaUsage` of the wheel).

    Args:
        cached: How the cache divides the input; nothing for a reply that is a compaction block alone.
        output: The output tokens.
        thinking: Those of them that are thinking.
        body: The request.
        tier: `standard` or `batch`.
        content: The reply's blocks.
        compaction: The entry of a compaction, which is not in the figures at the top.
        is_beta: Whether the caller knows iterations.

    Returns:
        The object.
    """
    top = iteration("", cached, output)
    del top["type"]
    top["input_tokens"] += served_tokens(content)
    usage = {**top, "service_tier": tier, "inference_geo": body.get("inference_geo") or "global"}
    if thinking:
        usage["output_tokens_details"] = {"thinking_tokens": thinking}
    used = [str(block.get("name")) for block in content if block["type"] in CALLS]
    if used:
        usage["server_tool_use"] = {figure: used.count(name) for name, figure in COUNTED.items()}
    if body.get("speed"):
        usage["speed"] = body["speed"]
    if compaction is not None or (is_beta and used):
        sampled = _iterations(cached, output, content, body) if cached.total or output else []
        usage["iterations"] = [*([compaction] if compaction else []), *sampled]
    return usage


def with_attempts(usage: Block, attempts: list[Block]) -> Block:
    """Return the usage of a request whose model refused: the rows of all attempts, and their sum at the top."""
    figures = ("input_tokens", "output_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
    compactions = [each for each in usage.get("iterations") or () if each["type"] == "compaction"]
    summed = {name: sum(each[name] for each in attempts) for name in figures}
    created = {name: sum(each["cache_creation"][name] for each in attempts) for name in usage["cache_creation"]}
    return {**usage, **summed, "cache_creation": created, "iterations": [*compactions, *attempts]}


def billed(usage: Block) -> tuple[int, int]:
    """Return the input and output tokens that count towards the rate limits, a compaction's included; no cache reads."""
    extra = [each for each in usage.get("iterations") or () if each.get("type") == "compaction"]
    rows = [usage, *extra]
    given = sum(row["input_tokens"] + row["cache_creation_input_tokens"] for row in rows)
    return given, sum(row["output_tokens"] for row in rows)
