"""OpenTelemetry: spans of calls, attempts, tools, runs and refreshes, and the metrics.

Strategy: a span begins and ends by what an observer hears, so nothing here knows of flows or streams.

    run                                   anthropic.messages.tool_runner
    ├── call ── attempt, attempt, ...     anthropic.messages.create ── POST, POST, ...
    └── tool ── (what the tool does)      anthropic.custom_tool_use NAME
    refresh                               keybearer.credentials.refresh, alone

A call's parent is its run, else what is current where the call is made. A tool's span is current while the tool runs, in its own
thread or task. Each attempt sends the trace context of its own span, as the program's propagator writes it.

Contract: each span ends once, also that of a call that was cancelled, cut or left. In a forked child, the spans of its parent's
calls are forgotten: the parent ends them. No header's value and no credential is in an attribute, and what was said is in one only
where `keybearer.observe.content` finds it asked for. Baggage is not sent: it is the program's own.
"""

from __future__ import annotations

import os
import time
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from opentelemetry import context as otel_context
from opentelemetry import metrics, propagate, trace
from opentelemetry.trace import SpanKind, Status, StatusCode

from keybearer._version import __version__
from keybearer.errors.sanitize import sanitize
from keybearer.observe import content
from keybearer.observe.attributes import (
    CHAT,
    COUNT,
    counted_attributes,
    description_of,
    error_type,
    message_attributes,
    operation_of,
    path_attributes,
    provider_of,
    request_attributes,
    url_attributes,
)
from keybearer.observe.metrics import Metrics
from keybearer.types import hooks
from keybearer.types import observing as seen

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.metrics import MeterProvider
    from opentelemetry.trace import Span, TracerProvider

__all__ = ["Spans"]

SCOPE: Final = "keybearer"
"""The name of the tracer and of the meter."""

NOT_SENT: Final = frozenset({"baggage"})
"""What a propagator writes and is not sent."""

LEFT: Final = "abandoned"
"""The `error.type` of a call whose stream was closed before its end, and of a tool that outlived its run."""


class _CallSpan:
    """A call under way."""

    __slots__ = ("attempt", "body", "context", "labels", "planned", "span", "started")

    def __init__(self, span: Span, context: Context, started: int, labels: dict[str, Any], body: Any) -> None:
        self.span, self.context, self.started, self.labels, self.body = span, context, started, labels, body
        self.attempt: Span | None = None
        self.planned = False  # the next attempt was announced


class _RunSpan:
    """A run under way, and the spans of its tools by the id of the call."""

    __slots__ = ("context", "span", "started", "tools")

    def __init__(self, span: Span, context: Context, started: int) -> None:
        self.span, self.context, self.started = span, context, started
        self.tools: dict[str, Span] = {}


