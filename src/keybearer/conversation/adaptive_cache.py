"""`cache="adaptive"`: whether a conversation's cache entries live five minutes or an hour, or nothing is cached, by its pauses.

Strategy: for each lifetime the cost of this write is added to that of the requests that are expected to come, with the shares of
pauses that end within five minutes, within an hour, and later. The shares are those of the conversation, and where it is young those
of all conversations of the client. An entry for an hour costs more to write, but only what is new is written while earlier ones live.

Contract: the first request of a client caches for five minutes, as `auto` does. What is said to be saved is counted by prices: the
cost by `auto` at the same pauses, had it read and written as the service documents, less what was paid.

Limits: a conversation is known by its first turn. `MOST_CONVERSATIONS` of them are remembered. The share of pauses is a guess at the
next one, as every policy's must be.
"""

from __future__ import annotations

from collections import OrderedDict
from decimal import Decimal
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from msgspec import Struct

from keybearer.conversation.cache_costs import FIVE_MINUTES, ONE_HOUR, dearer_than
from keybearer.figures import count
from keybearer.prices.amount import dollars
from keybearer.prices.table import PriceTable, public
from keybearer.types.messages import Message
from keybearer.wire.request.caching import HOUR

__all__ = ["AdaptiveCache", "CacheChoice", "PauseCounts"]

MOST_CONVERSATIONS: Final = 256


CAUTION: Final = 0.1
"""How many pauses of up to an hour a client counts that has seen none: with the first such pause, an hour is chosen."""

OF_OTHERS: Final = 0.2
"""How many pauses of its own the shares of all conversations count as in one conversation."""

NEW: Final = 0.1
"""The share of a prompt that the second request is expected to add."""

Lifetime: TypeAlias = Literal["5m", "1h"]


class CacheChoice(Struct, frozen=True, kw_only=True):
    """What was chosen for a request.

    Attributes:
        lifetime: How long the entries live that it wrote; None where it wrote none, because no pause is expected to be short enough.
        within_5m: The share of pauses of up to five minutes that was expected.
        within_1h: The share of pauses of up to an hour.
        saved_usd: The dollars that the conversation has cost less so far than by `auto`, with this request; below zero where it cost
            more. None where a price is not known.
    """

    lifetime: Lifetime | None
    within_5m: float
    within_1h: float
    saved_usd: Decimal | None = Decimal(0)

    def __str__(self) -> str:
        kept = "nothing cached" if self.lifetime is None else f"cached for {self.lifetime}"
        expected = f"{self.within_5m:.0%} of the pauses up to 5 minutes, {self.within_1h:.0%} up to an hour"
        saved = "" if self.saved_usd is None else f"; {dollars(self.saved_usd)} saved so far beside cache='auto'"
        return f"{kept}: {expected}{saved}"


class PauseCounts(NamedTuple):
    """How many pauses ended within five minutes, within an hour, and later."""

    short: float = 0
    middle: float = 0
    long: float = 0

    def with_pause(self, seconds: float) -> PauseCounts:
        """Count one more."""
        if seconds <= FIVE_MINUTES:
            return self._replace(short=self.short + 1)
        if seconds <= ONE_HOUR:
            return self._replace(middle=self.middle + 1)
        return self._replace(long=self.long + 1)

    def shares(self, prior: tuple[float, float] = (0.5, 1.0), weight: float = 2 * CAUTION) -> tuple[float, float]:
        """Return the shares of pauses of up to five minutes, and of up to an hour.

        Args:
            prior: These shares before anything was counted.
            weight: How many pauses they count as.
        """
        total = self.short + self.middle + self.long + weight
        return (
            (self.short + prior[0] * weight) / total,
            (self.short + self.middle + prior[1] * weight) / total,
        )


class _SeenConversation(NamedTuple):
    """A conversation after its last request.

    Attributes:
        at: When it was sent.
        tokens: The tokens of its prompt.
        new: The share of them that it added to the prompt before.
        lives: How long what it cached lives, in seconds; 0 for nothing.
        pauses: The pauses so far.
        saved: What was saved so far; None where a price is not known.
    """

    at: float
    tokens: int
    new: float
    lives: int
    pauses: PauseCounts
    saved: Decimal | None


