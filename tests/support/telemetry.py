"""What a client's telemetry has made: spans and metrics, in memory, as OpenTelemetry's own SDK records them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from keybearer import AsyncClient, Client, Telemetry
from keybearer.simulator import Simulator

CREATE = "anthropic.messages.create"

ASK: dict[str, Any] = {"max_tokens": 100, "messages": [{"role": "user", "content": 'Say "one two three"'}]}


class Recorder:
    """Providers of the SDK that keep all in memory, and the telemetry over them."""

    def __init__(self) -> None:
        self._spans, self._reader = InMemorySpanExporter(), InMemoryMetricReader()
        self.tracers = TracerProvider(shutdown_on_exit=False)
        self.tracers.add_span_processor(SimpleSpanProcessor(self._spans))
        self.meters = MeterProvider([self._reader], shutdown_on_exit=False)
        self.telemetry = Telemetry(self.tracers, self.meters)

    @property
    def spans(self) -> list[ReadableSpan]:
        """The spans that have ended, in that order."""
        return list(self._spans.get_finished_spans())

    def named(self, name: str) -> list[ReadableSpan]:
        """Return the spans of one name."""
        return [span for span in self.spans if span.name == name]

    def only(self, name: str) -> ReadableSpan:
        """Return the one span of a name."""
        (span,) = self.named(name)
        return span

    def points(self, name: str) -> list[Any]:
        """Return the data points of a metric."""
        data: Any = self._reader.get_metrics_data()
        scopes = [scope for resource in data.resource_metrics for scope in resource.scope_metrics] if data else []
        return [
            p for scope in scopes for metric in scope.metrics if metric.name == name for p in metric.data.data_points
        ]

    def client(self, sim: Simulator, **options: Any) -> Client:
        """Return a client of the simulator that is observed."""
        return Client(**self._options(sim, options))

    def awaited(self, sim: Simulator, **options: Any) -> AsyncClient:
        """Return an async client of the simulator that is observed."""
        return AsyncClient(**self._options(sim, options))

    def _options(self, sim: Simulator, options: dict[str, Any]) -> Any:
        given = {"api_key": sim.api_key, "base_url": sim.base_url, "model": "claude-haiku-4-5"}
        return {**given, "observers": [self.telemetry], **options}


def attributes(span: ReadableSpan) -> Mapping[str, Any]:
    """Return a span's attributes."""
    return span.attributes or {}


def is_child(span: ReadableSpan, of: ReadableSpan) -> bool:
    """Return whether one span is the parent of another."""
    context = of.get_span_context()
    return span.parent is not None and context is not None and span.parent.span_id == context.span_id
