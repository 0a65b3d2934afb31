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
from keybearer.prices.table import BATCH, FAST, STANDARD, PriceStep, PriceTable, public, step_for

if TYPE_CHECKING:
    from keybearer.types.hooks import UsageReported
    from keybearer.types.messages import Message
    from keybearer.types.usage import Usage

__all__ = ["Counts", "cost", "cost_of", "cost_of_reply", "counts_of", "day_of", "tokens_of"]

_PLAIN: Final = frozenset(
    {
        "input_tokens",
        "output_tokens",
        "cache_creation_input_tokens",
        "cache_read_input_tokens",
        "cache_creation",
        "output_tokens_details",  # a part of output_tokens
        "server_tool_use",
        "service_tier",
        "inference_geo",
        "speed",
        "iterations",
        "type",
        "model",
    }
)
"""What a usage has that is billed here, or that says how."""

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
        >>> cost({"input_tokens": 1000, "output_tokens": 10}, "claude-opus-5-5").usd
        Decimal('0.0042')
    """
    source: Mapping[str, Any] = usage if isinstance(usage, Mapping) else usage.to_dict()
    if on is None:
        on = datetime.now(UTC).date()
    elif isinstance(on, datetime):
        on = on.astimezone(UTC).date()
    named: object = model  # a gateway's may be anything
    model = named if isinstance(named, str) else ""
    bill = _Bill(prices or public(), on)
    for part, name in _requests(source, model):
        bill.add_request(part, name, source)
    if tools := source.get("server_tool_use"):
        bill.add_tools(tools, model)
    if not source.keys() <= _PLAIN:
        for key, value in source.items():
            if key not in _PLAIN and value is not None and value != 0:
                bill.unknown.append(f"{key}: this version does not know what it costs")
    if not complete:
        bill.unknown.append(CUT)
    if not bill.unknown and not bill.notes:  # nearly every reply
        return Cost(parts=bill.parts)
    return Cost(parts=bill.parts, unknown=tuple(dict.fromkeys(bill.unknown)), notes=tuple(dict.fromkeys(bill.notes)))


def cost_of(message: Message) -> Cost:
    """Return what a message cost, on the day that its reply says, by the prices that it knows."""
    day, complete = day_of(message.headers.get("date")), message.stop_reason is not None
    return cost(_mapping(message.usage), message.model, on=day, prices=message.prices, complete=complete)


def tokens_of(usage: Usage | Mapping[str, Any]) -> int | None:
    """Return all tokens that a reply took, those of its compactions and advisors too; None where a figure did not come."""
    total = 0
    for part, _ in _requests(usage if isinstance(usage, Mapping) else usage.to_dict(), ""):
        counts = counts_of(part)
        if counts.unknown:
            return None
        total += sum(counts.tokens.values())
    return total


def cost_of_reply(report: UsageReported) -> Cost:
    """Return what the call of a report cost; nothing where the service refused it."""
    if report.refused:
        return Cost()
    day = day_of(report.date)
    return cost(_mapping(report.usage), report.model, on=day, prices=report.prices, complete=report.complete)


def _mapping(usage: Any) -> Any:
    """Return a usage, or an empty one for anything else that a gateway has sent in its place."""
    return usage if hasattr(usage, "to_dict") or isinstance(usage, Mapping) else {}


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
        rates = _rates_of(self.prices, model, served_of(source), self.day)
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


class _Rates(NamedTuple):
    """What a model's tokens cost on a day, as they were served.

    Attributes:
        model: The model's id.
        served: How they were served where that is not the standard way, in words.
        steps: The prices by the prompt's length, the longest first; none where there is no price.
        without: What to say where there is no price.
        notes: What else to know.
    """

    model: str
    served: str
    steps: tuple[PriceStep, ...]
    without: str
    notes: tuple[str, ...] = ()


@lru_cache(maxsize=64)  # a process asks few models, in few ways
def _rates_of(prices: PriceTable, model: str, way: Served, day: date) -> _Rates:
    """Find what a model's tokens cost."""
    served = _in_words(way)
    if (found := prices.find(model)) is None:
        return _Rates(model, served, (), f"{model or 'a model without a name'}: there is no price of this model")
    note, variant = prices.age_note(day, found.model), variant_of(way)
    notes = () if note is None else (note,)
    steps = () if variant is None else found.steps(variant, day)
    without = f"{found.model} has no price{served} on {day}"
    if steps and way.region is not None:
        if (factor := found.regions.get(way.region)) is None:
            without, steps = f"{found.model} has no price in the region {way.region!r}", ()
        elif factor != 1:
            steps = tuple(step.times(factor) for step in steps)
    return _Rates(found.model, served, steps, without, notes)


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


class Served(NamedTuple):
    """How a reply was served: its tier, its speed, and its region, if it names one."""

    tier: str
    speed: str
    region: str | None


def served_of(source: Mapping[str, Any]) -> Served:
    """Return how a reply was served."""
    region = source.get("inference_geo")
    tier, speed = source.get("service_tier") or STANDARD, source.get("speed") or STANDARD
    return Served(str(tier), str(speed), None if region is None else str(region))


def variant_of(way: Served) -> str | None:
    """Return the variant whose prices a reply pays; None where it has none, such as the priority tier's."""
    if way.speed == STANDARD:
        return way.tier if way.tier in {STANDARD, BATCH} else None
    return FAST if way.speed == FAST and way.tier == STANDARD else None


def _in_words(way: Served) -> str:
    """Return how a reply was served where that is not the standard way, in words."""
    named = (("service_tier", way.tier), ("speed", way.speed))
    how = [f"{name} {value}" for name, value in named if value != STANDARD]
    return f" with {' and '.join(how)}" if how else ""
