"""The spans: of calls and attempts, runs and tools and refreshes, each ended once, however it ends."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import socket
import threading
from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.trace import SpanKind, StatusCode

from keybearer import Client, Telemetry, ToolResultEvent, tool
from keybearer import errors as e
from keybearer.policy.retry import RetryPolicy
from keybearer.simulator import Simulator
from keybearer.types import hooks
from keybearer.types import observing as seen
from support.telemetry import ASK, CREATE, Recorder, attributes, is_child

SOON = RetryPolicy(min_delay=0.001, max_delay=0.002)


@pytest.fixture
def recorder() -> Recorder:
    """A telemetry that keeps all in memory."""
    return Recorder()


def test_a_call_is_a_span_and_its_attempt_another(sim: Simulator, recorder: Recorder) -> None:
    """The call's span has the model, the tokens and the request's id; the attempt's is its child."""
    with recorder.client(sim) as client:
        message = client.messages.create(**ASK)
    call, attempt = recorder.only(CREATE), recorder.only("POST")
    assert is_child(attempt, call)
    assert (call.kind, call.status.status_code) == (SpanKind.CLIENT, StatusCode.OK)
    said = attributes(call)
    assert said["gen_ai.operation.name"] == "chat"
    assert said["gen_ai.request.model"] == "claude-haiku-4-5"
    assert said["gen_ai.response.id"] == message.id
    assert said["gen_ai.usage.output_tokens"] == message.usage.output_tokens
    assert said["anthropic.request.id"] == attributes(attempt)["anthropic.request.id"] == message.request_id
    assert said["http.response.status_code"] == 200
    assert "one two three" not in str(said)


def test_the_input_tokens_include_the_cached_ones(sim: Simulator, recorder: Recorder) -> None:
    """`gen_ai.usage.input_tokens` is what was sent: fresh tokens, those written to the cache, and those read from it."""
    text = "Some rules. " * 3000
    system = [{"type": "text", "text": text, "cache_control": {"type": "ephemeral"}}]
    with recorder.client(sim) as client:
        usages = [client.messages.create(**ASK, system=system).usage for _ in range(2)]
    first, second = (attributes(span) for span in recorder.named(CREATE))
    assert (usages[0].cache_creation_input_tokens or 0) > 1000
    assert first["gen_ai.usage.input_tokens"] == usages[0].total_input_tokens
    assert second["gen_ai.usage.input_tokens"] == usages[1].total_input_tokens
    assert second["gen_ai.usage.cache_read.input_tokens"] == usages[1].cache_read_input_tokens
    assert second["keybearer.cache.share"] > 0.9


def test_each_attempt_sends_the_context_of_its_own_span(sim: Simulator, recorder: Recorder) -> None:
    """`traceparent` (W3C) has the trace's id and the attempt's, also of a stream; baggage is not sent."""
    from opentelemetry import baggage, context

    sim.fail("error", status=529, times=1)
    token = context.attach(baggage.set_baggage("user", "somebody"))
    try:
        with recorder.client(sim, retry=SOON) as client:
            client.messages.create(**ASK)
            with client.messages.stream(**ASK) as stream:
                stream.until_done()
    finally:
        context.detach(token)
    spans = [span.get_span_context() for span in recorder.named("POST")]
    wanted = [f"00-{span.trace_id:032x}-{span.span_id:016x}" for span in spans if span]
    assert [request.headers.get("traceparent", "")[:-3] for request in sim.requests] == wanted
    assert len(wanted) == 3
    assert not any("baggage" in request.headers for request in sim.requests)


def test_a_header_of_the_caller_s_wins(sim: Simulator, recorder: Recorder) -> None:
    """Who sends a `traceparent` of their own has it sent as it is."""
    own = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"
    with recorder.client(sim) as client:
        client.messages.create(**ASK, extra_headers={"traceparent": own})
    assert sim.requests[-1].headers["traceparent"] == own


