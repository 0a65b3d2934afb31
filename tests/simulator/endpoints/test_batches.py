"""Batches, as the official SDK sees them."""

from __future__ import annotations

from typing import Any

import anthropic
import pytest
import urllib3
from anthropic.types.messages.batch_create_params import Request

from keybearer.simulator import Simulator

HAIKU = "claude-haiku-4-5"


def asked(name: str, words: str, **more: Any) -> Request:
    """Make one request of a batch."""
    params: Any = {"model": HAIKU, "max_tokens": 50, "messages": [{"role": "user", "content": words}], **more}
    return {"custom_id": name, "params": params}


def test_a_batch_from_start_to_end(sim: Simulator, sdk: anthropic.Anthropic) -> None:
    """A batch runs for a minute of the clock, then has one result for each request, refused ones included."""
    batch = sdk.messages.batches.create(requests=[asked("a", "Say 'one'"), asked("b", "x", max_tokens=-1)])
    assert (batch.processing_status, batch.request_counts.processing) == ("in_progress", 2)
    sim.clock.advance(59)
    assert sdk.messages.batches.retrieve(batch.id).processing_status == "in_progress"
    with pytest.raises(anthropic.AnthropicError):
        sdk.messages.batches.results(batch.id)
    sim.clock.advance(2)
    batch = sdk.messages.batches.retrieve(batch.id)
    assert (batch.processing_status, batch.request_counts.succeeded, batch.request_counts.errored) == ("ended", 1, 1)
    results = {line.custom_id: line.result for line in sdk.messages.batches.results(batch.id)}
    first, second = results["a"], results["b"]
    assert first.type == "succeeded"
    assert first.message.content[0].type == "text"
    assert (first.message.content[0].text, first.message.usage.service_tier) == ("one", "batch")
    assert second.type == "errored"
    assert second.error.error.type == "invalid_request_error"


def test_results_are_the_same_when_read_again(sim: Simulator, sdk: anthropic.Anthropic) -> None:
    """Results are made once."""
    batch = sdk.messages.batches.create(requests=[asked("a", "Hello")])
    sim.clock.advance(61)
    lines = [[line.to_dict() for line in sdk.messages.batches.results(batch.id)] for _ in range(2)]
    assert lines[0] == lines[1]


def test_a_cancelled_batch(sim: Simulator, sdk: anthropic.Anthropic) -> None:
    """A batch cancelled half way has answered half of its requests."""
    batch = sdk.messages.batches.create(requests=[asked(str(number), "Hello") for number in range(10)])
    sim.clock.advance(30)
    assert sdk.messages.batches.cancel(batch.id).processing_status == "canceling"
    with pytest.raises(anthropic.BadRequestError, match="cancel it first"):
        sdk.messages.batches.delete(batch.id)
    sim.clock.advance(3)
    ended = sdk.messages.batches.retrieve(batch.id)
    assert ended.processing_status == "ended"
    assert (ended.request_counts.succeeded, ended.request_counts.canceled) == (5, 5)
    with pytest.raises(anthropic.BadRequestError, match="cannot be canceled"):
        sdk.messages.batches.cancel(batch.id)
    assert sdk.messages.batches.delete(batch.id).type == "message_batch_deleted"
    with pytest.raises(anthropic.NotFoundError):
        sdk.messages.batches.retrieve(batch.id)


def test_a_batch_expires_after_a_day() -> None:
    """Requests that a batch has not answered in 24 hours expire."""
    with Simulator(batch_seconds=48 * 3600) as sim:
        sdk = anthropic.Anthropic(base_url=sim.base_url, api_key=sim.api_key)
        batch = sdk.messages.batches.create(requests=[asked(str(number), "Hello") for number in range(4)])
        sim.clock.advance(24 * 3600 + 1)
        counts = sdk.messages.batches.retrieve(batch.id).request_counts
        assert (counts.succeeded, counts.expired) == (2, 2)
        sdk.close()


def test_results_are_kept_for_29_days(sim: Simulator, sdk: anthropic.Anthropic) -> None:
    """After that the batch is still there, archived, and its results are not."""
    batch = sdk.messages.batches.create(requests=[asked("a", "Hello")])
    sim.clock.advance(29 * 24 * 3600 - 60)
    batch = sdk.messages.batches.retrieve(batch.id)
    assert (batch.archived_at, len(list(sdk.messages.batches.results(batch.id)))) == (None, 1)
    sim.clock.advance(61)
    batch = sdk.messages.batches.retrieve(batch.id)
    assert batch.archived_at is not None
    assert (batch.archived_at - batch.created_at).days == 29
    assert (batch.processing_status, batch.results_url, batch.request_counts.succeeded) == ("ended", None, 1)
    with pytest.raises(anthropic.AnthropicError):
        sdk.messages.batches.results(batch.id)
    with urllib3.PoolManager() as http:
        url = f"{sim.base_url}/v1/messages/batches/{batch.id}/results"
        reply = http.request("GET", url, headers={"x-api-key": sim.api_key, "anthropic-version": "2023-06-01"})
    assert (reply.status, reply.json()["error"]["type"]) == (404, "not_found_error")


def test_batches_are_listed_newest_first(sdk: anthropic.Anthropic) -> None:
    """The list of batches walks through every page."""
    made = [sdk.messages.batches.create(requests=[asked("a", "Hello")]).id for _ in range(5)]
    assert [batch.id for batch in sdk.messages.batches.list(limit=2)] == made[::-1]


@pytest.mark.parametrize(
    ("requests", "words"),
    [
        ([], "at least one is required"),
        ([asked("a", "x"), asked("a", "x")], "must be unique"),
        ([asked("a b", "x")], "String should match pattern"),
        ([asked("a" * 65, "x")], "String should match pattern"),
        ([asked("a", "x"), asked("b", "x", stream=True)], "requests.1.params.stream: true is not permitted in a batch"),
        ([asked("a", "x", max_tokens=0)], "requests.0.params.max_tokens: 0 is not permitted in a batch"),
    ],
)
def test_wrong_batches(sdk: anthropic.Anthropic, requests: list[Request], words: str) -> None:
    """A batch that is wrong as a whole is refused at once."""
    with pytest.raises(anthropic.BadRequestError, match=words):
        sdk.messages.batches.create(requests=requests)


@pytest.mark.parametrize("looked", ["list", "retrieve", "results"])
def test_what_its_items_were_not_given_is_noted_at_the_first_look_of_any_kind(
    sim: Simulator, sdk: anthropic.Anthropic, looked: str
) -> None:
    """In the journal, as a live request's; a look while it runs has none."""
    batch = sdk.messages.batches.create(requests=[asked(name, "Hello", container="container_1") for name in "ab"])
    sdk.messages.batches.list()
    sim.clock.advance(61)
    if looked == "list":
        sdk.messages.batches.list()
    else:
        getattr(sdk.messages.batches, looked)(batch.id)
    first, *_, last = [request.notes for request in sim.requests]
    assert first == []
    assert [note.split(":")[0] for note in last] == ["container"]
