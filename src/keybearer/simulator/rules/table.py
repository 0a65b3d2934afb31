"""The table of rules, in the order in which they are asked: shape, parameters, messages, tools, thinking, caching, media."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from keybearer.simulator.core.errors import ServiceError
from keybearer.simulator.core.request import MessageRequest
from keybearer.simulator.rules import (
    caching,
    containers,
    context,
    fallbacks,
    media,
    messages,
    params,
    shape,
    structured,
    thinking,
    tools,
)
from keybearer.simulator.rules.rule import Rule

__all__ = ["RULES", "check_names", "check_request"]

CONTENT_RULES: Final[tuple[Rule, ...]] = (
    *context.RULES,
    *params.RULES,
    *messages.RULES,
    *tools.RULES,
    *thinking.RULES,
    *caching.RULES,
    *media.RULES,
    *containers.RULES,
    *fallbacks.RULES,
    *structured.RULES,
)
RULES: Final = (*shape.RULES, *CONTENT_RULES)
"""Every rule, in the order in which they are asked. The table in the docs is made from it."""


def check_names(names: Iterable[str]) -> None:
    """Refuse a name that no rule has, and the name of a rule that the others rely on.

    Args:
        names: The names of the rules to skip.

    Raises:
        ValueError: With the nearest name.
    """
    known = {rule.name: rule for rule in RULES}
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else f". The rules are: {', '.join(sorted(known))}"
            raise ValueError(f"no rule is called {name!r}{hint}")
        if known[name].essential:
            raise ValueError(f"the rule {name!r} cannot be turned off: the others rely on it")


def check_request(request: MessageRequest, lenient: frozenset[str] = frozenset()) -> list[str]:
    """Refuse a request that the service would refuse.

    Args:
        request: The request.
        lenient: The names of the rules to skip.

    Returns:
        What the request has that the simulator does not know, and accepted: its own gaps, for the journal.

    Raises:
        ServiceError: The first refusal, with the rule's name.
    """
    for rule in shape.RULES:
        if rule.name not in lenient and (found := rule.check(request)) is not None:
            raise _refusal(rule, found)
    for rule in _asked(lenient, request.parts):  # the types are right from here on
        if (found := rule.check(request)) is not None:
            raise _refusal(rule, found)
    return shape.gaps(request)


@lru_cache(maxsize=256)
def _asked(lenient: frozenset[str], parts: frozenset[str]) -> list[Rule]:
    """List the rules that are not skipped, and are about one of the parts of a request or about every request."""
    return [
        rule for rule in CONTENT_RULES if rule.name not in lenient and not (rule.about and rule.about.isdisjoint(parts))
    ]


def _refusal(rule: Rule, found: str | ServiceError) -> ServiceError:
    error = ServiceError("invalid_request_error", found) if isinstance(found, str) else found
    return error.refused_by(rule.name)
