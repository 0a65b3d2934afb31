"""The metrics: tokens, dollars, times, waits and retries, by the conventions' names."""

from __future__ import annotations

from typing import Any

import pytest

from keybearer import tool
from keybearer.policy.retry import RetryPolicy
from keybearer.simulator import Simulator
from keybearer.types import observing as seen
from support.telemetry import ASK, Recorder

LONG: Any = {"max_tokens": 300, "messages": [{"role": "user", "content": "Write 60 words"}]}


@pytest.fixture
def recorder() -> Recorder:
    """A telemetry that keeps all in memory."""
    return Recorder()


def test_the_figures_of_a_message(sim: Simulator, recorder: Recorder) -> None:
    """Input tokens with the cached ones, output tokens, dollars as the message's own, and the share of the cache."""
    system = [{"type": "text", "text": "Some rules. " * 3000, "cache_control": {"type": "ephemeral"}}]
    with recorder.client(sim) as client:
        messages = [client.messages.create(**ASK, system=system) for _ in range(2)]
    tokens = {point.attributes["gen_ai.token.type"]: point for point in recorder.points("gen_ai.client.token.usage")}
    assert tokens["input"].sum == sum(message.usage.total_input_tokens or 0 for message in messages)
    assert tokens["output"].sum == sum(message.usage.output_tokens or 0 for message in messages)
    (cost,) = recorder.points("keybearer.client.cost")
    assert cost.value == pytest.approx(float(sum(message.cost.known for message in messages)))
    assert cost.attributes["gen_ai.response.model"] == messages[0].model
    (share,) = recorder.points("keybearer.client.cache.share")
    assert (share.count, share.min) == (2, 0.0)
    assert share.max > 0.9


def test_the_times_of_a_stream(sim: Simulator, recorder: Recorder) -> None:
    """One first chunk, and each later one; a plain call has neither."""
    with recorder.client(sim) as client:
        client.messages.create(**ASK)
        with client.messages.stream(**LONG) as stream:
            deltas = sum(event.type == "content_block_delta" for event in stream)
    (first,) = recorder.points("gen_ai.client.operation.time_to_first_chunk")
    (later,) = recorder.points("gen_ai.client.operation.time_per_output_chunk")
    assert (first.count, later.count) == (1, deltas - 1)
    (duration,) = recorder.points("gen_ai.client.operation.duration")
    assert duration.count == 2
    assert 0 < first.sum < duration.sum
    assert dict(duration.attributes) == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "anthropic",
        "gen_ai.request.model": "claude-haiku-4-5",
        "gen_ai.response.model": "claude-haiku-4-5-20251001",
        "server.address": "127.0.0.1",
        "server.port": int(sim.base_url.rpartition(":")[2]),
    }


def test_retries_waits_and_failures_are_counted(sim: Simulator, recorder: Recorder) -> None:
    """A retry by its reason, a wait by its limiter, a failed call by its error."""
    sim.fail("error", status=529, times=2)
    recorder.telemetry.observe(seen.LimiterWaited(call_id="another", limiter="rate", seconds=0.5))
    with recorder.client(sim, retry=RetryPolicy(min_delay=0.001, max_delay=0.002)) as client:
        client.messages.create(**ASK)
        with pytest.raises(Exception, match="404"):
            client.messages.create(**ASK, model="nobody's")
    (again,) = recorder.points("keybearer.client.retries")
    assert (again.value, again.attributes["error.type"]) == (2, "overloaded_error")
    (wait,) = recorder.points("keybearer.client.limiter.wait")
    assert (wait.sum, dict(wait.attributes)) == (0.5, {"keybearer.limiter": "rate"})
    kinds = {point.attributes.get("error.type") for point in recorder.points("gen_ai.client.operation.duration")}
    assert kinds == {None, "not_found_error"}


def test_what_is_closed_early_counts_what_is_known(sim: Simulator, recorder: Recorder) -> None:
    """The input tokens of a stream that was closed are known; its output tokens and its whole cost are not."""
    with recorder.client(sim) as client, client.messages.stream(**ASK) as stream:
        next(iter(stream))
    kinds = [point.attributes["gen_ai.token.type"] for point in recorder.points("gen_ai.client.token.usage")]
    assert kinds == ["input"]
    assert [point.value for point in recorder.points("keybearer.client.cost.unknown")] == [1]


def test_tools_are_timed(sim: Simulator, recorder: Recorder) -> None:
    """By name, with an error's kind where the model got one."""

    @tool
    def add(a: int, b: int) -> int:
        """Add two numbers."""
        return a + b

    params: Any = {"max_tokens": 300, "messages": [{"role": "user", "content": "Add 12 and 30 with the tool."}]}
    with recorder.client(sim) as client:
        client.messages.run(tools=[add], **params)
    (ran,) = recorder.points("keybearer.client.tool.duration")
    assert (ran.count, dict(ran.attributes)) == (1, {"gen_ai.tool.name": "add"})
