"""`client.messages.batches`: beside the official SDK on one simulator, at the limits, with rows that fail and results that are cut."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Iterator
from typing import Any

import anthropic
import pytest

from keybearer import AsyncClient, BatchRow, Client, MessageBatch
from keybearer import errors as e
from keybearer.simulator import Simulator
from support.batch_requests import MODEL, SOON, request
from support.rawserver import Peer, raw_server


@pytest.fixture
def client(sim: Simulator) -> Any:
    """A client of the simulator."""
    with Client(api_key=sim.api_key, base_url=sim.base_url, max_retries=0) as client:
        yield client


@pytest.fixture
def official(sim: Simulator) -> Any:
    """The official client of the same simulator."""
    with anthropic.Anthropic(api_key=sim.api_key, base_url=sim.base_url) as official:
        yield official


def test_a_batch_from_its_making_to_its_end(client: Client, sim: Simulator, official: anthropic.Anthropic) -> None:
    """Made, looked at, waited for, read and deleted; the official SDK sees the same."""
    batch = client.messages.batches.create(requests=[request(f"r{n}") for n in range(3)])
    assert (batch.processing_status, batch.request_counts.processing) == ("in_progress", 3)
    with pytest.raises(e.APIError):
        client.messages.batches.results(batch.id)
    sim.clock.advance(3600)
    seen: list[str] = []
    ended = client.messages.batches.wait(batch.id, on_look=lambda each: seen.append(each.processing_status))
    assert (seen, ended.request_counts.succeeded) == (["ended"], 3)
    rows = list(client.messages.batches.results(batch.id))
    assert {row.custom_id: row.message and row.message.text for row in rows} == {"r0": "r0", "r1": "r1", "r2": "r2"}
    assert all(row.failure is None for row in rows)
    theirs = {row.custom_id: row.to_dict(mode="json") for row in official.messages.batches.results(batch.id)}
    assert theirs.keys() == {row.custom_id for row in rows}
    assert BatchRow.from_json(rows[0].to_json()) == rows[0]
    assert [each.id for each in client.messages.batches.list(limit=1)] == [batch.id]
    assert client.messages.batches.delete(batch.id).type == "message_batch_deleted"


def test_awaited_it_is_the_same(sim: Simulator) -> None:
    """Several batches from a generator, a look that is awaited, rows with `async for`."""

    async def main() -> None:
        async with AsyncClient(api_key=sim.api_key, base_url=sim.base_url) as client:
            batches = client.messages.batches
            kept: list[MessageBatch] = []

            async def keep(each: MessageBatch) -> None:
                await asyncio.sleep(0)
                kept.append(each)

            (batch,) = await batches.submit_all((request(f"r{n}") for n in range(3)), on_made=keep)
            assert kept == [batch]
            looks: list[MessageBatch] = []

            async def look(each: MessageBatch) -> None:
                await asyncio.sleep(0)
                looks.append(each)
                sim.clock.advance(3600)

            ended = await batches.wait(batch.id, on_look=look)
            assert [each.processing_status for each in looks] == ["in_progress", "ended"]
            rows = [row async for row in await batches.results(ended.id)]
            assert sorted(row.custom_id for row in rows) == ["r0", "r1", "r2"]
            async with await batches.results(ended.id) as some:  # left after the first
                assert (await anext(some)).message is not None
            assert [each.id async for each in batches.list()] == [batch.id]
            cancelled = await batches.cancel((await batches.create(requests=[request("x")])).id)
            assert cancelled.processing_status == "canceling"

    asyncio.run(main())


def test_every_mistake_is_named_with_its_place_before_anything_is_sent(client: Client, sim: Simulator) -> None:
    """Of the request, of its name, and of the message's own arguments, all at once."""
    wrong: list[Any] = [
        request("one"),
        request("two words"),
        {"custom_id": "three", "params": {"model": MODEL}},
        request("four", timeout=5),
        request("five", messages=[{"role": "user", "content": []}]),
        request("one"),
        request("seven", bananas=1),
        {"custom_id": "eight", "params": {}, "body": 1},
        "nine",
    ]
    with pytest.raises(e.LintError) as caught:
        client.messages.batches.create(requests=wrong)
    places = [problem.split(":")[0] for problem in caught.value.problems]
    assert places == [
        "requests[1].custom_id",
        "requests[2].params",
        "requests[3].params.timeout",
        "requests[4].params.messages[0]",
        "requests[5].custom_id",
        "requests[6].params",
        "requests[7].body",
        "requests[8]",
    ]
    with pytest.raises(e.LintError, match="there is none"):
        client.messages.batches.create(requests=[])
    with pytest.raises(e.UsageError, match="non-empty value for `message_batch_id`"):
        client.messages.batches.results("")
    assert sim.requests == []


