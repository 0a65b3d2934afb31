"""A reply's usage in dollars.

Strategy: each request to a model that the usage names is billed alone: the reply's own figures, or each of its `iterations`, whose
prompt decides alone whether a price for long prompts applies. A guess, for the service does not say whether it adds them up.

Contract: nothing is dropped in silence. A figure that did not come, a feature or model without a price, and a figure of a kind that
this version does not know make the cost unknown, and stay in `Cost.unknown` with their name.

Limits: what usage does not tell is not in the cost: a container's hours, taxes, credits, and what a priority tier costs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from keybearer.figures import count
from keybearer.prices.amount import EXACT, ZERO, Cost
from keybearer.prices.rates import rates_of, served_of
from keybearer.prices.table import PriceTable, public, step_for
from keybearer.prices.usual import KNOWN, usual_cost

if TYPE_CHECKING:
    from keybearer.types.usage import Usage

__all__ = ["Counts", "cost", "cost_of_reply", "counts_of", "day_of", "tokens_of"]

_COUNTED: Final = (
    ("input", "input_tokens"),
    ("output", "output_tokens"),
    ("cache_read", "cache_read_input_tokens"),
    ("cache_write", "cache_creation_input_tokens"),
)
_ALWAYS: Final = frozenset({"input", "output"})
_WRITES: Final = {"ephemeral_5m_input_tokens": "cache_write_5m", "ephemeral_1h_input_tokens": "cache_write_1h"}
_TOOLS: Final = {"web_search_requests": "web_search", "web_fetch_requests": "web_fetch"}

_OF_REPLY: Final = frozenset({"message", "fallback_message"})
"""The iterations whose sum the reply's own figures are (the wheel's `beta_iterations_usage.py`)."""

CUT: Final = "output: the message is not complete, and more may have been billed than had come"


class Counts(NamedTuple):
    """The tokens of one request to a model.

    Attributes:
        tokens: The tokens by feature.
        unknown: What is not known of them, in words.
    """

    tokens: dict[str, int]
    unknown: list[str]

    @property
    def prompt(self) -> int:
        """The length of the prompt, as far as it is known."""
        return sum(self.tokens.values()) - self.tokens.get("output", 0)


def cost(
    usage: Usage | Mapping[str, Any],
    model: str,
    *,
    on: date | None = None,
    prices: PriceTable | None = None,
    complete: bool = True,
) -> Cost:
    """Return what a reply cost.

    Args:
        usage: The reply's usage, as a value or as its JSON object. Its `service_tier`, `speed` and `inference_geo` decide the price;
            one that is absent is the standard tier, the standard speed, and no region.
        model: The model that answered.
        on: The day of the call; today when omitted.
        prices: The prices; the public ones when omitted.
        complete: Whether the message is complete. If not, its output is unknown, and what had come is the least.

    Example:
        >>> str(cost({"input_tokens": 1000, "output_tokens": 10}, "claude-opus-5-5"))
        '$0.0042'
    """
    if isinstance(on, datetime):
        on = on.astimezone(UTC).date()
    return _cost(usage, model, on, prices, complete=complete)


def cost_of_reply(
    usage: Any, model: Any, date_header: str | None, prices: PriceTable | None, *, complete: bool
) -> Cost:
    """Return what a reply cost, on the day that its `date` header says; today's prices without one.

    Args:
        usage: The usage, or what a gateway has sent in its place.
        model: The model that answered, or what a gateway has sent in its place.
        date_header: The header's text.
        prices: The prices; None for the public ones.
        complete: Whether the message is complete.
    """
    return _cost(usage, model, day_of(date_header), prices, complete=complete)


def _cost(usage: Any, model: Any, day: date | None, prices: PriceTable | None, *, complete: bool) -> Cost:
    source = (usage.came_as() or usage.to_dict()) if hasattr(usage, "came_as") else _mapping(usage)
    model, day, prices = model if isinstance(model, str) else "", day or datetime.now(UTC).date(), prices or public()
    if complete and (usual := usual_cost(source, model, prices, day)) is not None:
        return usual
    return _careful_cost(source, model, day, prices, complete=complete)


def _mapping(usage: Any) -> Mapping[str, Any]:
    """Return a usage's JSON object that a caller has; an empty one for anything else that a gateway has sent in its place."""
    return usage if isinstance(usage, Mapping) else {}


def _careful_cost(source: Mapping[str, Any], model: str, day: date, prices: PriceTable, *, complete: bool) -> Cost:
    bill = _Bill(prices, day)
    for part, name in _requests(source, model):
        bill.add_request(part, name, source)
    if tools := source.get("server_tool_use"):
        bill.add_tools(tools, model)
    for key, value in source.items():
        if key not in KNOWN and value is not None and value != 0:
            bill.unknown.append(f"{key}: this version does not know what it costs")
    if not complete:
        bill.unknown.append(CUT)
    return Cost(parts=bill.parts, unknown=tuple(dict.fromkeys(bill.unknown)), notes=tuple(dict.fromkeys(bill.notes)))


