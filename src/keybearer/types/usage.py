"""What a request cost: the figures of a reply's `usage`, all in tokens unless they say otherwise.

A figure that did not come is None, never 0: a gateway may leave out any of them, and a sum of what is not known is not known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Final

from keybearer.types.api_object import APIObject, built

__all__ = ["CacheCreation", "OutputTokensDetails", "ServerToolUsage", "Usage", "count"]

_MOST: Final = 1 << 53


def count(value: Any) -> int | None:
    """Return a figure that came as a whole number; None for anything that is not a sane one from 0 up.

    A figure is kept as it came, and may be of any type; sums are made of what this gives.
    """
    if type(value) not in {int, float} or not 0 <= value <= _MOST:  # a NaN is not in the range either
        return None
    return int(value)


class CacheCreation(APIObject, frozen=True):
    """Tokens written to the prompt cache, by the entry's time to live."""

    ephemeral_5m_input_tokens: int | None = None
    ephemeral_1h_input_tokens: int | None = None


class OutputTokensDetails(APIObject, frozen=True):
    """How much of the output was thinking."""

    thinking_tokens: int | None = None


class ServerToolUsage(APIObject, frozen=True):
    """Requests that server tools made, in requests."""

    web_search_requests: int | None = None
    web_fetch_requests: int | None = None


class Usage(APIObject, frozen=True):
    """A reply's usage.

    Each figure is None where the service did not say. The whole input is `input_tokens + cache_creation_input_tokens +
    cache_read_input_tokens`: see `total_input_tokens`.
    """

    input_tokens: int | None = None
    output_tokens: int | None = None
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
        """Every input token: read afresh, written to the cache and read from it; None where the service did not say."""
        fresh = count(self.input_tokens)
        if fresh is None:
            return None
        return fresh + (count(self.cache_creation_input_tokens) or 0) + (count(self.cache_read_input_tokens) or 0)

    @property
    def thinking_tokens(self) -> int | None:
        """Output tokens spent on thinking; None where the service did not say."""
        return count(getattr(self.output_tokens_details, "thinking_tokens", None))