def test_what_json_cannot_hold_is_refused_with_its_place(client: Client, sim: Simulator) -> None:
    """As in a single request: each number that is none, and each half of a character, wherever they stand."""
    text = {"role": "user", "content": "cut \ud83d"}
    with pytest.raises(e.LintError) as caught:
        client.messages.batches.create(
            requests=[request("one"), request("two", messages=[text], metadata={"user_id": math.nan})]
        )
    found = sorted(problem.partition(". ")[0] for problem in caught.value.problems)
    assert found == [
        "requests[1].params.messages[0].content: its text has half a character, \\ud83d at 4, which is no Unicode",
        "requests[1].params.metadata.user_id: it is nan, a number that JSON has no form for",
    ]
    assert sim.requests == []


def test_the_limits_of_a_batch(client: Client, sim: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is too large is refused before it is sent; `submit_all` makes several of it, in order, each within the limits."""
    monkeypatch.setattr("keybearer.api.batches.MOST_REQUESTS", 4)
    requests = [request(f"r{n}") for n in range(10)]
    with pytest.raises(e.LintError, match="10 are more than the 4 of a batch"):
        client.messages.batches.create(requests=requests)
    assert sim.requests == []
    batches = client.messages.batches.submit_all(iter(requests))
    assert [batch.request_counts.processing for batch in batches] == [4, 4, 2]
    most = max(len(json.dumps(each)) for each in requests) * 3
    monkeypatch.setattr("keybearer.api.batches.MOST_BYTES", most)
    with pytest.raises(e.LintError, match="bytes are more than the"):
        client.messages.batches.create(requests=requests[:4])
    kept: list[MessageBatch] = []
    made = client.messages.batches.submit_all(requests, on_made=kept.append)
    assert kept == made
    sizes = [batch.request_counts.processing for batch in made]
    assert (sum(sizes), max(sizes)) == (10, 3)
    with pytest.raises(e.LintError, match=r"requests\[1\]: its .* bytes"):
        client.messages.batches.submit_all([requests[0], request("large", system="x" * most)])


def test_batches_before_a_failure_are_named(client: Client, sim: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """When a later batch is refused, the error says which were made."""
    monkeypatch.setattr("keybearer.api.batches.MOST_REQUESTS", 2)
    sim.fail("error; status=403; skip=1")
    with pytest.raises(e.PermissionDenied) as caught:
        client.messages.batches.submit_all(request(f"r{n}") for n in range(5))
    (made,) = client.messages.batches.list().data
    assert f"1 before it were made, and go on: {made.id}" in caught.value.hint


def test_batches_before_the_caller_s_own_error_are_named(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the iterable raises goes on, with a note of what was made and is paid for."""
    monkeypatch.setattr("keybearer.api.batches.MOST_REQUESTS", 1)

    def source() -> Iterator[Any]:
        yield request("a")
        yield request("b")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError) as caught:
        client.messages.batches.submit_all(source())
    (made,) = client.messages.batches.list().data
    assert caught.value.__notes__ == [f"1 before it were made, and go on: {made.id}"]


def test_waiting_ends_when_it_should(client: Client, sim: Simulator) -> None:
    """A limit on the waiting is kept, what the callback raises ends it, and the batch goes on."""
    batch = client.messages.batches.create(requests=[request("a")])
    with pytest.raises(e.DeadlineExceeded, match=f"{batch.id} has not ended within"):
        client.messages.batches.wait(batch.id, give_up_after=0.01)
    with pytest.raises(ZeroDivisionError):
        client.messages.batches.wait(batch.id, on_look=lambda _: 1 / 0)
    assert client.messages.batches.retrieve(batch.id).processing_status == "in_progress"
    assert sim.verdict == []