class Spans:
    """What makes the spans, and has the metrics made.

    Args:
        tracer_provider: Gives the tracer; None for the program's own.
        meter_provider: Gives the meter; None for the program's own.
    """

    def __init__(
        self, tracer_provider: TracerProvider | None = None, meter_provider: MeterProvider | None = None
    ) -> None:
        self._tracer = trace.get_tracer(SCOPE, __version__, tracer_provider)
        self._metrics = Metrics(metrics.get_meter(SCOPE, __version__, meter_provider))
        self._calls: dict[str, _CallSpan] = {}
        self._runs: dict[str, _RunSpan] = {}
        self._refreshes: dict[str, Span] = {}
        _all.add(self)
        self._handlers: dict[type, Callable[[Any], None]] = {
            seen.CallStarted: self._call_started,
            seen.LimiterWaited: self._waited,
            hooks.RequestSent: self._sent,
            hooks.ResponseReceived: self._replied,
            seen.AttemptEnded: self._attempt_ended,
            hooks.RetryPlanned: self._retry,
            seen.ChunkReceived: self._chunk,
            hooks.UsageReported: self._metrics.used,
            seen.CallEnded: self._call_ended,
            seen.RunStarted: self._run_started,
            seen.ToolStarted: self._tool_started,
            seen.ToolEnded: self._tool_ended,
            seen.RunEnded: self._run_ended,
            seen.RefreshStarted: self._refresh_started,
            seen.RefreshEnded: self._refresh_ended,
        }

    def observe(self, event: seen.Observed, /) -> None:
        """Begin or end a span, or record a figure."""
        handler = self._handlers.get(type(event))
        if handler is not None:
            handler(event)

    def forget(self) -> None:
        """Forget what is under way, in a forked child."""
        self._calls.clear()
        self._runs.clear()
        self._refreshes.clear()

    # ── calls ────────────────────────────────────────────────────────────────

    def _call_started(self, event: seen.CallStarted) -> None:
        operation = operation_of(event.method, event.url)
        run = self._runs.get(event.run_id)
        parent = otel_context.get_current() if run is None else run.context
        place = url_attributes(event.url)
        chat = operation.name == CHAT
        labels: dict[str, Any] = {
            "gen_ai.operation.name": "chat" if chat else operation.name,
            "gen_ai.provider.name": provider_of(event.provider),
            "server.address": place["server.address"],
            "server.port": place["server.port"],
        }
        attributes: dict[str, Any] = {**place, **path_attributes(operation, event.url)}
        attributes |= {"gen_ai.provider.name": labels["gen_ai.provider.name"]}
        attributes["http.request.method"] = event.method
        attributes["keybearer.call.id"] = event.call_id
        if operation.route is not None:
            attributes["http.route"] = operation.route
        if event.provider:
            attributes["keybearer.provider"] = event.provider
        if event.betas:
            attributes["anthropic.beta"] = event.betas
        body = event.body() if operation.name.startswith("messages.") else None
        if chat:
            attributes |= {"gen_ai.operation.name": "chat"} | request_attributes(body)
            if event.stream:
                attributes["gen_ai.request.stream"] = True
        elif operation.name == COUNT:
            attributes |= {"gen_ai.request.model": body["model"]} if isinstance(body, dict) and "model" in body else {}
        if "gen_ai.request.model" in attributes:
            labels["gen_ai.request.model"] = attributes["gen_ai.request.model"]
        started = time.time_ns()
        name = f"anthropic.{operation.name}"
        span = self._tracer.start_span(name, parent, SpanKind.CLIENT, attributes, start_time=started)
        kept = body if chat and span.is_recording() and content.wanted() else None
        self._calls[event.call_id] = _CallSpan(span, trace.set_span_in_context(span, parent), started, labels, kept)

    def _waited(self, event: seen.LimiterWaited) -> None:
        self._metrics.waits.record(event.seconds, {"keybearer.limiter": event.limiter})
        if (call := self._calls.get(event.call_id)) is not None:
            waited: dict[str, Any] = {"keybearer.limiter": event.limiter, "keybearer.wait.seconds": event.seconds}
            call.span.add_event("keybearer.limiter.wait", waited)

    def _sent(self, event: hooks.RequestSent) -> None:
        if (call := self._calls.get(event.call_id)) is None:
            return
        if event.attempt > 1 and not call.planned:  # after a refusal, with another credential
            self._again(call, {"error.type": "authentication_error", "http.request.resend_count": event.attempt - 1})
        call.planned = False
        attributes: dict[str, Any] = {**url_attributes(event.url), "http.request.method": event.method}
        attributes["http.request.body.size"] = event.size
        attributes["keybearer.credential.source"] = sanitize(event.source, 200)
        if event.attempt > 1:
            attributes["http.request.resend_count"] = event.attempt - 1
        call.attempt = self._tracer.start_span(event.method, call.context, SpanKind.CLIENT, attributes)
        carrier: dict[str, str] = {}
        propagate.inject(carrier, trace.set_span_in_context(call.attempt, call.context))
        event.headers.update({name: value for name, value in carrier.items() if name.lower() not in NOT_SENT})

    def _replied(self, event: hooks.ResponseReceived) -> None:
        if (call := self._calls.get(event.call_id)) is None:
            return
        ids = {
            "anthropic.request.id": event.request_id,
            "anthropic.organization.id": event.organization,
            "anthropic.workspace.id": event.workspace,
        }
        attributes: dict[str, Any] = {name: sanitize(value, 200) for name, value in ids.items() if value}
        attributes["http.response.status_code"] = event.status
        for span in (call.span, call.attempt):
            if span is not None:
                span.set_attributes(attributes)

    def _attempt_ended(self, event: seen.AttemptEnded) -> None:
        if (call := self._calls.get(event.call_id)) is not None and call.attempt is not None:
            span, call.attempt = call.attempt, None
            _end(span, event.error)

    def _retry(self, event: hooks.RetryPlanned) -> None:
        if (call := self._calls.get(event.call_id)) is None:
            return
        call.planned = True
        attributes: dict[str, Any] = {
            "error.type": error_type(event.error),
            "http.request.resend_count": event.attempt,
            "keybearer.retry.delay": event.delay,
        }
        if (described := description_of(event.error)) is not None:
            attributes["keybearer.retry.reason"] = described
        if event.model:
            attributes["keybearer.retry.model"] = event.model
        self._again(call, attributes)

    def _again(self, call: _CallSpan, attributes: dict[str, Any]) -> None:
        call.span.add_event("keybearer.retry", attributes)
        self._metrics.retries.add(1, {**call.labels, "error.type": attributes["error.type"]})

    def _chunk(self, event: seen.ChunkReceived) -> None:
        if (call := self._calls.get(event.call_id)) is None:
            return
        if event.number == 1:
            call.span.set_attribute("gen_ai.response.time_to_first_chunk", event.seconds)
            self._metrics.first_chunk.record(event.seconds, call.labels)
        else:
            self._metrics.next_chunk.record(event.seconds, call.labels)

    def _call_ended(self, event: seen.CallEnded) -> None:
        if (call := self._calls.pop(event.call_id, None)) is None:
            return
        labels, ended = call.labels, call.started + int(event.seconds * 1e9)
        left = event.error is None and not event.complete
        if call.attempt is not None:
            _end(call.attempt, event.error, left=left, at=ended)
        if event.attempts > 1:
            call.span.set_attribute("http.request.resend_count", event.attempts - 1)
        if event.message is not None:
            call.span.set_attributes(message_attributes(event.message, complete=event.complete))
            labels["gen_ai.response.model"] = event.message.model
        elif event.answer is not None and labels["gen_ai.operation.name"] == COUNT and call.span.is_recording():
            call.span.set_attributes(counted_attributes(event.answer()))
        if call.body is not None:
            said = content.message_content(call.body, None if event.message is None else event.message.content)
            call.span.set_attributes(said)
        if event.error is not None or left:
            labels["error.type"] = LEFT if event.error is None else error_type(event.error)
        _end(call.span, event.error, left=left, at=ended)
        self._metrics.duration.record(event.seconds, labels)

    # ── runs and tools ───────────────────────────────────────────────────────

    def _run_started(self, event: seen.RunStarted) -> None:
        attributes: dict[str, Any] = {
            "gen_ai.operation.name": "invoke_agent",
            "gen_ai.provider.name": "anthropic",
            "keybearer.run.id": event.run_id,
            "keybearer.run.tools": event.tools,
        }
        if event.model:
            attributes["gen_ai.request.model"] = event.model
        parent, started = otel_context.get_current(), time.time_ns()
        name = "anthropic.messages.tool_runner"
        span = self._tracer.start_span(name, parent, SpanKind.INTERNAL, attributes, start_time=started)
        self._runs[event.run_id] = _RunSpan(span, trace.set_span_in_context(span, parent), started)

    def _tool_started(self, event: seen.ToolStarted) -> None:
        if (run := self._runs.get(event.run_id)) is None:
            return
        kind = "mcp_tool_use" if event.mcp else "custom_tool_use"
        attributes: dict[str, Any] = {
            "gen_ai.operation.name": "execute_tool",
            "gen_ai.provider.name": "anthropic",
            "gen_ai.tool.name": event.call.name,
            "gen_ai.tool.call.id": event.call.id,
            "gen_ai.tool.type": "function",
            "keybearer.run.id": event.run_id,
            "keybearer.run.turn": event.call.turn,
        }
        if event.description:
            attributes["gen_ai.tool.description"] = event.description
        name = f"anthropic.{kind} {event.call.name}"
        span = self._tracer.start_span(name, run.context, SpanKind.INTERNAL, attributes)
        run.tools[event.call.id] = span
        # The tool has its thread or its task to itself, so nobody else sees this context, and nothing has to take it back.
        otel_context.attach(trace.set_span_in_context(span, run.context))

    def _tool_ended(self, event: seen.ToolEnded) -> None:
        run = self._runs.get(event.run_id)
        span = None if run is None else run.tools.pop(event.call.id, None)
        outcome = event.outcome
        labels: dict[str, Any] = {"gen_ai.tool.name": event.call.name}
        if span is not None and content.wanted():
            span.set_attributes(content.tool_content(event.call.input, None if outcome is None else outcome.content))
        if outcome is not None and outcome.is_error:
            labels["error.type"] = "tool_error"
            if span is not None:
                span.set_attribute("error.type", "tool_error")
                span.set_status(Status(StatusCode.ERROR))
                span.end()
        elif span is not None:
            _end(span, event.error)
        if event.error is not None:
            labels["error.type"] = error_type(event.error)
        self._metrics.tool_duration.record(event.seconds, labels)

    def _run_ended(self, event: seen.RunEnded) -> None:
        if (run := self._runs.pop(event.run_id, None)) is None:
            return
        while run.tools:  # a tool that was given up may be at work for as long as it likes
            _end(run.tools.popitem()[1], None, left=True)
        run.span.set_attribute("keybearer.run.ended", event.why)
        if event.result is not None:
            run.span.set_attribute("keybearer.run.requests", event.result.usage.requests)
            cost = event.result.cost
            if not cost.unknown:
                run.span.set_attribute("keybearer.cost.usd", float(cost.known))
        left = event.result is None and event.error is None
        _end(run.span, event.error, left=left, at=run.started + int(event.seconds * 1e9))

    # ── refreshes ────────────────────────────────────────────────────────────

    def _refresh_started(self, event: seen.RefreshStarted) -> None:
        attributes = {"keybearer.credential.source": sanitize(event.login, 200)}
        nobody = otel_context.Context()  # it runs for whoever needs the token
        name = "keybearer.credentials.refresh"
        span = self._tracer.start_span(name, nobody, SpanKind.INTERNAL, attributes)
        self._refreshes[event.refresh_id] = span

    def _refresh_ended(self, event: seen.RefreshEnded) -> None:
        span = self._refreshes.pop(event.refresh_id, None)
        failed = {} if event.error is None else {"error.type": error_type(event.error)}
        self._metrics.refreshes.add(1, failed)
        if span is not None:
            _end(span, event.error)


def _end(span: Span, error: BaseException | None, *, left: bool = False, at: int | None = None) -> None:
    """End a span.

    Args:
        span: The span.
        error: What ended it; a cancellation leaves the status unset, for nothing failed.
        left: Whether it was left before its end.
        at: When it ended, in nanoseconds since the epoch; None for now.
    """
    if error is not None:
        span.set_attribute("error.type", error_type(error))
        if isinstance(error, Exception):
            span.set_status(Status(StatusCode.ERROR, description_of(error)))
    elif left:
        span.set_attribute("error.type", LEFT)
    else:
        span.set_status(Status(StatusCode.OK))
    span.end(at)


_all: Final[weakref.WeakSet[Spans]] = weakref.WeakSet()
"""Every one in this process."""


def _after_fork() -> None:
    for spans in list(_all):
        spans.forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
