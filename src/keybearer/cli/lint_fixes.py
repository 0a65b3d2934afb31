"""What `keybearer lint --fix` mends: mistakes with one mend that keeps what the request says.

Strategy: the history is mended by `conversation.repair`, the rest by the table `FIXES`, each on a copy of the body. Where a mend would
be a choice (which tool, which longer limit), nothing is done, and the problem stays.

Contract: a body without a mistake that is in the table comes back equal, without changes; so does a fixed one.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from keybearer.conversation.draft import Change
from keybearer.conversation.repair import repair
from keybearer.wire.request.caching import MAX_BREAKPOINTS
from keybearer.wire.request.lint import MIN_BUDGET, OLD_VERSION

__all__ = ["FIXES", "fixed"]

LONGEST: Final = 4096
"""The `max_tokens` of a body that has none."""

Fix = Callable[[dict[str, Any], str], Iterator[Change]]
"""Changes a body, given the `anthropic-version`, and gives each change."""


def fixed(body: Mapping[str, Any], api_version: str) -> tuple[dict[str, Any], list[Change]]:
    """Return a request with the mistakes mended that can be, and each change.

    Args:
        body: The body of `POST /v1/messages`.
        api_version: The `anthropic-version` that it is sent with.
    """
    new = copy.deepcopy(dict(body))
    changes = [change for fix in FIXES for change in fix(new, api_version)]
    return new, changes


def _longest(body: dict[str, Any], _: str) -> Iterator[Change]:
    if "max_tokens" not in body:
        body["max_tokens"] = LONGEST
        yield Change("max_tokens", f"it was missing: it is {LONGEST} now")


def _sampling(body: dict[str, Any], version: str) -> Iterator[Change]:
    for name in ("temperature", "top_p", "top_k") if version != OLD_VERSION else ():
        if name in body:
            del body[name]
            yield Change(name, f"anthropic-version {version} refuses it: it is left out")


def _stop_sequences(body: dict[str, Any], _: str) -> Iterator[Change]:
    given = body.get("stop_sequences")
    if not isinstance(given, list):
        return
    for index, each in enumerate(given):
        if isinstance(each, str) and not each.strip():
            yield Change(f"stop_sequences[{index}]", "it was only white space: it is left out")
    kept = [each for each in given if not isinstance(each, str) or each.strip()]
    if kept != given:
        body["stop_sequences"] = kept
    if not kept and given:
        del body["stop_sequences"]


def _budget(body: dict[str, Any], _: str) -> Iterator[Change]:
    config, most = body.get("thinking"), body.get("max_tokens")
    budget = config.get("budget_tokens") if isinstance(config, dict) and config.get("type") == "enabled" else None
    if isinstance(config, dict) and isinstance(budget, int) and budget < MIN_BUDGET:
        config["budget_tokens"] = MIN_BUDGET
        yield Change("thinking.budget_tokens", f"it was {budget}: it is the least, {MIN_BUDGET}, now")
    elif isinstance(config, dict) and isinstance(budget, int) and isinstance(most, int) and MIN_BUDGET < most <= budget:
        config["budget_tokens"] = most - 1
        yield Change("thinking.budget_tokens", f"it was not below max_tokens: it is {most - 1} now")


def _history(body: dict[str, Any], _: str) -> Iterator[Change]:
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        return
    mended = repair(messages, model=body.get("model") if isinstance(body.get("model"), str) else None)
    if not mended.changes:
        return
    body["messages"] = list(mended.conversation)
    if system := mended.conversation.defaults.get("system"):
        body["system"] = _joined(body.get("system"), system)
    yield from mended.changes


def _joined(one: Any, other: Any) -> Any:
    """Return two system prompts as one."""
    if not one:
        return other
    parts = [[{"type": "text", "text": each}] if isinstance(each, str) else list(each) for each in (one, other)]
    return [*parts[0], *parts[1]]


def _citations(body: dict[str, Any], version: str) -> Iterator[Change]:
    if version == OLD_VERSION:
        return
    for where, role, block in _blocks(body):
        if role == "user" and block.get("type") == "text" and block.get("citations"):
            del block["citations"]
            yield Change(where, f"anthropic-version {version} takes no citations here: they are left out")


def _prefill(body: dict[str, Any], _: str) -> Iterator[Change]:
    messages = body.get("messages")
    last = messages[-1] if isinstance(messages, list) and messages else None
    if not isinstance(last, dict) or last.get("role") != "assistant":
        return
    holder, key = (last, "content") if isinstance(last.get("content"), str) else (None, "text")
    if holder is None and isinstance(last.get("content"), list) and last["content"]:
        holder = last["content"][-1]
    text = holder.get(key) if isinstance(holder, dict) else None
    if isinstance(holder, dict) and isinstance(text, str) and text.strip() and text != text.rstrip():
        holder[key] = text.rstrip()
        yield Change(f"messages[{len(body['messages']) - 1}]", "it ended with white space: its end is stripped")


def _breakpoints(body: dict[str, Any], _: str) -> Iterator[Change]:
    """Take the oldest breakpoints of the turns out: those of the newest turns find what the others cached."""
    fixed_marks = sum("cache_control" in each for name in ("system", "tools") for each in _dicts(body.get(name)))
    fixed_marks += "cache_control" in body
    marked = [(where, block) for where, _, block in _blocks(body) if "cache_control" in block]
    for where, block in marked[: max(0, fixed_marks + len(marked) - MAX_BREAKPOINTS)]:
        del block["cache_control"]
        yield Change(where, f"there were more than {MAX_BREAKPOINTS} breakpoints: the one here is left out")


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _blocks(body: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Give the blocks of the turns, each with its place and its turn's role."""
    messages = body.get("messages")
    for number, turn in enumerate(messages if isinstance(messages, list) else ()):
        content = turn.get("content") if isinstance(turn, dict) else None
        for index, block in enumerate(content if isinstance(content, list) else ()):
            if isinstance(block, dict):
                yield f"messages[{number}].content[{index}]", str(turn.get("role")), block


FIXES: Final[tuple[Fix, ...]] = (
    _longest, _sampling, _stop_sequences, _budget, _prefill, _history, _citations, _breakpoints,
)  # fmt: skip
"""The mends, in order."""
