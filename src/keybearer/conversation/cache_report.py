"""Why a prefix that was written to the prompt cache was not read: `message.cache_report`.

Strategy: the client keeps the last encoded request of each conversation that uses the cache, and how long its cached prefix was. When
an answer has read just so much as an earlier request had in the cache, all is well, and nothing more is done: nearly every answer.
Else the conversation is looked for, by its first turn or by pieces of its turns, and the two requests are compared.

Contract: only what was sent and what the service said is looked at; nothing is sent for it. The tokens are the service's own figures.

Limits: `MOST_CONVERSATIONS` and `MOST_BYTES`, for one client and those made of it. A conversation that shares no turn with a kept
one is a new one, so a prefix that different conversations share is not looked at. Nor is an answer that was cut, or one to a request
without any breakpoint.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from msgspec import Struct

from keybearer.conversation.cache_costs import FIVE_MINUTES, ONE_HOUR, dearer_than
from keybearer.conversation.cache_difference import CacheDifference, CacheReason, explain_bodies
from keybearer.figures import count
from keybearer.prices.amount import dollars
from keybearer.types.messages import Message
from keybearer.wire.json import dumps, loads, sendable

__all__ = ["CacheReport", "KeptRequests", "MissReason", "key_of"]

MOST_CONVERSATIONS: Final = 16
"""The most conversations whose last request is kept."""

MOST_BYTES: Final = 8 << 20
"""The most bytes of requests that are kept."""

PIECES: Final = 8
"""How many turns of a conversation are looked for in the kept requests."""

_PIECE: Final = 100
_HOUR: Final = b'"ttl":"1h"'
_SECONDS: Final = {False: FIVE_MINUTES, True: ONE_HOUR}
"""How long an entry lives, by whether a breakpoint of the request says an hour."""

_WRITES: Final = ("ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens")

MissReason: TypeAlias = CacheReason | Literal["expired", "unexplained"] | str
"""Why: what differs; `expired`: nothing does, and the entries had lived; `unexplained`: neither; or the service's own reason."""


_WORDS: Final = {
    "expired": "Nothing differs, but the entries had lived their time; cache='adaptive' has them live an hour where that pays.",
    "unexplained": "Nothing differs, and the entries were young: the service may have dropped them, or not yet have had them.",
}


class CacheReport(Struct, frozen=True, kw_only=True):
    """A prefix that was written to the cache and was not read. Its text is a sentence or two.

    Attributes:
        reason: Why.
        path: Where the first thing stands that differs, such as `tools[3].input_schema.properties.x.description`; empty for none.
        difference: That thing, with both values; None for none.
        tokens: How many tokens were not read that the earlier request had in the cache, by the service's figures.
        usd: What that cost, in dollars; None where a price is not known.
        seconds: How long after the earlier request this one was sent.
        diagnostics: What the service itself says, if the request asked for it: `cache_miss_reason` as it came.
    """

    reason: MissReason
    path: str = ""
    difference: CacheDifference | None = None
    tokens: int
    usd: Decimal | None = None
    seconds: float | None = None
    diagnostics: Any = None

    def __str__(self) -> str:
        lost = f"{self.tokens:,} tokens were not read from the cache"
        price = "" if self.usd is None else f", which cost {dollars(self.usd)} more"
        words = _WORDS.get(self.reason, f"The service says {self.reason}.")
        why = words if self.difference is None else self.difference.words
        return f"{lost}{price}. {why}"


class _KeptRequest(NamedTuple):
    """The last request of a conversation.

    Attributes:
        body: Its JSON.
        key: What its first turn is known by.
        model: The model that answered.
        at: When it was sent, in seconds.
        prefix: How many tokens it read from the cache and wrote to it.
    """

    body: bytes
    key: int
    model: str
    at: float
    prefix: int


class KeptRequests:
    """The last requests of one client's conversations. Threads may share it: its tuple is replaced, never changed."""

    def __init__(self) -> None:
        self._kept: tuple[_KeptRequest, ...] = ()

    def knows(self, turns: Any) -> bool:
        """Return whether a request is kept of the conversation that begins with these turns."""
        kept = self._kept
        return bool(kept) and (key := key_of(turns)) != 0 and any(each.key == key for each in kept)

    def report(self, body: bytes, key: int, message: Message, at: float) -> CacheReport | None:
        """Keep a request that was answered, and return what its cache missed; None where it missed nothing.

        Args:
            body: The request's JSON.
            key: What its conversation is known by (`key_of`).
            message: The whole answer.
            at: When it was sent, in seconds.
        """
        usage = message.usage
        read = count(usage.cache_read_input_tokens) or 0
        prefix = read + (count(usage.cache_creation_input_tokens) or 0)
        now = _KeptRequest(body, key, message.model, at, prefix)
        earlier = next((each for each in self._kept if read and each.prefix == read and each.key == now.key), None)
        found = None
        if earlier is None and (earlier := self._earlier(now)) is not None and read < earlier.prefix:
            found = _report(earlier, now, message, read)
        if prefix or b'"cache_control"' in body:  # one without a breakpoint leaves what was cached before it
            self._keep(now, earlier)
        return found or _by_the_service(message)

    def _keep(self, now: _KeptRequest, earlier: _KeptRequest | None) -> None:
        """Keep a request in place of the earlier one of its conversation."""
        kept: list[_KeptRequest] = []
        room = MOST_BYTES
        for each in (now, *(each for each in self._kept if each is not earlier)):
            room -= len(each.body)
            if each.prefix and room >= 0 and len(kept) < MOST_CONVERSATIONS:
                kept.append(each)
        self._kept = tuple(kept)

    def _earlier(self, now: _KeptRequest) -> _KeptRequest | None:
        """Return the kept request of a conversation: of those with its first turn, or else of all, the one with most of its turns."""
        if not self._kept:
            return None
        same = [each for each in self._kept if each.key == now.key]
        if len(same) == 1:
            return same[0]
        pieces = _pieces(now.body)
        found = [(sum(piece in each.body for piece in pieces), each) for each in same or self._kept]
        most, earlier = max(found, key=lambda each: (each[0], each[1].at))
        return earlier if same or most * 2 > len(pieces) else None


