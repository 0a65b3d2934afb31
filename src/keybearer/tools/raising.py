"""A run whose next request does not fit under a spend limit asks its `approve` hook to raise the limit.

Strategy: the hook is asked as for a call of a tool, so that what a program shows to a person for a call fits here too. It is asked
only where the limit says that it may be raised, for a hook that allows every call must not allow more money unasked.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final, Protocol

from keybearer.errors import SpendLimitExceeded, UsageError
from keybearer.flow import Flow, Invoke
from keybearer.prices.amount import number
from keybearer.tools.calls import Allow, Approve, Edit
from keybearer.tools.tool import ToolCall

__all__ = ["RAISE", "asked_to_raise", "with_limits_of"]

RAISE: Final = "raise_spend_limit"
"""The name of the call that asks for it."""


def with_limits_of(outer: Mapping[str, Any], params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters of a run inside a tool, with the spend limits of the run that the tool is of."""
    listed: list[Any] = []
    for each in (outer.get("spend_limit"), params.get("spend_limit")):
        listed += each if isinstance(each, list | tuple) else [] if each is None else [each]
    return {**params, "spend_limit": listed} if listed else dict(params)


class _Limit(Protocol):
    """What is needed of a `SpendLimit`."""

    usd: Decimal | None
    tokens: int | None
    may_be_raised: bool

    def raise_to(self, *, usd: Any = None, tokens: Any = None) -> None:
        """Set another limit."""
        ...


def asked_to_raise(error: SpendLimitExceeded, approve: Approve | None, turn: int) -> Flow[bool]:
    """Ask to raise the limit of an error to twice what it is, or to what the request needs; return whether it was raised.

    Args:
        error: The error.
        approve: Whom to ask; None for nobody.
        turn: The number of the reply that is asked for.

    Raises:
        UsageError: In the flow; the hook has set a limit that none can be.
    """
    limit: _Limit | None = error.limit
    if approve is None or not getattr(limit, "may_be_raised", False) or limit is None:
        return False
    wanted: dict[str, Any] = {}
    if limit.usd is not None:
        wanted["usd"] = number(max(limit.usd * 2, Decimal(error.spent + error.reserved + error.asked)))
    if limit.tokens is not None:
        wanted["tokens"] = max(limit.tokens * 2, error.spent_tokens + error.reserved_tokens + error.asked_tokens)
    said = yield from Invoke(approve, (ToolCall(RAISE, RAISE, {**wanted, "why": error.message}, turn),))
    if isinstance(said, Edit):
        wanted = {name: said.input[name] for name in wanted if name in said.input}
    elif said is not None and said is not True and not isinstance(said, Allow):
        return False
    if not wanted:
        raise UsageError(
            f"What `approve` returned for {RAISE} names no limit.", hint="Edit({'usd': 5}) raises it to $5."
        )
    limit.raise_to(**wanted)
    return True