class AdaptiveCache:
    """The choices of one client. Threads may share it: each step replaces one value, and a lost one costs a little knowledge."""

    def __init__(self) -> None:
        self._seen: OrderedDict[int, _SeenConversation] = OrderedDict()
        self._pauses = PauseCounts()

    def choose(self, key: int, model: str, now: float, *, prices: PriceTable | None = None) -> CacheChoice:
        """Choose for a request.

        Args:
            key: What its conversation is known by.
            model: The model that is asked.
            now: The time, in seconds.
            prices: The prices; the public ones when omitted.
        """
        seen = self._seen.get(key)
        pauses, others = PauseCounts(), self._pauses
        new, fresh = NEW, 1.0  # shares of the prompt: what each request adds, and what this one has to write
        if seen is not None:
            pause = now - seen.at
            pauses, others = seen.pauses.with_pause(pause), others.with_pause(pause)
            new = seen.new
            fresh = 1.0 if pause > seen.lives else new
        short, middle = pauses.shares(others.shares(), OF_OTHERS)
        # As many requests are expected to come as there were, or as the client's conversations have on average.
        more = max(1 + sum(pauses), sum(others) / max(len(self._seen), 1))

        read, write, write_1h = _rates(model, prices or public())

        def of(lived: float, price: float) -> float:
            return price * fresh + more * (lived * (read + price * new) + (1 - lived) * price)

        costs: dict[Lifetime | None, float] = {"5m": of(short, write), "1h": of(middle, write_1h), None: 1.0 + more}
        lifetime = min(costs, key=lambda each: costs[each])
        return CacheChoice(lifetime=lifetime, within_5m=round(short, 3), within_1h=round(middle, 3))

    def learn(self, key: int, choice: CacheChoice, message: Message, now: float) -> CacheChoice:
        """Remember a request that was answered, and return its choice with what was saved.

        Args:
            key: What its conversation is known by.
            choice: What was chosen.
            message: The whole answer.
            now: When it was sent, in seconds.
        """
        seen = self._seen.get(key)
        usage: dict[str, Any] = message.usage.to_dict()
        names = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
        fresh, written, read = (count(usage.get(name)) or 0 for name in names)
        tokens = fresh + written + read
        pauses = seen.pauses if seen else PauseCounts()
        if seen is not None:
            pauses = pauses.with_pause(now - seen.at)
            self._pauses = self._pauses.with_pause(now - seen.at)
        saved = None
        if seen is None or seen.saved is not None:
            more = _saved(message, tokens, seen, choice, now)
            saved = None if more is None else (seen.saved if seen and seen.saved is not None else Decimal(0)) + more
        lives = 0 if not written + read else ONE_HOUR if choice.lifetime == HOUR else FIVE_MINUTES
        new = NEW if seen is None else min(max(tokens - seen.tokens, 0) / max(tokens, 1), 1.0)
        self._seen[key] = _SeenConversation(now, tokens, new, lives, pauses, saved)
        while len(self._seen) > MOST_CONVERSATIONS:
            self._seen.popitem(last=False)
        return CacheChoice(
            lifetime=choice.lifetime, within_5m=choice.within_5m, within_1h=choice.within_1h, saved_usd=saved
        )


def _saved(
    message: Message, tokens: int, seen: _SeenConversation | None, choice: CacheChoice, now: float
) -> Decimal | None:
    """Return how many dollars less a request cost than with five minutes at each request; None where a price is not known."""
    usage: dict[str, Any] = message.usage.to_dict()
    read = count(usage.get("cache_read_input_tokens")) or 0
    cached = read + (count(usage.get("cache_creation_input_tokens")) or 0)
    if choice.lifetime is not None and not cached:  # it is too short for the cache, whatever is chosen
        return Decimal(0)
    fresh = (count(usage.get("input_tokens")) or 0) if choice.lifetime is not None else 0
    kept = read if seen is None else min(seen.tokens, tokens - fresh) if now - seen.at <= FIVE_MINUTES else 0
    written = tokens - fresh - kept
    by_auto = {
        **usage,
        "input_tokens": fresh,
        "cache_read_input_tokens": kept,
        "cache_creation_input_tokens": written,
        "cache_creation": {"ephemeral_5m_input_tokens": written, "ephemeral_1h_input_tokens": 0},
    }
    more = dearer_than(message, by_auto)
    return None if more is None else -more


def _rates(model: str, prices: PriceTable) -> tuple[float, float, float]:
    """Return what reading a token costs, and writing one for five minutes and for an hour, in prices of a fresh token."""
    found = prices.find(model)
    steps = found.variants.get("standard", ()) if found is not None else ()
    usd = steps[0].steps[-1].usd if steps and steps[0].steps else {}
    fresh = usd.get("input")
    if not fresh:
        return 0.1, 1.25, 2.0  # of nearly every model
    return tuple(float(usd.get(name, fresh) / fresh) for name in ("cache_read", "cache_write_5m", "cache_write_1h"))  # type: ignore[return-value] # there are three