def test_what_was_retried_is_an_event_with_its_reason(sim: Simulator, recorder: Recorder) -> None:
    """The call's span says why and after which wait; each attempt's has its own status."""
    sim.fail("error", status=529, times=2)
    with recorder.client(sim, retry=SOON) as client:
        client.messages.create(**ASK)
    call = recorder.only(CREATE)
    events = [dict(event.attributes or {}) for event in call.events if event.name == "keybearer.retry"]
    assert [event["error.type"] for event in events] == ["overloaded_error"] * 2
    assert "529" in str(events[0]["keybearer.retry.reason"])
    assert all(0 < event["keybearer.retry.delay"] < 1 for event in events)  # type: ignore[operator] # a number
    assert attributes(call)["http.request.resend_count"] == 2
    assert [span.status.status_code for span in recorder.named("POST")] == [StatusCode.ERROR] * 2 + [StatusCode.OK]


def test_a_failed_call_has_its_error_s_type(sim: Simulator, recorder: Recorder) -> None:
    """The API's own name of the error, and a message without secrets."""
    sim.fail("error", status=500, times=99)
    with recorder.client(sim, retry=SOON, max_retries=1) as client, pytest.raises(e.ServerError):
        client.messages.create(**ASK)
    call = recorder.only(CREATE)
    assert call.status.status_code is StatusCode.ERROR
    assert attributes(call)["error.type"] == "api_error"
    assert sim.api_key not in str([dict(attributes(span)) for span in recorder.spans])


