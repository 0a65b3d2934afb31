"""A rule: a name, a source, and one small function that returns the first problem of a request, if it has one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal

from msgspec import Struct

from keybearer.simulator.core.errors import ServiceError
from keybearer.simulator.core.request import MessageRequest

__all__ = ["Check", "Rule", "Sureness", "rule"]

Check = Callable[[MessageRequest], str | ServiceError | None]
Sureness = Literal["documented", "reported", "guess"]


class Rule(Struct, frozen=True):
    """One thing that the service refuses.

    Args:
        name: Its name for `--lenient` and in the journal.
        source: The document it is from.
        summary: One line for the docs, the first of the check's docstring.
        check: Returns the message of a 400, a whole refusal, or None when the request is fine.
        essential: Whether later rules rely on it, so that it cannot be turned off.
        sure: How sure it is that the service refuses: `documented` (its pages, or the wheel), `reported` (a public client met
            it), or a `guess`.
        about: The fields of the body, the roles and the types of blocks of which a request must have one for the rule to find
            anything, so that it is asked of those only; empty for a rule that is asked of every request.
    """

    name: str
    source: str
    summary: str
    check: Check
    essential: bool = False
    sure: Sureness = "documented"
    about: frozenset[str] = frozenset()


def rule(
    name: str, source: str, *, essential: bool = False, sure: Sureness = "documented", about: Iterable[str] = ()
) -> Callable[[Check], Rule]:
    """Turn a function into a rule; the first line of its docstring is the summary.

    Args:
        name: See `Rule`.
        source: See `Rule`.
        essential: See `Rule`.
        sure: See `Rule`.
        about: See `Rule`.

    Returns:
        The decorator.
    """

    def make(check: Check) -> Rule:
        return Rule(name, source, (check.__doc__ or "").split("\n")[0], check, essential, sure, frozenset(about))

    return make
