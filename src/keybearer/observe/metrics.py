"""The metrics: one instrument for each figure, by the conventions' names where they have one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from keybearer.observe.attributes import cache_share, provider_of
from keybearer.types.hooks import UsageReported
from keybearer.types.usage import count

if TYPE_CHECKING:
    from opentelemetry.metrics import Meter

__all__ = ["Metrics"]

SECONDS: Final = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92)
"""The buckets of a call's duration and of waits, as the conventions advise them."""

CHUNK_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 10.0)
"""The buckets of what is between two chunks, and before the first."""

TOKENS: Final = tuple(4**n for n in range(14))
"""The buckets of token counts, as the conventions advise them: 1 to 67,108,864."""

SHARES: Final = tuple(n / 10 for n in range(11))
"""The buckets of a share."""


class Metrics:
    """The instruments.

    Args:
        meter: Makes them.
    """

    def __init__(self, meter: Meter) -> None:
        def histogram(name: str, unit: str, description: str, buckets: tuple[float, ...]) -> Any:
            return meter.create_histogram(
                name, unit=unit, description=description, explicit_bucket_boundaries_advisory=buckets
            )

        self._tokens = histogram(
            "gen_ai.client.token.usage", "{token}", "Number of input and output tokens used.", TOKENS
        )
        self.duration = histogram("gen_ai.client.operation.duration", "s", "GenAI operation duration.", SECONDS)
        self.first_chunk = histogram(
            "gen_ai.client.operation.time_to_first_chunk", "s", "Time to receive the first chunk.", CHUNK_SECONDS
        )
        self.next_chunk = histogram(
            "gen_ai.client.operation.time_per_output_chunk",
            "s",
            "Time per output chunk, after the first.",
            CHUNK_SECONDS,
        )
        self._cost = meter.create_counter("keybearer.client.cost", unit="USD", description="What messages cost.")
        self._unpriced = meter.create_counter(
            "keybearer.client.cost.unknown",
            unit="{message}",
            description="Messages whose cost is not known, or not all of it.",
        )
        self._share = histogram(
            "keybearer.client.cache.share",
            "1",
            "Share of the input tokens that was read from the prompt cache.",
            SHARES,
        )
        self.waits = histogram("keybearer.client.limiter.wait", "s", "How long calls waited for their turn.", SECONDS)
        self.retries = meter.create_counter(
            "keybearer.client.retries", unit="{retry}", description="Attempts that were made again."
        )
        self.tool_duration = histogram("keybearer.client.tool.duration", "s", "How long tools ran.", SECONDS)
        self.refreshes = meter.create_counter(
            "keybearer.client.refreshes", unit="{refresh}", description="Refreshes of logins."
        )

    def used(self, report: UsageReported) -> None:
        """Count the tokens and the dollars of a message."""
        labels: dict[str, Any] = {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": provider_of(report.provider),
            "gen_ai.response.model": report.model,
        }
        usage = report.usage
        if (inputs := usage.total_input_tokens) is not None:
            self._tokens.record(inputs, {**labels, "gen_ai.token.type": "input"})
        if report.complete and (outputs := count(usage.output_tokens)) is not None:
            self._tokens.record(outputs, {**labels, "gen_ai.token.type": "output"})
        if (share := cache_share(usage)) is not None:
            self._share.record(share, labels)
        if not report.refused:
            self._spent(report, labels)

    def _spent(self, report: UsageReported, labels: Mapping[str, Any]) -> None:
        cost = report.cost
        if (dollars := float(cost.known)) > 0:
            self._cost.add(dollars, labels)
        if cost.unknown:
            self._unpriced.add(1, labels)
