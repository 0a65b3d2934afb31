"""Composes the message that answers a request: what the model sees, the answer, the usage, and what else the reply reports."""

from __future__ import annotations

from typing import Any

from msgspec import Struct, structs

from keybearer.simulator.control.scenario import ScriptedReply
from keybearer.simulator.core.catalogue import CatalogueModel
from keybearer.simulator.core.once import MadeOnDemand
from keybearer.simulator.core.request import MessageRequest
from keybearer.simulator.endpoints.fallbacks import ModelTurn, fall_back
from keybearer.simulator.engine import EngineAnswer, answer
from keybearer.simulator.rules.params import input_tokens
from keybearer.simulator.rules.thinking import keeps_thinking
from keybearer.simulator.service import tokens
from keybearer.simulator.service.compaction import compact_edit, compaction_block, digest, text_of
from keybearer.simulator.service.containers import describe_container
from keybearer.simulator.service.context import SeenContext, seen_by
from keybearer.simulator.service.prompt_cache import CacheUsage
from keybearer.simulator.service.usage import iteration, render_usage, with_attempts
from keybearer.simulator.state import State

__all__ = ["make_message", "model_of", "request_for"]

Block = dict[str, Any]


def request_for(
    state: State,
    body: Block,
    organization: str,
    *,
    version: str,
    betas: frozenset[str],
    endpoint: str = "messages",
) -> MessageRequest:
    """Return what the rules check of a request.

    Args:
        state: The simulator's state.
        body: The decoded body.
        organization: The caller's organization, whose files and skills it may name.
        version: The API version.
        betas: The beta tags.
        endpoint: See `MessageRequest`.
    """
    return MessageRequest(
        body,
        version=version,
        betas=betas,
        endpoint=endpoint,
        files=MadeOnDemand(lambda: state.files.types(organization)),
        skills=MadeOnDemand(lambda: state.skills.known_to(organization)),
        now=state.clock.now(),
        future=state.options.future,
    )


def model_of(request: MessageRequest) -> CatalogueModel:
    """Return the request's model; without the rule `model-known` any name is a model with the default limits."""
    name = str(request.body.get("model"))
    return request.model or CatalogueModel(id=name, name=name, line="other")


class _Compacted(Struct, frozen=True):
    """A compaction: its block, its entry in the usage, the rest of the prompt, and whether the reply ends with it."""

    block: Block
    entry: Block
    body: dict[str, Any]
    is_alone: bool


def make_message(
    state: State,
    request: MessageRequest,
    organization: str,
    *,
    tier: str = "standard",
    script: ScriptedReply | None = None,
) -> dict[str, Any]:
    """Answer a request that has passed the rules with a whole message.

    Args:
        state: The simulator's state.
        request: The request.
        organization: The owner of the cache.
        tier: `standard` or `batch`.
        script: A scenario's reply, in place of the engine's answer.

    Returns:
        The message, as the plain endpoint returns it.
    """
    model, body, is_beta = model_of(request), request.body, bool(request.betas)
    reply = script.reply if script else {}
    scripted = script.content(state.ids) if script else None
    seen = seen_by(request)
    account = _accounting(state, organization, model)

    def ask(body: Block, other: CatalogueModel) -> ModelTurn:
        used = _accounting(state, organization, other)(body)
        room = max(0, other.window - used.total)
        return ModelTurn(answer(body, state.ids, betas=request.betas, room=room, is_fallback=True), used)

    compacted = _compact(seen, request, scripted, account)
    if compacted and compacted.is_alone:
        cached = CacheUsage(uncached=0)
        turn = EngineAnswer([compacted.block], "compaction", None, None, 0, 0)
    else:
        cached = account(compacted.body) if compacted else account(seen.body, counted=input_tokens(request))
        room = max(0, model.window - cached.total)
        asked = seen.body if keeps_thinking(request) else {**seen.body, "thinking": {"type": "disabled"}}
        turn = answer(
            asked, state.ids, betas=request.betas, room=room, content=scripted, served=reply.get("server_tools")
        )
        if compacted:
            turn = structs.replace(turn, content=[compacted.block, *turn.content])
    if "stop_reason" in reply:
        turn = structs.replace(turn, stop_reason=str(reply["stop_reason"]))
    fell_back = fall_back(ModelTurn(turn, cached), request, ask)
    if fell_back:
        turn, model = fell_back.turn, fell_back.model
    usage = render_usage(
        cached, turn.output_tokens, turn.thinking_tokens, body=body, tier=tier, content=turn.content,
        compaction=compacted.entry if compacted else None, is_beta=is_beta,
    )  # fmt: skip
    if fell_back:
        usage = with_attempts(usage, fell_back.iterations)
    message_id = state.ids.new("msg_")
    message = {
        "id": message_id,
        "type": "message",
        "role": "assistant",
        "model": model.id,
        "content": turn.content,
        "stop_reason": turn.stop_reason,
        "stop_sequence": turn.stop_sequence,
        "stop_details": turn.stop_details,
        "usage": usage | reply.get("usage", {}),
    }
    if "diagnostics" in body:
        message["diagnostics"] = state.diagnostics.diagnose(body, organization, message_id)
    if body.get("context_management") is not None:
        message["context_management"] = {"applied_edits": seen.applied}
    container = describe_container(request, turn.content, ids=state.ids, clock=state.clock)
    return message | ({"container": container} if container else {})


def _accounting(state: State, organization: str, model: CatalogueModel) -> Any:
    """Return the function that reads and writes the prompt cache for a body."""

    def account(body: dict[str, Any], *, counted: int | None = None) -> CacheUsage:
        return state.cache.account(
            body, organization=organization, model=model.id, minimum=model.cache_minimum, counted=counted
        )

    return account


def _compact(
    seen: SeenContext, request: MessageRequest, scripted: list[Block] | None, account: Any
) -> _Compacted | None:
    """Compact the conversation if the request asks for it, or is long enough; a scenario's text is the summary of the former."""
    asked, edit = request.body.get("compaction"), compact_edit(request.body)
    if asked is None and not seen.is_long:
        return None
    messages = seen.body["messages"]
    summary = digest(messages, (asked or edit or {}).get("instructions"))
    if asked is not None and scripted:
        summary = text_of({"content": scripted})
    changes = [block for _, _, block in request.blocks if block.get("type") in {"tool_addition", "tool_removal"}]
    block = compaction_block(summary, tool_changes=changes, signed=asked is not None)
    after = [{"role": "user", "content": summary}, *(message for message in messages[-1:] if message["role"] == "user")]
    return _Compacted(
        block,
        iteration("compaction", account(seen.body), tokens.count_text(summary)),
        {**seen.body, "messages": after},
        asked is not None or bool((edit or {}).get("pause_after_compaction")),
    )
