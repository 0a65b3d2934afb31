"""The engine *batches* against the simulator: split, awaited, expired, found again after a crash, and live at a deadline."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from keybearer import AsyncClient, bulk
from keybearer.bulk import batch_engine, batch_search
from keybearer.bulk.batch_engine import BatchesEngine
from keybearer.bulk.batch_live import LiveRows
from keybearer.bulk.journal import BulkJournal
from keybearer.bulk.local import LocalEngine
from keybearer.bulk.port import BulkRequest, BulkResult
from keybearer.errors import KeybearerError, SpendLimitExceeded, UsageError
from keybearer.simulator import Simulator

ROWS = [{"id": n, "text": f"row {n}"} for n in range(7)]


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch, sim: Simulator) -> Iterator[None]:
    """Let looks follow each other at once, and each let an hour pass."""
    monkeypatch.setattr(batch_engine, "FIRST_LOOK", 0.0)
    monkeypatch.setattr(batch_engine, "LONGEST_LOOK", 0.0)
    real = BatchesEngine._look

    async def look(self: BatchesEngine, batch: Any) -> Any:
        sim.clock.advance(3_600)
        return await real(self, batch)

    monkeypatch.setattr(BatchesEngine, "_look", look)
    yield
    sim.reset()


def run(sim: Simulator, output: Path, rows: Any = ROWS, **options: Any) -> bulk.BulkSummary:
    """Run a job in batches."""

    async def inside() -> bulk.BulkSummary:
        async with AsyncClient(api_key=sim.api_key, base_url=sim.base_url, max_retries=0) as client:
            asked: dict[str, Any] = {"engine": "batches", "template": "{text}", **options}
            params = {"model": "claude-haiku-4-5", "max_tokens": 20}
            return await bulk.run_async(rows, output, client=client, params=params, **asked)

    return asyncio.run(inside())


def lines(output: Path) -> dict[Any, dict[str, Any]]:
    """Return the results by the names of their rows; each has one."""
    found = [json.loads(line) for line in output.read_text().splitlines()]
    assert len({each["id"] for each in found}) == len(found)
    return {each["id"]: each for each in found}


def posts(sim: Simulator, path: str = "/v1/messages/batches") -> int:
    """Return how often something was asked for."""
    return sum(each.method == "POST" and each.path == path for each in sim.requests)


def leave_a_batch(sim: Simulator, output: Path, **options: Any) -> bulk.BulkSummary:
    """Run a job that is stopped when it would look at its batch."""
    stop = bulk.BulkStop()

    async def look(*_: object) -> None:
        stop.request("SIGINT")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BatchesEngine, "_look", look)
        return run(sim, output, stop=stop, **options)


def past_its_deadline(patch: pytest.MonkeyPatch) -> None:
    """Let a batch be made, and then the deadline be past, so that its rows go live."""
    real = BatchesEngine._look

    async def look(self: BatchesEngine, batch: Any) -> Any:
        found = await real(self, batch) if self._hurried else None
        self._until = -1.0
        return found

    patch.setattr(batch_engine, "SOON", -1e9)
    patch.setattr(BatchesEngine, "_look", look)


def test_the_same_results_as_live(sim: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows are split, and each result is that of the engine *local*, also of rows that fail; the price is half."""
    monkeypatch.setattr(batch_engine, "MOST_REQUESTS", 3)
    rows = [*ROWS, {"id": "none"}, {"id": "long", "text": ""}]
    summary = run(sim, tmp_path / "batches", rows)
    assert (posts(sim), summary.succeeded, summary.failed, summary.under_way) == (3, 7, 2, 0)
    live = run(sim, tmp_path / "local", rows, engine="local")
    assert (live.succeeded, live.usd) == (7, 2 * summary.usd)
    one, other = lines(tmp_path / "batches"), lines(tmp_path / "local")
    assert {name: row.get("text") for name, row in one.items()} == {
        name: row.get("text") for name, row in other.items()
    }
    assert one["long"]["error"]["class"] == other["long"]["error"]["class"]
    sent = posts(sim)
    assert run(sim, tmp_path / "batches", rows).passed == 9
    assert posts(sim) == sent


