"""Rules on thinking: its type, its budget, and blocks that must come back unchanged."""

from __future__ import annotations

from typing import Final

from keybearer.simulator.core.request import MessageRequest
from keybearer.simulator.rules.rule import Rule, rule
from keybearer.simulator.service import signing

__all__ = ["RULES", "keeps_thinking"]

THINKING_PAGE: Final = "docs: Extended thinking"
WHEEL: Final = "anthropic 2.14.0, types/thinking_block_param.py"
KINDS: Final = ("thinking", "redacted_thinking")


@rule("thinking-model", "anthropic 2.14.0, types/thinking_types.py", about=("thinking",))
def thinking_model(request: MessageRequest) -> str | None:
    """The model has the type of thinking."""
    kind = (request.body.get("thinking") or {}).get("type")
    if kind is None or request.model is None or kind in request.model.thinking:
        return None
    usable = " or ".join(f"`{each}`" for each in request.model.thinking if each != "disabled")
    return f"thinking.type: `{kind}` is not supported by {request.model.id}. Use {usable}."


@rule("thinking-budget", THINKING_PAGE, about=("thinking",))
def thinking_budget(request: MessageRequest) -> str | None:
    """The budget is below `max_tokens`, unless thinking is interleaved with tools."""
    thinking = request.body.get("thinking") or {}
    if thinking.get("type") != "enabled" or any(tag.startswith("interleaved-thinking") for tag in request.betas):
        return None
    if "max_tokens" in request.body and thinking["budget_tokens"] >= request.body["max_tokens"]:
        return "`max_tokens` must be greater than `thinking.budget_tokens`"
    return None


@rule("thinking-tool-choice", THINKING_PAGE, about=("thinking",))
def thinking_tool_choice(request: MessageRequest) -> str | None:
    """A tool cannot be forced while the model thinks with a budget; with adaptive thinking it can."""
    forced = (request.body.get("tool_choice") or {}).get("type") in {"any", "tool"}
    enabled = (request.body.get("thinking") or {}).get("type") == "enabled"
    return "Thinking may not be enabled when tool_choice forces tool use." if forced and enabled else None


@rule("thinking-temperature", THINKING_PAGE, about=("thinking",))
def thinking_temperature(request: MessageRequest) -> str | None:
    """Thinking goes with a temperature of 1 and without `top_k`."""
    if (request.body.get("thinking") or {}).get("type") not in {"enabled", "adaptive"}:
        return None
    if request.body.get("temperature", 1) != 1:
        return "`temperature` may only be set to 1 when thinking is enabled."
    return "`top_k` must be unset when thinking is enabled." if "top_k" in request.body else None


@rule("thinking-signature", WHEEL, about=("thinking", "redacted_thinking"))
def thinking_signature(request: MessageRequest) -> str | None:
    """A thinking block comes back unchanged, with its signature."""
    for _, path, block in request.blocks:
        kind = block.get("type")
        if kind == "thinking" and not signing.is_genuine(block["thinking"], block["signature"]):
            return f"{path}: Invalid `signature` in `thinking` block"
        if kind == "redacted_thinking" and not signing.is_genuine_redacted(block["data"]):
            return f"{path}: Invalid `data` in `redacted_thinking` block"
    return None


@rule("thinking-last", THINKING_PAGE, about=("thinking", "redacted_thinking"))
def thinking_last(request: MessageRequest) -> str | None:
    """An assistant's turn does not end with thinking."""
    for turn in request.turns:
        if turn.role == "assistant" and turn.blocks and turn.blocks[-1][1].get("type") in KINDS:
            return f"messages.{turn.start}: The final block in an assistant message cannot be `thinking`."
    return None


def keeps_thinking(request: MessageRequest) -> bool:
    """Return whether the conversation lets the model think in this request.

    The service turns thinking off, and refuses nothing, for a request whose tool loop was begun without thinking: the
    assistant's first answer to what the user last said does not start with thinking (docs: Extended thinking, Toggling
    thinking modes). keybearer's own lint advises about the same (`thinking_first`), and Claude Code relies on it.
    """
    found = request.turns
    if not found or found[-1].role != "user" or not _is_result(found[-1].blocks):
        return True
    place = len(found) - 2
    while place >= 2 and _is_result(found[place - 1].blocks):
        place -= 2
    return place < 0 or not found[place].blocks or found[place].blocks[0][1].get("type") in KINDS


def _is_result(blocks: list[tuple[str, dict[str, object]]]) -> bool:
    return any(block.get("type") == "tool_result" for _, block in blocks)


RULES: Final[tuple[Rule, ...]] = (
    thinking_model,
    thinking_budget,
    thinking_tool_choice,
    thinking_temperature,
    thinking_signature,
    thinking_last,
)
