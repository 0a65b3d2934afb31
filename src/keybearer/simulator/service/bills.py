"""What the simulator bills for a reply, from its usage and the rate card.

Each run of a model is billed alone, so that its own prompt decides whether it pays the price of long prompts: the entries of
`iterations` where their sum is the figures at the top, else those figures and the entries that they leave out. (That the service
does so is a guess.) A figure without a price is unknown, never zero.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Context, Decimal
from typing import Any, Final

from msgspec import Struct

from keybearer.simulator.service.rate_card import ATTO, RateCard, rate_card

__all__ = ["Bill", "bill_of"]

Block = Mapping[str, Any]

FIGURES: Final = {
    "input": "input_tokens",
    "output": "output_tokens",
    "cache_read": "cache_read_input_tokens",
}
"""What is paid by the token to the figure that counts it; writes to the cache are divided by their lifetime."""
WRITTEN: Final = "cache_creation_input_tokens"
LIFETIMES: Final = {"cache_write_5m": "ephemeral_5m_input_tokens", "cache_write_1h": "ephemeral_1h_input_tokens"}
TOOLS: Final = {"web_search": "web_search_requests", "web_fetch": "web_fetch_requests"}
SUMMED: Final = ("message", "fallback_message")
"""The iterations whose sum stands at the top."""
_EXACT: Final = Context(prec=60)


class Bill(Struct, frozen=True):
    """An amount, by part; bills can be added.

    Args:
        parts: Attodollars by part: `input`, `output`, `cache_read`, `cache_write_5m`, `cache_write_1h`, `web_search`, `web_fetch`.
        unknown: What has no price, a sentence each.
    """

    parts: Mapping[str, int] = {}
    unknown: tuple[str, ...] = ()

    @property
    def known(self) -> Decimal:
        """The dollars that are known, exactly."""
        return _dollars(sum(self.parts.values()))

    @property
    def usd(self) -> Decimal | None:
        """The dollars, exactly; None where a part is unknown."""
        return None if self.unknown else self.known

    def __add__(self, other: object) -> Bill:
        if not isinstance(other, Bill):
            return NotImplemented
        names = dict.fromkeys((*self.parts, *other.parts))
        parts = {name: self.parts.get(name, 0) + other.parts.get(name, 0) for name in names}
        return Bill(parts, tuple(dict.fromkeys((*self.unknown, *other.unknown))))

    def __sub__(self, other: Bill) -> Bill:
        """Take back a part of an amount; what is unknown stays so."""
        return self + Bill({name: -atto for name, atto in other.parts.items()}, other.unknown)

    def as_dict(self) -> dict[str, Any]:
        """Render as JSON types; dollars are text, so that none is rounded."""
        return {
            "usd": None if self.unknown else f"{self.known:f}",
            "known": f"{self.known:f}",
            "parts": {name: f"{_dollars(atto):f}" for name, atto in self.parts.items()},
            "unknown": list(self.unknown),
        }


def _dollars(atto: int) -> Decimal:
    return _EXACT.normalize(_EXACT.divide(Decimal(atto), Decimal(ATTO)))


def bill_of(usage: Block, model: str, moment: float, *, card: RateCard | None = None) -> Bill:
    """Bill a reply.

    Args:
        usage: Its usage, as the simulator rendered it or a scenario set it.
        model: The model that answered.
        moment: When it was asked, in seconds since the epoch.
        card: The prices; the public ones when omitted.
    """
    card = card or rate_card()
    day = datetime.fromtimestamp(moment, UTC).date().isoformat()
    bill = Bill()
    for run, name in _runs(usage, model):
        bill += _run(card, run, name, usage, day)
    requests = {part: _figure((usage.get("server_tool_use") or {}).get(name)) for part, name in TOOLS.items()}
    known = card.model(model)
    for part, made in requests.items():
        price = None if known is None else card.requests(known).get(part)
        if made:
            bill += Bill(unknown=(f"{model}: no price of {part}",)) if price is None else Bill({part: made * price})
    return bill


def _figure(value: Any) -> int:
    return value if isinstance(value, int) and value > 0 else 0


def _runs(usage: Block, model: str) -> Iterator[tuple[Block, str]]:
    """Give the figures of each run of a model, and the model."""
    rows: list[Block] = list(usage.get("iterations") or ())
    summed = [row for row in rows if row.get("type") in SUMMED]
    figures = (*FIGURES.values(), WRITTEN)
    whole = bool(summed) and all(sum(_figure(row.get(f)) for row in summed) == _figure(usage.get(f)) for f in figures)
    if not whole:
        yield usage, model
    for row in rows:
        if whole or row not in summed:
            yield row, str(row.get("model") or model)


def _run(card: RateCard, run: Block, model: str, usage: Block, day: str) -> Bill:
    """Bill one run of a model, which is served as the whole reply is."""
    split = run.get("cache_creation") or {}
    counts = {part: _figure(run.get(name)) for part, name in FIGURES.items()}
    counts |= {part: _figure(split.get(name)) for part, name in LIFETIMES.items()}
    undivided = _figure(run.get(WRITTEN)) - sum(counts[part] for part in LIFETIMES)
    tier, speed = str(usage.get("service_tier") or "standard"), str(usage.get("speed") or "standard")
    variant = tier if speed == "standard" else f"{tier} {speed}".removeprefix("standard ")
    known = card.model(model)
    prompt = sum(counts.values()) - counts["output"]
    region = str(usage.get("inference_geo") or "")
    prices = None if known is None else card.tokens(known, variant, region, day, prompt)
    if prices is None:
        return Bill(unknown=(f"{model}: no price{f' in {region}' if known and region else ''} of {variant} on {day}",))
    missing = [f"{model}: no price of {part}" for part, tokens in counts.items() if tokens and part not in prices]
    if undivided:
        missing.append(f"{model}: {undivided} tokens written to the cache without a lifetime")
    parts = {part: tokens * prices[part] for part, tokens in counts.items() if part in prices}
    return Bill(parts, tuple(missing))
