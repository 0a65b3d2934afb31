"""What a rule is: a name, where it comes from, and one small function that finds the first fault or none."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from keybearer.simulator.core.errors import ServiceError
from keybearer.simulator.core.request import MessageRequest

__all__ = ["Check", "Rule", "rule"]

Check = Callable[[MessageRequest], str | ServiceError | None]


@dataclasses.dataclass(frozen=True)
class Rule:
    """One thing that the service refuses.

    Args:
        name: What `--lenient` and the journal call it.
        source: The document that says so.
        summary: One line for the docs, the first of the check's docstring.
        check: Gives the message of a 400, a whole refusal, or None when the request is fine.
        essential: The rules after it rely on it, so it cannot be turned off.
    """

    name: str
    source: str
    summary: str
    check: Check
    essential: bool = False


def rule(name: str, source: str, *, essential: bool = False) -> Callable[[Check], Rule]:
    """Make a rule of a function; its docstring's first line is the rule's summary.

    Args:
        name: See `Rule`.
        source: See `Rule`.
        essential: See `Rule`.

    Returns:
        The decorator.
    """

    def make(check: Check) -> Rule:
        return Rule(name, source, (check.__doc__ or "").split("\n")[0], check, essential)

    return make