def tokens_of(usage: Usage | Mapping[str, Any]) -> int | None:
    """Return all tokens that a reply took, those of its compactions and advisors too; None where a figure did not come."""
    total = 0
    for part, _ in _requests(usage if isinstance(usage, Mapping) else usage.to_dict(), ""):
        counts = counts_of(part)
        if counts.unknown:
            return None
        total += sum(counts.tokens.values())
    return total


@lru_cache(maxsize=64)  # many replies come in one second
def day_of(text: str | None) -> date | None:
    """Return the day of an HTTP date (RFC 9110, section 5.6.7), in UTC; None for what is none."""
    from email.utils import parsedate_to_datetime

    try:
        return None if text is None else parsedate_to_datetime(text).astimezone(UTC).date()
    except (ValueError, OverflowError):
        return None


def _requests(source: Mapping[str, Any], model: str) -> Iterator[tuple[Mapping[str, Any], str]]:
    """Give the figures of each request to a model that a reply took, and its model."""
    if not isinstance(listed := source.get("iterations"), list):  # nearly every reply
        yield source, model
        return
    iterations = [each for each in listed if isinstance(each, Mapping)]
    of_reply = [each for each in iterations if each.get("type") in _OF_REPLY]
    others = [each for each in iterations if each.get("type") not in _OF_REPLY]
    if of_reply and _sums(of_reply) == _sums([source]):
        others = iterations
    else:  # they are not the whole: the reply's own figures are
        yield source, model
    for each in others:
        own = each.get("model")
        yield each, own if isinstance(own, str) and own else model


def _sums(each: list[Mapping[str, Any]]) -> tuple[int, ...]:
    names = ("input_tokens", "output_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
    return tuple(sum(count(one.get(name)) or 0 for one in each) for name in names)


class _Bill:
    """The parts of one cost, as they are added."""

    def __init__(self, prices: PriceTable, day: date) -> None:
        self.prices = prices
        self.day = day
        self.parts: dict[str, Decimal] = {}
        self.unknown: list[str] = []
        self.notes: list[str] = []

    def add_request(self, part: Mapping[str, Any], model: str, source: Mapping[str, Any]) -> None:
        """Add the tokens of one request to a model; tier, speed and region are the reply's."""
        tokens, unknown = counts = counts_of(part)
        rates = rates_of(self.prices, model, served_of(source), self.day)
        self.unknown += unknown
        self.notes += rates.notes
        if (step := step_for(counts.prompt, rates.steps)) is None:
            self.unknown.append(rates.without)
            return
        for feature, number in tokens.items():
            if not number:
                self.parts.setdefault(feature, ZERO)
            elif (price := step.usd.get(feature)) is None:
                self.unknown.append(f"{feature}: {rates.model} has no price of it{rates.served}")
            else:
                self._add(feature, EXACT.multiply(price, number))

    def add_tools(self, tools: Any, model: str) -> None:
        """Add the requests of server tools."""
        found = self.prices.find(model)
        for name, value in tools.items() if isinstance(tools, Mapping) else ():
            made, tool = count(value), _TOOLS.get(str(name)) or str(name)
            if value is None or made == 0:
                continue
            price = None if found is None else found.requests.get(tool)
            if made is None or price is None:
                self.unknown.append(f"{tool}: {model} has no price of it")
            else:
                self._add(tool, EXACT.multiply(price, made))

    def _add(self, feature: str, amount: Decimal) -> None:
        before = self.parts.get(feature)
        self.parts[feature] = EXACT.add(before, amount) if before else amount


def counts_of(part: Mapping[str, Any]) -> Counts:
    """Return the tokens of one request to a model, by what is paid for them."""
    tokens: dict[str, int] = {}
    unknown: list[str] = []
    for feature, name in _COUNTED:
        value = part.get(name)
        if (found := count(value)) is not None:
            tokens[feature] = found
        elif feature in _ALWAYS:
            unknown.append(f"{feature}: the reply has no {name}")
        else:  # a service without a cache leaves it out
            tokens[feature] = 0
            if value is not None:
                unknown.append(f"{feature}: {name} is no number of tokens")
    left = tokens.pop("cache_write")
    split = part.get("cache_creation")
    for name, value in split.items() if split and isinstance(split, Mapping) else ():
        written = count(value) or 0
        left -= written
        if (lifetime := _WRITES.get(name)) is not None:
            tokens[lifetime] = written
        elif written:
            unknown.append(f"{name}: this version does not know what it costs")
    if left:
        unknown.append(
            f"cache_write: the reply does not say how long {abs(left)} of the tokens written to the cache live"
        )
    return Counts(tokens, unknown)
