"""Rules on the shape of a request: required fields, types, unknown fields."""

from __future__ import annotations

from typing import Final

from keybearer.simulator.core.request import MessageRequest
from keybearer.simulator.rules.rule import Rule, rule
from keybearer.simulator.rules.schema import BETA_PARAMETERS, COUNT_TOKENS, MESSAGES

__all__ = ["RULES"]

WHEEL: Final = "anthropic 2.12.0, types/message_create_params.py"


def _first_problem(request: MessageRequest, kind: str) -> str | None:
    shape = COUNT_TOKENS if request.endpoint == "count_tokens" else MESSAGES
    return next((problem.message for problem in shape(request.body, "") if problem.kind == kind), None)


@rule("types", WHEEL, essential=True)
def types(request: MessageRequest) -> str | None:
    """Every required field is present, and every field has the right type, range and tag."""
    return _first_problem(request, "type")


@rule("unknown-fields", WHEEL)
def unknown_fields(request: MessageRequest) -> str | None:
    """There is no unknown field, at any depth."""
    return _first_problem(request, "extra")


@rule("beta-params", "anthropic 2.12.0, types/beta/message_create_params.py")
def beta_params(request: MessageRequest) -> str | None:
    """A beta parameter comes with its `anthropic-beta` tag."""
    for name, prefixes in BETA_PARAMETERS.items():
        if name in request.body and not any(tag.startswith(prefixes) for tag in request.betas):
            return f"{name}: Extra inputs are not permitted"
    return None


RULES: Final[tuple[Rule, ...]] = (types, unknown_fields, beta_params)
