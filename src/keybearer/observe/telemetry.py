"""`Telemetry`, the observer that a program may make itself; OpenTelemetry is imported when it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from keybearer.errors import UsageError

if TYPE_CHECKING:
    from opentelemetry.metrics import MeterProvider
    from opentelemetry.trace import TracerProvider

    from keybearer.types.observing import Observed

__all__ = ["Telemetry"]


class Telemetry:
    """An observer that makes spans and metrics of OpenTelemetry.

    A client has one by itself once the program has set a provider. Give it one to choose the providers.

    Args:
        tracer_provider: Gives the tracer; None for the program's own.
        meter_provider: Gives the meter; None for the program's own.

    Raises:
        UsageError: OpenTelemetry's API is not installed; the extra `otel` has it.

    Attributes:
        is_telemetry: Always true: a client that has one makes no other.

    Example:
        >>> from opentelemetry.trace import NoOpTracerProvider
        >>> client = Client(api_key="sk-ant-example", observers=[Telemetry(NoOpTracerProvider())])
        >>> client.close()
    """

    is_telemetry: Final = True

    def __init__(
        self, tracer_provider: TracerProvider | None = None, meter_provider: MeterProvider | None = None
    ) -> None:
        try:
            from keybearer.observe.spans import Spans
        except ImportError as error:
            raise UsageError(
                f"Telemetry needs {error.name}, which is not installed.",
                hint="Install the extra keybearer[otel], or opentelemetry-api.",
            ) from None
        self._spans = Spans(tracer_provider, meter_provider)

    def observe(self, event: Observed, /) -> None:
        """Begin or end a span, or record a figure."""
        self._spans.observe(event)
