"""What a request will cost, before it is sent: the least and the most, and the cliffs near it.

Strategy: the prompt's length is known, from the service's own count. The least is that all of it is read from the cache, if the
request has a breakpoint, and that nothing is answered. The most is that all of it is written, and that the answer is as long as
`max_tokens` allows.

Contract: where no figure of the request bounds what it may take, as with the service's own tools, the most is unknown, and says why.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any, Final

from msgspec import Struct

from keybearer.figures import count
from keybearer.prices.amount import Cost
from keybearer.prices.billing import cost
from keybearer.prices.rates import served_of, variant_of
from keybearer.prices.table import FEATURES, ModelPrices, PriceTable, public

__all__ = ["CLIENT_TOOLS", "Estimate", "forecast"]

NEAR: Final = 20
"""A prompt is near a cliff when it is longer than all but a twentieth of the way there."""

_UNBOUNDED: Final = ("mcp_servers", "compaction", "context_management", "container")
"""Parameters by which the service itself may add to what a request takes."""


class Estimate(Struct, frozen=True, kw_only=True):
    """What a request will take and cost.

    Attributes:
        model: The model that is asked.
        input_tokens: The tokens of the prompt, as the service counted them, or as they are estimated.
        max_tokens: The most tokens that the answer may have.
        least: The cost if all of the prompt that may come from the cache does, and nothing is answered.
        most: The cost if nothing comes from the cache, and the answer is as long as it may be.
        warnings: The cliffs that the prompt is beyond or near, a sentence each.
        counted: Whether the service counted the tokens; if not, they are a guess on the long side.
    """

    model: str
    input_tokens: int
    max_tokens: int
    least: Cost
    most: Cost
    warnings: tuple[str, ...] = ()
    counted: bool = True

    def __str__(self) -> str:
        tokens = f"{_about(counted=self.counted)}{self.input_tokens:,} tokens in, at most {self.max_tokens:,} out"
        return "; ".join((f"{tokens}: from {self.least} to {self.most}", *self.warnings))

    def to_dict(self) -> dict[str, Any]:
        """Return the estimate as plain JSON types; dollars are text."""
        costs = {"least": self.least.to_dict(), "most": self.most.to_dict(), "warnings": list(self.warnings)}
        return {name: costs.get(name, getattr(self, name)) for name in self.__struct_fields__}


def forecast(
    request: Mapping[str, Any],
    input_tokens: int,
    *,
    prices: PriceTable | None = None,
    on: date | None = None,
    batch: bool = False,
    counted: bool = True,
) -> Estimate:
    """Return what a request will cost.

    Args:
        request: The body of `POST /v1/messages`.
        input_tokens: The length of its prompt, in tokens.
        prices: The prices; the public ones when omitted.
        on: The day of the call; today when omitted.
        batch: Whether it is sent in a batch.
        counted: Whether the service counted the tokens.
    """
    prices, on = prices or public(), on or datetime.now(UTC).date()
    model, longest = str(request.get("model") or ""), count(request.get("max_tokens"))
    how = {name: request[name] for name in ("speed", "inference_geo") if request.get(name) is not None}
    if batch:
        how["service_tier"] = "batch"
    lifetimes = set(_lifetimes(request))
    written = "ephemeral_1h_input_tokens" if "1h" in lifetimes else "ephemeral_5m_input_tokens"
    nothing = {"input_tokens": 0, "output_tokens": 0, **how}
    fresh = nothing | {"input_tokens": input_tokens}
    read = nothing | {"cache_read_input_tokens": input_tokens}
    write = nothing | {"cache_creation_input_tokens": input_tokens, "cache_creation": {written: input_tokens}}
    least = cost(read if lifetimes else fresh, model, prices=prices, on=on)
    most = cost((write if lifetimes else fresh) | {"output_tokens": longest or 0}, model, prices=prices, on=on)
    found = prices.find(model)
    return Estimate(
        model=model,
        input_tokens=input_tokens,
        max_tokens=longest or 0,
        least=least,
        most=most + Cost(unknown=tuple(_unbounded(request))),
        warnings=() if found is None else tuple(_cliffs(found, how, input_tokens, on, _about(counted=counted))),
        counted=counted,
    )


def _lifetimes(value: Any) -> Iterator[str]:
    """Give how long each breakpoint of a request lives: 5m or 1h."""
    if isinstance(value, Mapping):
        mark = value.get("cache_control")
        if isinstance(mark, Mapping):
            yield str(mark.get("ttl") or "5m")
        for name in ("system", "tools", "messages", "content"):
            yield from _lifetimes(value.get(name))
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _lifetimes(each)


def _unbounded(request: Mapping[str, Any]) -> Iterator[str]:
    if count(request.get("max_tokens")) is None:
        yield "output: no max_tokens bounds it"
    for name in _UNBOUNDED:
        if request.get(name):
            yield f"{name}: nothing in the request bounds what it adds"
    tools = request.get("tools")
    for tool in tools if isinstance(tools, list | tuple) else ():
        kind = tool.get("type") if isinstance(tool, Mapping) else None
        if isinstance(kind, str) and kind != "custom" and not kind.startswith(CLIENT_TOOLS):
            yield f"{kind}: nothing in the request bounds what this tool of the service adds"


CLIENT_TOOLS: Final = ("bash_", "text_editor_", "computer_", "memory_")
"""The service's tools that the caller runs, so that what they add is in the next request."""


def _about(*, counted: bool) -> str:
    return "" if counted else "about "


def _cliffs(found: ModelPrices, how: Mapping[str, Any], prompt: int, on: date, about: str) -> Iterator[str]:
    """Give the lengths at which the price changes that a prompt is beyond or near, with the factor of the dearest feature."""
    variant = variant_of(served_of(how))
    steps = () if variant is None else found.steps(variant, on)
    for dear, cheap in pairwise(steps):
        both = [name for name in FEATURES if cheap.usd.get(name) and name in dear.usd]
        factor = max((dear.usd[name] / cheap.usd[name] for name in both), default=1)
        times = f"{float(factor):g} times the price"
        if prompt > dear.above:
            yield f"{about}{prompt - dear.above:,} tokens over {dear.above:,}: {times}"
            return
        if prompt > dear.above - dear.above // NEAR:
            yield f"{about}{dear.above - prompt:,} tokens below {dear.above:,}, above which each token costs {times}"