def test_a_batch_is_checked_under_the_version_that_it_is_sent_with(client: Client, sim: Simulator) -> None:
    """Its headers choose one for all of its requests; without them the client's counts."""
    params: Any = {
        "model": "claude-haiku-4-5",
        "max_tokens": 5,
        "messages": [{"role": "user", "content": "hi"}],
        "top_k": 5,
    }
    with pytest.raises(e.LintError, match="top_k"):
        client.messages.batches.create(requests=[{"custom_id": "a", "params": params}])
    older = {"anthropic-version": "2023-06-01"}
    client.messages.batches.create(requests=[{"custom_id": "a", "params": params}], extra_headers=older)
    assert len(client.messages.batches.submit_all([{"custom_id": "a", "params": params}], extra_headers=older)) == 1
    assert [request.headers["anthropic-version"] for request in sim.requests] == ["2023-06-01"] * 2


def test_a_batch_that_may_exist_is_not_made_again() -> None:
    """The connection ends before the first byte of the reply; so is an upload's, and a cancelling is sent again."""
    seen: list[bytes] = []

    def hang_up(peer: Peer) -> None:
        seen.append(peer.request().split(b" HTTP")[0])

    with raw_server(hang_up) as server, Client(api_key="sk-ant-test", base_url=server.url, retry=SOON) as client:
        with pytest.raises(e.ConnectionFailed, match=r"twice\. Look for it first: client\.messages\.batches\.list\(\)"):
            client.messages.batches.create(requests=[request("one")])
        with pytest.raises(e.ConnectionFailed, match=r"Look for it first: client\.files\.list\(\)"):
            client.files.upload(file=("a.txt", b"a"))
        with pytest.raises(e.ConnectionFailed, match="Look for it first: GET /v1/memory_stores"):
            client.beta.memory_stores.create(name="x")
        with pytest.raises(e.ConnectionFailed, match="Look for it first: GET /v1/new_things"):
            client.request("POST", "/v1/new_things", json={})
        assert len(seen) == 4
        with pytest.raises(e.ConnectionFailed):
            client.messages.batches.cancel("msgbatch_1")
        assert len(seen) == 7


@pytest.mark.parametrize("awaited", [False, True])
def test_waiting_goes_on_after_a_look_that_failed(
    sim: Simulator, monkeypatch: pytest.MonkeyPatch, awaited: bool
) -> None:
    """A busy service is looked at again; what cannot be used is refused before anything is sent."""
    monkeypatch.setattr("keybearer.client.resources.looks._FIRST", 0.001)
    given: dict[str, Any] = {"api_key": sim.api_key, "base_url": sim.base_url, "max_retries": 0}
    sim.fail("error; status=529; skip=1; times=3")

    async def main() -> MessageBatch:
        async with AsyncClient(**given) as client:
            made = await client.messages.batches.create(requests=[request("a")], user_profile_id="uprof_1")
            sim.clock.advance(3600)
            with pytest.raises(e.UsageError, match="on_look is of type"):
                await client.messages.batches.wait(made.id, on_look=3)  # type: ignore[arg-type] # the mistake is the test
            return await client.messages.batches.wait(made.id, give_up_after=60)

    def blocking() -> MessageBatch:
        with Client(**given) as client:
            made = client.messages.batches.create(requests=[request("a")], user_profile_id="uprof_1")
            sim.clock.advance(3600)
            with pytest.raises(e.UsageError, match="on_look is of type"):
                client.messages.batches.wait(made.id, on_look=3)  # type: ignore[arg-type] # the mistake is the test
            return client.messages.batches.wait(made.id, give_up_after=60)

    assert (asyncio.run(main()) if awaited else blocking()).processing_status == "ended"
    assert [request.method for request in sim.requests] == ["POST"] + ["GET"] * 4
    assert sim.requests[0].headers["anthropic-user-profile-id"] == "uprof_1"
