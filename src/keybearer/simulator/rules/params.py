"""Rules on the parameters: model, limits, sampling, effort."""

from __future__ import annotations

from typing import Final

from keybearer.simulator.core.catalogue import LEVELS
from keybearer.simulator.core.errors import ServiceError
from keybearer.simulator.core.request import MessageRequest
from keybearer.simulator.rules.rule import Rule, rule
from keybearer.simulator.service import tokens
from keybearer.simulator.service.context import seen_by

__all__ = ["RULES", "input_tokens"]

MODELS_PAGE: Final = "docs: Models overview"
VERSION_PAGE: Final = "docs: Versions (2026-10-21)"
SAMPLING: Final = ("temperature", "top_p", "top_k")
FIRST_WITHOUT_SAMPLING: Final = "2026-10-21"


def input_tokens(request: MessageRequest) -> int:
    """Estimate a request's input tokens, after context edits."""
    if "input_tokens" not in request.kept:
        request.kept["input_tokens"] = tokens.count_prompt(seen_by(request).body)
    counted: int = request.kept["input_tokens"]
    return counted


@rule("model-known", "docs: Errors (404 not_found_error)")
def model_known(request: MessageRequest) -> ServiceError | None:
    """The model exists."""
    return None if request.model else ServiceError("not_found_error", f"model: {request.body.get('model')}")


@rule("model-retired", "anthropic 2.14.0, _data/deprecated_models.py, types/model_info.py (lifecycle)")
def model_retired(request: MessageRequest) -> ServiceError | None:
    """The model is not retired."""
    retired = request.model is not None and request.model.lifecycle(request.now) == "retired"
    return ServiceError("not_found_error", f"model: {request.body.get('model')}") if retired else None


@rule("max-tokens-limit", MODELS_PAGE)
def max_tokens_limit(request: MessageRequest) -> str | None:
    """`max_tokens` is at most the model's own maximum."""
    model, asked = request.model, request.body.get("max_tokens", 0)
    if model is None or asked <= model.max_tokens:
        return None
    return (
        f"max_tokens: {asked} > {model.max_tokens}, which is the maximum allowed number of output tokens for {model.id}"
    )


@rule("sampling-version", VERSION_PAGE, about=("temperature", "top_p", "top_k"))
def sampling_version(request: MessageRequest) -> str | None:
    """Version 2026-10-21 takes no `temperature`, `top_p` or `top_k`, not even at the default value."""
    if request.version < FIRST_WITHOUT_SAMPLING:
        return None
    given = next((name for name in SAMPLING if name in request.body), None)
    return f"{given}: is not supported with anthropic-version {request.version}" if given else None


@rule("sampling-model", MODELS_PAGE, about=("temperature", "top_p", "top_k"))
def sampling_model(request: MessageRequest) -> str | None:
    """Models from Opus 4.7 on take no `temperature`, `top_p` or `top_k` under any version."""
    given = next((name for name in SAMPLING if name in request.body), None)
    if given is None or request.model is None or request.model.sampling:
        return None
    return f"`{given}` is not supported by {request.model.id}"


@rule("sampling-both", "docs: Migrating to Claude 4.5", about=("temperature",))
def sampling_both(request: MessageRequest) -> str | None:
    """`temperature` and `top_p` exclude each other."""
    if "temperature" in request.body and "top_p" in request.body:
        return "`temperature` and `top_p` cannot both be specified for this model. Please use only one."
    return None


@rule("effort", "anthropic 2.14.0, types/effort_capability.py", about=("output_config",))
def effort(request: MessageRequest) -> str | None:
    """The model has the effort level."""
    level = (request.body.get("output_config") or {}).get("effort")
    if level is None or request.model is None or level in request.model.efforts:
        return None
    if not request.model.efforts:
        return "This model does not support the effort parameter."
    return f"output_config.effort: '{level}' is not supported by {request.model.id}"


@rule("effort-without-thinking", "pydantic-ai 2.68, profiles/anthropic.py", sure="reported", about=("output_config",))
def effort_without_thinking(request: MessageRequest) -> str | None:
    """While thinking is turned off, some models take no effort above `high`."""
    level = (request.body.get("output_config") or {}).get("effort")
    kind = (request.body.get("thinking") or {}).get("type")
    most = request.model.effort_without_thinking if request.model else None
    if level is None or most is None or kind not in {"disabled", "between_tools"}:
        return None
    if LEVELS.index(level) <= LEVELS.index(most):
        return None
    return f"output_config.effort: '{level}' is not supported with thinking.type `{kind}`. Use `{most}` or below."


@rule(
    "speed",
    "pydantic-ai 2.68, profiles/anthropic.py (anthropic_supports_fast_speed)",
    sure="reported",
    about=("speed",),
)
def speed(request: MessageRequest) -> str | None:
    """The model has the fast mode."""
    if request.body.get("speed") != "fast" or request.model is None or request.model.fast:
        return None
    return f"speed: 'fast' is not supported by {request.model.id}"


@rule(
    "compaction-model",
    "pydantic-ai 2.68, providers/anthropic.py; litellm, supports_anthropic_compaction",
    sure="reported",
    about=("compaction", "context_management"),
)
def compaction_model(request: MessageRequest) -> str | None:
    """The model can compact a conversation."""
    if request.model is None or request.model.compaction:
        return None
    edits = (request.body.get("context_management") or {}).get("edits") or []
    if request.body.get("compaction") or any(edit["type"].startswith("compact_") for edit in edits):
        return f"compaction: is not supported by {request.model.id}"
    return None


@rule("stop-sequences", "docs: Messages API, stop_sequences", about=("stop_sequences",))
def stop_sequences(request: MessageRequest) -> str | None:
    """A stop sequence is more than white space."""
    blank = any(not sequence.strip() for sequence in request.body.get("stop_sequences") or [])
    return "stop_sequences: each stop sequence must contain non-whitespace" if blank else None


@rule("context-window", "docs: Context windows")
def context_window(request: MessageRequest) -> str | None:
    """The input fits the model's context window."""
    if request.model is None or request.endpoint == "count_tokens":
        return None
    size = input_tokens(request)
    if size <= request.model.window:
        return None
    return f"prompt is too long: {size} tokens > {request.model.window} maximum"


RULES: Final[tuple[Rule, ...]] = (
    model_known,
    model_retired,
    max_tokens_limit,
    sampling_version,
    sampling_model,
    sampling_both,
    effort,
    effort_without_thinking,
    speed,
    compaction_model,
    stop_sequences,
    context_window,
)