def test_a_row_that_the_service_refuses_or_lets_expire(sim: Simulator, tmp_path: Path) -> None:
    """An error has the class that it has live; a row that expired is in the next batch."""
    sim.fail("overloaded", path="/v1/messages/batches/items", times=1)
    summary = run(sim, tmp_path / "a")
    assert (summary.succeeded, summary.failed) == (6, 1)
    assert [row["error"]["class"] for row in lines(tmp_path / "a").values() if "error" in row] == ["Overloaded"]
    sim.fail("drop", path="/v1/messages/batches/items", times=2)
    before = posts(sim)
    summary = run(sim, tmp_path / "b")
    assert (summary.succeeded, posts(sim) - before) == (7, 2)


def test_a_run_that_is_stopped_leaves_its_batches_to_the_next(sim: Simulator, tmp_path: Path) -> None:
    """It says how many rows are under way; the next run sends nothing and fetches the results."""
    summary = leave_a_batch(sim, tmp_path / "o")
    assert (summary.under_way, summary.succeeded, summary.stopped) == (7, 0, "SIGINT")
    summary = run(sim, tmp_path / "o", ROWS[::-1])
    assert (posts(sim), summary.succeeded) == (1, 7)


@pytest.mark.parametrize("made", [True, False])
def test_a_crash_around_the_making_of_a_batch(
    sim: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, made: bool
) -> None:
    """One that was made is found by the names of its rows, among others of its size; one that was not is sent."""

    def crash(real: Callable[..., Any]) -> Any:
        async def sent(self: Any, *args: Any) -> Any:
            if made:
                await real(self, *args)
            raise KeybearerError("as a kill")

        return sent

    with monkeypatch.context() as patch:
        patch.setattr(BatchesEngine, "_made", crash(BatchesEngine._made))
        with pytest.raises(KeybearerError, match="as a kill"):
            run(sim, tmp_path / "o")
    run(sim, tmp_path / "other", [{"id": n, "text": f"other {n}"} for n in range(7)])
    assert posts(sim) == 1 + made
    monkeypatch.setattr(batch_search, "SETTLED", -1.0)
    notes: list[str] = []
    summary = run(sim, tmp_path / "o", on_note=notes.append)
    assert (summary.succeeded, summary.under_way, posts(sim)) == (7, 0, 2)
    assert {name: row["text"] for name, row in lines(tmp_path / "o").items()} == {
        n: f"You said: “row {n}”" for n in range(7)
    }
    assert any("was not made" in note for note in notes) is not made


