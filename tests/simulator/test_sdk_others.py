"""The official SDK on the other endpoints: token counts, models, batches, files."""

from __future__ import annotations

from typing import Any

import anthropic
import pytest
from anthropic.types.messages.batch_create_params import Request

from keybearer.simulator import Simulator

HAIKU = "claude-haiku-4-5"


def asked(name: str, words: str, **more: Any) -> Request:
    """Make one request of a batch."""
    params: Any = {"model": HAIKU, "max_tokens": 50, "messages": [{"role": "user", "content": words}], **more}
    return {"custom_id": name, "params": params}


def test_counted_tokens_are_those_of_the_usage(sdk: anthropic.Anthropic) -> None:
    """The count of a request is the input that its answer reports."""
    request: Any = {
        "model": HAIKU,
        "system": "Be brief.",
        "messages": [{"role": "user", "content": "How many tokens?"}],
        "tools": [{"name": "add", "input_schema": {"type": "object"}}],
    }
    count = sdk.messages.count_tokens(**request)
    assert count.input_tokens == 32
    assert sdk.messages.create(**request, max_tokens=9).usage.input_tokens == 32


def test_models_are_listed_in_pages(sdk: anthropic.Anthropic) -> None:
    """The list walks through every page, without the retired models."""
    whole = [model.id for model in sdk.models.list(limit=1000)]
    assert [model.id for model in sdk.models.list(limit=3)] == whole
    assert "claude-mythos-preview" not in whole
    assert [model.id for model in sdk.models.list(lifecycle=["retired"])] == ["claude-mythos-preview"]
    after = sdk.models.list(limit=2, after_id=whole[1])
    assert [model.id for model in after.data] == whole[2:4]
    before = sdk.models.list(limit=2, before_id=whole[3])
    assert [model.id for model in before.data] == whole[1:3]


def test_a_model_by_id_or_alias(sdk: anthropic.Anthropic) -> None:
    """An alias gives the dated model, and an unknown name a 404."""
    model = sdk.models.retrieve(HAIKU)
    assert (model.id, model.max_tokens, model.lifecycle) == ("claude-haiku-4-5-20251001", 64_000, "active")
    with pytest.raises(anthropic.NotFoundError):
        sdk.models.retrieve("claude-nope")


@pytest.mark.parametrize("limit", [0, 1001])
def test_limits_of_a_list(sdk: anthropic.Anthropic, limit: int) -> None:
    """A page holds 1 to 1000 items."""
    with pytest.raises(anthropic.BadRequestError):
        sdk.models.list(limit=limit)


def test_a_batch_from_start_to_end(sim: Simulator, sdk: anthropic.Anthropic) -> None:
    """A batch runs for a minute of the clock, then has one result a request, refused ones included."""
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
    """What a batch has not answered in 24 hours expires."""
    with Simulator(batch_seconds=48 * 3600) as sim:
        sdk = anthropic.Anthropic(base_url=sim.base_url, api_key=sim.api_key)
        batch = sdk.messages.batches.create(requests=[asked(str(number), "Hello") for number in range(4)])
        sim.clock.advance(24 * 3600 + 1)
        counts = sdk.messages.batches.retrieve(batch.id).request_counts
        assert (counts.succeeded, counts.expired) == (2, 2)
        sdk.close()


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
    ],
)
def test_wrong_batches(sdk: anthropic.Anthropic, requests: list[Request], words: str) -> None:
    """A batch that is wrong as a whole is refused at once."""
    with pytest.raises(anthropic.BadRequestError, match=words):
        sdk.messages.batches.create(requests=requests)


def test_files(sim: Simulator, sdk: anthropic.Anthropic) -> None:
    """A file is uploaded, listed, named in a message, and deleted; its bytes stay here."""
    data = bytes(range(256)) + b"\r\n--x\r\n"
    file = sdk.files.upload(file=("../folder/notes.txt", data, "text/plain"))
    assert (file.filename, file.size_bytes, file.mime_type, file.downloadable) == (
        "notes.txt",
        263,
        "text/plain",
        False,
    )
    assert [each.id for each in sdk.files.list()] == [file.id]
    assert sdk.files.retrieve_metadata(file.id) == file
    with pytest.raises(anthropic.BadRequestError, match="not downloadable"):
        sdk.files.download(file.id)
    content: Any = [
        {"type": "document", "source": {"type": "file", "file_id": file.id}},
        {"type": "text", "text": "Say 'seen'"},
    ]
    sdk.messages.create(model=HAIKU, max_tokens=9, messages=[{"role": "user", "content": content}])
    assert sdk.files.delete(file.id).id == file.id
    with pytest.raises(anthropic.NotFoundError):
        sdk.messages.create(model=HAIKU, max_tokens=9, messages=[{"role": "user", "content": content}])
    assert list(sdk.files.list()) == []
    assert len(sim.requests) == 8


def test_generated_files_can_be_downloaded(sim: Simulator, sdk: anthropic.Anthropic) -> None:
    """A file that a tool made comes back byte for byte."""
    made = sim.add_file("plot.png", b"\x89PNG\r\n", "image/png")
    assert sdk.files.download(made["id"]).read() == b"\x89PNG\r\n"


def test_files_expire(sim: Simulator, sdk: anthropic.Anthropic) -> None:
    """A file with a life of an hour is gone after it, and a shorter life is refused."""
    file = sdk.files.upload(file=("a.txt", b"x"), expires_in_seconds=3600)
    sim.clock.advance(3601)
    with pytest.raises(anthropic.NotFoundError, match="has expired"):
        sdk.files.download(file.id)
    with pytest.raises(anthropic.BadRequestError, match="between 3600 and 7776000"):
        sdk.files.upload(file=("a.txt", b"x"), expires_in_seconds=3599)


def test_files_in_pages(sdk: anthropic.Anthropic) -> None:
    """The list of files walks through every page, newest first, or gives those that were named."""
    made = [sdk.files.upload(file=(f"{number}.txt", b"x")).id for number in range(5)]
    assert [file.id for file in sdk.files.list(limit=2)] == made[::-1]
    assert {file.id for file in sdk.files.list(ids=[made[0], made[3], "file_none"])} == {made[0], made[3]}


def test_organisations_do_not_see_each_other(sim: Simulator, sdk: anthropic.Anthropic) -> None:
    """A key finds its own files and batches, and no other's."""
    file = sdk.files.upload(file=("a.txt", b"x"))
    batch = sdk.messages.batches.create(requests=[asked("a", "Hello")])
    with anthropic.Anthropic(base_url=sim.base_url, api_key="sk-ant-sim-other") as other:
        assert list(other.files.list()) == []
        with pytest.raises(anthropic.NotFoundError):
            other.files.retrieve_metadata(file.id)
        with pytest.raises(anthropic.NotFoundError):
            other.messages.batches.retrieve(batch.id)
