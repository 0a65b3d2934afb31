"""Rules on the models that are asked when the requested one refuses."""

from __future__ import annotations

from typing import Any, Final

from keybearer.simulator.core.catalogue import find_model
from keybearer.simulator.core.request import MessageRequest
from keybearer.simulator.rules.rule import Rule, rule

__all__ = ["RULES"]

FALLBACKS: Final = "anthropic 2.14.0, types/beta/beta_fallback_param.py; the refusal's words are a guess"
CREDIT: Final = "anthropic 2.14.0, types/beta/beta_fallback_credit_token_param.py; the refusal's words are a guess"


def _entries(request: MessageRequest) -> list[dict[str, Any]]:
    found = request.body.get("fallbacks")
    return found if isinstance(found, list) else []


@rule("fallback-model", FALLBACKS, about=("fallbacks",))
def fallback_model(request: MessageRequest) -> str | None:
    """A fallback model exists, is not retired, and gives as many tokens as its attempt asks for."""
    for index, entry in enumerate(_entries(request)):
        model = find_model(entry.get("model"))
        if model is None or model.lifecycle(request.now) == "retired":
            return f"fallbacks.{index}.model: {entry.get('model')} is not a model that can be asked"
        asked = entry.get("max_tokens") or request.body.get("max_tokens", 0)
        if asked > model.max_tokens:
            return f"fallbacks.{index}.max_tokens: {asked} > {model.max_tokens}, the maximum for {model.id}"
    return None


@rule("fallback-credit", CREDIT, about=("fallbacks",))
def fallback_credit(request: MessageRequest) -> str | None:
    """`fallbacks` and `fallback_credit_token` exclude each other."""
    if request.body.get("fallbacks") is not None and request.body.get("fallback_credit_token") is not None:
        return "fallback_credit_token: cannot be combined with fallbacks"
    return None


RULES: Final[tuple[Rule, ...]] = (fallback_model, fallback_credit)
