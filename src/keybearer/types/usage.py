"""The figures of a reply's `usage`, in tokens unless stated otherwise.

A figure that is not in the reply is None, never 0: a gateway may leave out any of them, and a sum with an unknown part is unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import reduce
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeAlias

from keybearer.figures import count
from keybearer.types.api_object import APIObject, built

__all__ = ["CacheCreation", "OutputTokensDetails", "ServerToolUsage", "Usage", "added", "count"]

if TYPE_CHECKING:
    # None only where a gateway left the figure out: type checkers neither ask for a check in every sum, nor call one needless.
    Figure: TypeAlias = int | Any
else:
    Figure = int | None


class CacheCreation(APIObject, frozen=True):
    """Tokens written to the prompt cache, by how long the entry lives: 5 minutes or 1 hour."""

    ephemeral_5m_input_tokens: int | None = None
    ephemeral_1h_input_tokens: int | None = None


class OutputTokensDetails(APIObject, frozen=True):
    """The part of the output tokens that was thinking."""

    thinking_tokens: int | None = None


class ServerToolUsage(APIObject, frozen=True):
    """How many requests the server tools made."""

    web_search_requests: int | None = None
    web_fetch_requests: int | None = None


class Usage(APIObject, frozen=True):
    """A reply's usage. Each field is None where the service did not say.

    Attributes:
        input_tokens: Input tokens that were neither read from the prompt cache nor written to it; see `total_input_tokens`.
        output_tokens: Output tokens, thinking included.
        cache_creation_input_tokens: Input tokens written to the prompt cache.
        cache_read_input_tokens: Input tokens read from the prompt cache.
        cache_creation: The written ones, by how long their entry lives.
        output_tokens_details: The output tokens that were thinking.
        server_tool_use: How many requests the server tools made.
        service_tier: `standard`, `priority` or `batch`.
        inference_geo: The region where inference ran.
        speed: `standard` or `fast`.
    """

    input_tokens: Figure = None
    output_tokens: Figure = None
    cache_creation_input_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    cache_creation: CacheCreation | None = None
    output_tokens_details: OutputTokensDetails | None = None
    server_tool_use: ServerToolUsage | None = None
    service_tier: str | None = None
    inference_geo: str | None = None
    speed: str | None = None

    _builders: ClassVar[Mapping[str, Callable[[Any], Any]]] = {
        "cache_creation": built(CacheCreation),
        "output_tokens_details": built(OutputTokensDetails),
        "server_tool_use": built(ServerToolUsage),
    }

    @property
    def total_input_tokens(self) -> int | None:
        """All input tokens: `input_tokens` plus those written to the cache and read from it; None without `input_tokens`."""
        fresh = count(self.input_tokens)
        if fresh is None:
            return None
        return fresh + (count(self.cache_creation_input_tokens) or 0) + (count(self.cache_read_input_tokens) or 0)

    @property
    def thinking_tokens(self) -> int | None:
        """Output tokens spent on thinking; None where the service did not say."""
        return count(getattr(self.output_tokens_details, "thinking_tokens", None))


_UNKNOWN_WITHOUT: Final = frozenset({"input_tokens", "output_tokens"})
"""Figures that every reply has: where one lacks it, the sum is unknown."""


def added(usages: Iterable[Usage]) -> Usage:
    """Add up the usage of several replies, figure by figure; what is no figure is the last reply's."""
    return Usage.of(reduce(_sum, (usage.to_dict() for usage in usages)))


def _sum(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    summed: dict[str, Any] = {}
    for name in {**one, **other}:
        values = [each[name] for each in (one, other) if each.get(name) is not None]
        if all(isinstance(value, Mapping) for value in values) and values:
            summed[name] = reduce(_sum, values)
        elif values and all(count(value) is not None for value in values):
            summed[name] = None if len(values) == 1 and name in _UNKNOWN_WITHOUT else sum(values)
        else:
            summed[name] = values[-1] if values else None
    return summed
