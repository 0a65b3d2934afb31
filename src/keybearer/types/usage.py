"""What a request cost: the figures of a reply's `usage`, all in tokens unless they say otherwise."""

from __future__ import annotations

from typing import Any, Final

from keybearer.types.base import Model

__all__ = ["CacheCreation", "OutputTokensDetails", "ServerToolUsage", "Usage", "count"]

_MOST: Final = 1 << 53


def count(value: Any) -> int:
    """Return a figure that came as a whole number; 0 for anything that is not a sane one from 0 up.

    A figure is kept as it came, and may be of any type; sums are made of what this gives.
    """
    if type(value) not in {int, float} or not 0 <= value <= _MOST:  # a NaN is not in the range either
        return 0
    return int(value)


class CacheCreation(Model, frozen=True):
    """Tokens written to the prompt cache, by the entry's time to live."""

    ephemeral_5m_input_tokens: int = 0
    ephemeral_1h_input_tokens: int = 0


class OutputTokensDetails(Model, frozen=True):
    """How much of the output was thinking."""

    thinking_tokens: int = 0


class ServerToolUsage(Model, frozen=True):
    """Requests that server tools made, in requests."""

    web_search_requests: int = 0
    web_fetch_requests: int = 0


class Usage(Model, frozen=True):
    """A reply's usage.

    The whole input is `input_tokens + cache_creation_input_tokens + cache_read_input_tokens`: see `total_input_tokens`.
    """

    input_tokens: int = 0
    output_tokens: int = 0
    cache_creation_input_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    cache_creation: CacheCreation | None = None
    output_tokens_details: OutputTokensDetails | None = None
    server_tool_use: ServerToolUsage | None = None
    service_tier: str | None = None
    inference_geo: str | None = None
    speed: str | None = None

    @property
    def total_input_tokens(self) -> int:
        """Every input token: read afresh, written to the cache and read from it."""
        figures = (self.input_tokens, self.cache_creation_input_tokens, self.cache_read_input_tokens)
        return sum(map(count, figures))

    @property
    def thinking_tokens(self) -> int:
        """Output tokens spent on thinking; 0 where the service does not say."""
        return count(getattr(self.output_tokens_details, "thinking_tokens", 0))