def key_of(turns: Any) -> int:
    """Return what a conversation is known by: its first turn, without the breakpoints of its caller."""
    first = turns[0] if isinstance(turns, list) and turns else None
    content = first.get("content") if isinstance(first, Mapping) else getattr(first, "content", None)
    try:
        return hash(tuple(map(_identity, content if isinstance(content, list) else [content])))
    except (TypeError, ValueError, RecursionError):  # a block that only the caller's encoder knows
        return 0


def _identity(block: Any) -> Any:
    """Return what a block is known by: its text, whose hash Python keeps, or else its JSON."""
    text = block.get("text") if isinstance(block, Mapping) else block
    if isinstance(text, str):
        return text
    bare = sendable(block)
    return dumps({k: v for k, v in bare.items() if k != "cache_control"} if isinstance(bare, Mapping) else bare)


def _pieces(body: bytes) -> list[bytes]:
    """Return pieces of a request's turns as they stand in its JSON, from all over the conversation."""
    turns = loads(body).get("messages") or []
    step = max(len(turns) // PIECES, 1)
    texts = [text for turn in turns[::step] if (text := _text_of(turn.get("content")))]
    return [dumps(text[:_PIECE])[1:-1] for text in texts[:PIECES]]


def _text_of(content: Any) -> str:
    """Return a text of a turn that hardly any other turn has: the id of a call, or its longest text."""
    if isinstance(content, str):
        return content
    texts = [""]
    for block in content if isinstance(content, list) else ():
        if isinstance(block, Mapping):
            own = block.get("id") or block.get("tool_use_id")
            if isinstance(own, str):
                return own
            texts += [value for name in ("text", "thinking") if isinstance(value := block.get(name), str)]
    return max(texts, key=len)


def _report(earlier: _KeptRequest, now: _KeptRequest, message: Message, read: int) -> CacheReport | None:
    usage: dict[str, Any] = message.usage.to_dict()
    whole = sum(count(usage.get(name)) or 0 for name in ("input_tokens", "cache_creation_input_tokens")) + read
    tokens = min(earlier.prefix, whole) - read
    if tokens <= 0:
        return None
    bodies = [{**loads(each.body), "model": each.model} for each in (now, earlier)]
    difference, seconds = explain_bodies(*bodies), now.at - earlier.at
    reason: MissReason = "expired" if seconds >= _SECONDS[_HOUR in earlier.body] else "unexplained"
    return CacheReport(
        reason=reason if difference is None else difference.reason,
        path="" if difference is None else difference.path,
        difference=difference,
        tokens=tokens,
        usd=_lost(usage, message, tokens),
        seconds=seconds,
        diagnostics=message.diagnostics,
    )


def _lost(usage: dict[str, Any], message: Message, tokens: int) -> Decimal | None:
    """Return how many dollars less the message had cost if that many of its tokens had been read."""
    split, left = dict(usage.get("cache_creation") or {}), tokens
    for name in _WRITES:
        taken = min(left, count(split.get(name)) or 0)
        split[name], left = (count(split.get(name)) or 0) - taken, left - taken
    had = {
        **usage,
        "cache_read_input_tokens": (count(usage.get("cache_read_input_tokens")) or 0) + tokens,
        "cache_creation_input_tokens": sum(split[name] for name in _WRITES),
        "cache_creation": split,
        "input_tokens": max((count(usage.get("input_tokens")) or 0) - left, 0),
    }
    return dearer_than(message, had)


def _by_the_service(message: Message) -> CacheReport | None:
    """Return what the service says by itself; None where it says nothing, or has not finished its own comparison."""
    said = message.diagnostics
    reason = said.get("cache_miss_reason") if isinstance(said, Mapping) else None
    if not isinstance(reason, Mapping):
        return None
    return CacheReport(
        reason=str(reason.get("type")),
        tokens=count(reason.get("cache_missed_input_tokens")) or 0,
        diagnostics=said,
    )