def test_the_parent_is_what_is_current_at_the_caller_s(sim: Simulator, recorder: Recorder) -> None:
    """In threads and in tasks at once, each call is a child of its own caller's span."""
    tracer = recorder.tracers.get_tracer("a test")
    with recorder.client(sim) as client:

        def one(name: str) -> None:
            with tracer.start_as_current_span(name):
                client.messages.create(**ASK)

        threads = [threading.Thread(target=one, args=(f"thread {n}",)) for n in range(5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    async def go() -> None:
        async with recorder.awaited(sim) as awaited:

            async def ask(name: str) -> None:
                with tracer.start_as_current_span(name):
                    await awaited.messages.create(**ASK)

            await asyncio.gather(*(ask(f"task {n}") for n in range(5)))

    asyncio.run(go())
    calls, outer = recorder.named(CREATE), [span for span in recorder.spans if span.name.startswith(("thread", "task"))]
    assert len(calls) == len(outer) == 10
    assert all(sum(is_child(call, of=each) for call in calls) == 1 for each in outer)


def test_a_stream_s_span_ends_with_the_stream(sim: Simulator, recorder: Recorder) -> None:
    """Not when it is opened, and not when it is garbage: when its last event was read."""
    with recorder.client(sim) as client:
        stream = client.messages.create(**ASK, stream=True)
        assert recorder.named(CREATE) == []
        for _ in stream:
            pass
        call = recorder.only(CREATE)
    assert call.status.status_code is StatusCode.OK
    assert attributes(call)["gen_ai.request.stream"] is True
    assert attributes(call)["gen_ai.response.time_to_first_chunk"] > 0
    assert attributes(call)["anthropic.message.stop_reason"] == "end_turn"


@pytest.mark.parametrize("leave", ["close", "forget"])
def test_a_stream_that_is_left_ends_its_span_once(sim: Simulator, recorder: Recorder, leave: str) -> None:
    """A closed stream's span ends at once; one that was forgotten ends with the client, at the time when it was garbage."""
    with recorder.client(sim) as client:
        stream = client.messages.create(**ASK, stream=True)
        next(stream)
        if leave == "close":
            stream.close()
            stream.close()
            assert len(recorder.named(CREATE)) == 1
        del stream
        gc.collect()
    call = recorder.only(CREATE)
    assert attributes(call)["error.type"] == "abandoned"
    assert call.status.status_code is StatusCode.UNSET
    assert "gen_ai.usage.output_tokens" not in attributes(call)


@pytest.mark.parametrize(("fault", "kind"), [("cut", "connection_error"), ("stream_error", "overloaded_error")])
def test_a_stream_that_is_cut_has_its_error(sim: Simulator, recorder: Recorder, fault: str, kind: str) -> None:
    """An error inside a stream fails the call's span, though its status was 200."""
    sim.fail(fault, times=1, after_events=4)
    with recorder.client(sim) as client, pytest.raises(e.StreamError):
        with client.messages.stream(**ASK) as stream:
            stream.until_done()
    call = recorder.only(CREATE)
    assert (call.status.status_code, attributes(call)["error.type"]) == (StatusCode.ERROR, kind)
    assert attributes(call)["http.response.status_code"] == 200


def test_a_call_that_is_cancelled_ends_its_spans(sim: Simulator, recorder: Recorder) -> None:
    """A hundred at once, cancelled in the middle: each span ends, once, and says that it was cancelled."""
    sim.fail("stall", times=5000, seconds=30)

    async def go() -> None:
        async with recorder.awaited(sim) as client:
            tasks = [asyncio.create_task(client.messages.create(**ASK)) for _ in range(100)]
            while len(sim.requests) < 5:  # noqa: ASYNC110 - the simulator sets no event
                await asyncio.sleep(0.005)
            for task in tasks:
                task.cancel()
            assert {type(each) for each in await asyncio.gather(*tasks, return_exceptions=True)} == {
                asyncio.CancelledError
            }

    asyncio.run(go())
    calls = recorder.named(CREATE)
    assert len(calls) == 100
    assert {attributes(span).get("error.type") for span in recorder.spans} == {"cancelled"}
    assert {span.status.status_code for span in recorder.spans} == {StatusCode.UNSET}


def test_a_run_holds_its_calls_and_its_tools(sim: Simulator, recorder: Recorder) -> None:
    """The calls and the tools are children of the run; what a tool does is a child of the tool, in either client."""
    tracer = recorder.tracers.get_tracer("a test")

    @tool
    def add(a: int, b: int) -> int:
        """Add two numbers."""
        with tracer.start_as_current_span(f"inside {a}"):
            return a + b

    params: Any = {"max_tokens": 300, "messages": [{"role": "user", "content": "Add 12 and 30 with the tool."}]}
    with recorder.client(sim) as client, tracer.start_as_current_span("caller"):
        client.messages.run(tools=[add], **params)

    async def go() -> None:
        async with recorder.awaited(sim) as awaited:
            async with awaited.messages.run_stream(tools=[add], **params) as run:
                await run.until_done()

    asyncio.run(go())
    runs, tools = recorder.named("anthropic.messages.tool_runner"), recorder.named("anthropic.custom_tool_use add")
    assert len(runs) == len(tools) == 2
    for run, used in zip(runs, tools, strict=True):
        assert is_child(used, run)
        assert sum(is_child(call, run) for call in recorder.named(CREATE)) == 2
        assert sum(is_child(inside, used) for inside in recorder.named("inside 12")) == 1
        assert attributes(used)["gen_ai.tool.name"] == "add"
        assert attributes(run)["keybearer.run.ended"] == "end_turn"
    assert is_child(runs[0], recorder.only("caller"))
    assert runs[1].parent is None
    assert trace.get_current_span() is trace.INVALID_SPAN


def test_a_tool_that_fails_and_a_run_that_is_left(sim: Simulator, recorder: Recorder) -> None:
    """A tool's error is `tool_error`, without what it raised; a run that is stopped ends its span."""

    @tool
    def add(a: int, b: int) -> int:
        """Add two numbers."""
        raise RuntimeError(f"a secret of the program: {a} {b}")

    params: Any = {"max_tokens": 300, "messages": [{"role": "user", "content": "Add 12 and 30 with the tool."}]}
    failures: list[Any] = []
    with recorder.client(sim) as client:
        with client.messages.run_stream(tools=[add], on_tool_error=failures.append, **params) as run:
            for event in run:
                if isinstance(event, ToolResultEvent):
                    break
        (stopped,) = recorder.named("anthropic.messages.tool_runner")
    used = recorder.only("anthropic.custom_tool_use add")
    assert (used.status.status_code, attributes(used)["error.type"]) == (StatusCode.ERROR, "tool_error")
    assert attributes(stopped)["keybearer.run.ended"] == "stopped"
    assert "secret" not in str([(dict(attributes(span)), span.status.description) for span in recorder.spans])


def test_content_is_there_where_the_standard_variable_asks_for_it(
    sim: Simulator, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of a prompt or an answer by default; with SPAN_ONLY both, in the conventions' shape."""
    with recorder.client(sim) as client:
        client.messages.create(**ASK)
        monkeypatch.setenv("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "SPAN_ONLY")
        client.messages.create(**ASK)
    without, with_it = (attributes(span) for span in recorder.named(CREATE))
    assert "one two three" not in str(dict(without))
    assert with_it["gen_ai.input.messages"] == (
        '[{"role": "user", "parts": [{"type": "text", "content": "Say \\"one two three\\""}]}]'
    )
    assert '"content": "one two three"' in with_it["gen_ai.output.messages"]


def test_other_calls_have_the_sdk_s_names(sim: Simulator, recorder: Recorder) -> None:
    """A path's ids are places in the route, and the query is no attribute."""
    with recorder.client(sim) as client:
        client.models.list(limit=1)
        client.models.retrieve("claude-haiku-4-5")
        client.messages.count_tokens(messages=ASK["messages"])
    first, second, third = (span for span in recorder.spans if span.name.startswith("anthropic"))
    assert (first.name, attributes(first)["url.full"]) == ("anthropic.models.list", f"{sim.base_url}/v1/models")
    assert (second.name, attributes(second)["http.route"]) == ("anthropic.models.retrieve", "/v1/models/{model_id}")
    assert third.name == "anthropic.messages.count_tokens"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_forked_child_ends_no_span_of_its_parent_s(recorder: Recorder) -> None:
    """What was under way is forgotten there, so that each span ends in one process."""
    started = seen.CallStarted(
        call_id="call_1", method="POST", url="http://h/v1/messages", betas=(), stream=True, body=dict
    )
    recorder.telemetry.observe(started)
    recorder.telemetry._spans.forget()
    recorder.telemetry.observe(seen.CallEnded(call_id="call_1", seconds=1.0))
    assert recorder.spans == []


def test_events_of_calls_that_are_not_known_do_nothing(recorder: Recorder) -> None:
    """An observer that was added late, or whose process was forked, hears of calls that it has not seen begin."""
    error = e.UsageError("no")
    for event in (
        seen.CallEnded(call_id="x", seconds=1.0),
        seen.AttemptEnded(call_id="x", attempt=1, seconds=1.0),
        seen.ChunkReceived(call_id="x", number=1, seconds=1.0),
        seen.LimiterWaited(call_id="x", limiter="rate", seconds=1.0),
        seen.RunEnded(run_id="x", seconds=1.0, why="end_turn"),
        seen.RefreshEnded(refresh_id="x", login="l", seconds=1.0),
        hooks.RetryPlanned(error=error, attempt=1, delay=1.0, call_id="x"),
        hooks.RequestSent(method="POST", url="http://h/", attempt=1, source="s", size=1, call_id="x"),
    ):
        recorder.telemetry.observe(event)
    assert recorder.spans == []


def test_a_broken_exporter_breaks_no_call(sim: Simulator, caplog: pytest.LogCaptureFixture) -> None:
    """What the telemetry raises is logged once, and the calls go on."""

    class Broken(Telemetry):
        def observe(self, event: Any, /) -> None:
            raise RuntimeError(f"the collector is gone, no {event}")

    with caplog.at_level(logging.ERROR, "keybearer"), contextlib.ExitStack() as stack:
        client = stack.enter_context(
            Client(api_key=sim.api_key, base_url=sim.base_url, model="claude-haiku-4-5", observers=[Broken()])
        )
        assert client.messages.create(**ASK).text == client.messages.create(**ASK).text == "one two three"
    assert [record.message.partition(";")[0] for record in caplog.records] == ["an observer failed"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_fork_in_the_middle_of_a_stream(sim: Simulator, recorder: Recorder) -> None:
    """The child, which has the stream's object too, ends no span of its parent's, and makes those of its own calls."""
    import signal
    import warnings

    with recorder.client(sim) as client:
        stream = client.messages.create(**ASK, stream=True)
        next(stream)
        read, write = os.pipe()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # threads and fork: that is what is tested
            child = os.fork()
        if child == 0:
            signal.alarm(30)
            with contextlib.suppress(BaseException):
                del stream
                gc.collect()
                client.models.list()
                os.write(write, " ".join(span.name for span in recorder.spans).encode())
            os._exit(0)
        os.close(write)
        with os.fdopen(read, "rb") as pipe:
            names = pipe.read().decode()
        os.waitpid(child, 0)
        assert names.split() == ["POST", "GET", "anthropic.models.list"]  # the attempt had ended before the fork
        stream.close()
        assert attributes(recorder.only(CREATE))["error.type"] == "abandoned"


@pytest.mark.parametrize("how", ["read", "closed", "left"])
def test_a_download_s_span_ends_with_its_body(sim: Simulator, recorder: Recorder, how: str) -> None:
    """When it was read, closed or left, once each."""
    made = sim.add_file("notes.txt", b"x" * 3_000_000)
    with recorder.client(sim) as client:
        file = client.files.download(made["id"])
        assert recorder.named("anthropic.files.download") == []
        if how == "read":
            assert len(file.read()) == 3_000_000
        elif how == "closed":
            file.close()
        del file
        gc.collect()
    span = recorder.only("anthropic.files.download")
    assert attributes(span).get("error.type") == (None if how == "read" else "abandoned")
    assert attributes(span)["anthropic.file.id"] == made["id"]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # Python says that the sockets were left
def test_streams_that_are_left_in_many_threads_end_once_each(sim: Simulator, recorder: Recorder) -> None:
    """Finalizers run in any thread at any time; each span is there once when the client is closed."""
    with recorder.client(sim) as client:

        def leave() -> None:
            for _ in range(3):
                next(client.messages.create(**ASK, stream=True))

        threads = [threading.Thread(target=leave) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        gc.collect()
    assert len(recorder.named(CREATE)) == len(recorder.named("POST")) == 24
    assert {attributes(span)["error.type"] for span in recorder.named(CREATE)} == {"abandoned"}


def test_a_proxy_does_not_learn_the_trace(sim: Simulator, recorder: Recorder) -> None:
    """The CONNECT to a proxy has no `traceparent`: that goes to the request's own host, inside the tunnel."""
    heads: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as proxy:

        def refuse() -> None:
            connection, _ = proxy.accept()
            with connection:
                heads.append(connection.recv(65536))
                connection.sendall(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n")

        thread = threading.Thread(target=refuse)
        thread.start()
        url = f"http://127.0.0.1:{proxy.getsockname()[1]}"
        with recorder.client(sim, base_url="https://api.example.invalid", proxy=url, max_retries=0) as client:
            with pytest.raises(e.TransportError):
                client.messages.create(**ASK)
        thread.join(10)
    assert heads[0].startswith(b"CONNECT api.example.invalid:443")
    assert b"traceparent" not in heads[0].lower()
    assert attributes(recorder.only(CREATE))["error.type"] == "connection_error"