def test_a_batch_that_may_have_been_made_is_looked_for_at_once(
    sim: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A connection that broke after the request was sent makes no second batch."""
    sim.fail("drop_after", path="/v1/messages/batches", times=1)
    monkeypatch.setattr(batch_search, "SETTLED", -1.0)
    summary = run(sim, tmp_path / "o")
    assert (summary.succeeded, posts(sim), len(lines(tmp_path / "o"))) == (7, 1, 7)


def test_a_deadline(sim: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows go live at once where no batch would end in time; later, batches that have not ended are cancelled for them."""
    assert (run(sim, tmp_path / "a", deadline=60.0).succeeded, posts(sim)) == (7, 0)
    past_its_deadline(monkeypatch)
    live = posts(sim, "/v1/messages")
    summary = run(sim, tmp_path / "b", deadline=1e6)
    assert (summary.succeeded, posts(sim)) == (7, 1)
    assert posts(sim, "/v1/messages") - live == 7


@pytest.mark.parametrize("stopped", [False, True])
def test_rows_that_an_earlier_run_left_to_go_live_are_sent_once(
    sim: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, stopped: bool
) -> None:
    """The next run has little time, and reads the same rows and some more; it may be stopped in the middle: each is sent once."""

    def kill(*_: object) -> Any:
        raise KeybearerError("as a kill")

    async def slowly(self: LocalEngine, request: BulkRequest) -> BulkResult:
        await asyncio.sleep(0.02)  # so that some are under way when the rows are read
        return await asked(self, request)

    asked = LocalEngine._asked
    monkeypatch.setattr(LocalEngine, "_asked", slowly)
    with monkeypatch.context() as patch:
        past_its_deadline(patch)
        patch.setattr(LiveRows, "results", kill)
        with pytest.raises(KeybearerError, match="as a kill"):
            run(sim, tmp_path / "o", deadline=1e6)
    assert (posts(sim), posts(sim, "/v1/messages")) == (1, 0)

    def then_stop(progress: bulk.BulkProgress) -> None:
        if progress.done >= 2 and not stop.why:  # a second time would end it at once
            stop.request("SIGINT")

    rows = [{"id": n, "text": f"row {n}"} for n in range(12)]
    stop = bulk.BulkStop()
    monkeypatch.setattr("keybearer.bulk.job_loop.TICK", 0.0)
    if stopped:
        some = run(sim, tmp_path / "o", rows, deadline=60.0, concurrency=1, stop=stop, on_progress=then_stop)
        assert some.stopped == "SIGINT"
    summary = run(sim, tmp_path / "o", rows, deadline=60.0, concurrency=3)
    assert (summary.succeeded, posts(sim), posts(sim, "/v1/messages")) == (12, 1, 12)
    assert len(lines(tmp_path / "o")) == 12


def test_rows_that_failed_live_are_as_any_that_failed(
    sim: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also after a kill before they were let go: with another template only the new ones are sent."""

    async def refused(*_: object) -> BulkResult:
        raise ValueError("odd")

    with monkeypatch.context() as patch:
        past_its_deadline(patch)
        patch.setattr(LiveRows, "_forget", lambda *_: None)
        patch.setattr(LocalEngine, "_asked", refused)
        assert run(sim, tmp_path / "o", deadline=1e6, on_note=print).failed == 7
    summary = run(sim, tmp_path / "o", template="Now {text}", deadline=60.0, retry_failed=True, on_note=print)
    assert (summary.succeeded, posts(sim, "/v1/messages")) == (7, 7)


def test_rows_go_live_beside_batches_that_are_under_way(sim: Simulator, tmp_path: Path) -> None:
    """What an earlier run's batch has of the budget comes back while they wait for it, and its results are fetched."""
    budget = {"max_budget_usd": "0.0063"}  # more than the batch's worst case, or a row's, and less than both
    assert leave_a_batch(sim, tmp_path / "o", **budget).under_way == 7
    rows = [*ROWS, {"id": "new", "text": "A long one. " * 400}]
    summary = run(sim, tmp_path / "o", rows, deadline=60.0, **budget)
    assert (summary.succeeded, posts(sim), posts(sim, "/v1/messages")) == (8, 1, 1)


def test_a_row_that_cannot_be_marked_before_it_goes_live_ends_the_job(
    sim: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that is full is said at once, although a batch of an earlier run has not ended; nothing is sent."""

    async def never(*_: object) -> None:
        """Say nothing of the batch."""

    def full(self: BulkJournal, _: object) -> None:
        self.trouble = "the disk is full"
        raise UsageError(self.trouble)

    leave_a_batch(sim, tmp_path / "o")
    monkeypatch.setattr(BatchesEngine, "_look", never)
    monkeypatch.setattr(batch_engine, "LONGEST_LOOK", 0.1)
    monkeypatch.setattr(BulkJournal, "begin", full)
    with pytest.raises(UsageError, match="the disk is full"):
        run(sim, tmp_path / "o", [*ROWS, {"id": "new", "text": "new"}], deadline=60.0)
    assert posts(sim, "/v1/messages") == 0


def test_batches_wait_for_the_room_that_others_give_back(
    sim: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worst case of all batches does not fit into the budget, what they take does; one that never fits ends the run."""
    monkeypatch.setattr(batch_engine, "MOST_REQUESTS", 1)
    summary = run(sim, tmp_path / "o", max_budget_usd="0.001")
    assert (summary.succeeded, posts(sim)) == (7, 7)
    with pytest.raises(SpendLimitExceeded, match="has no room for the next request"):
        run(sim, tmp_path / "p", max_budget_usd="0.0001")
    assert posts(sim) == 7
