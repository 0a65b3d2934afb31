"""The engine *local* in several processes: the same results as in one, whatever happens to the processes."""

from __future__ import annotations

import asyncio
import os
import signal
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from keybearer import AsyncClient, UsageError, bulk
from keybearer.bulk.processes import ProcessesEngine
from keybearer.errors import KeybearerError, SpendLimitExceeded
from keybearer.simulator import Simulator

ROWS = [{"id": n, "text": f"row {n}"} for n in range(90)]


def options(sim: Simulator, **more: Any) -> dict[str, Any]:
    """Return the options of a job."""
    make = partial(AsyncClient, api_key=sim.api_key, base_url=sim.base_url, max_retries=0)
    made: dict[str, Any] = {"client": make(), "make_client": make, "processes": 2, "concurrency": 8}
    return {"template": "{text}", "params": {"model": "claude-haiku-4-5", "max_tokens": 20}, **made, **more}


def prompts(sim: Simulator) -> list[str]:
    """Return what was asked, in the order of the texts."""
    return sorted(each.json["messages"][0]["content"] for each in sim.requests if each.path == "/v1/messages")


def test_the_same_results_as_in_one_process(sim: Simulator, tmp_path: Path) -> None:
    """Each row is sent once, rows that fail say why, and the budget is one for all."""
    rows = [*ROWS, {"id": "long", "text": ""}]
    summary = bulk.run(rows, tmp_path / "o", **options(sim, max_budget_usd=5))
    assert (summary.succeeded, summary.failed, summary.under_way) == (90, 1, 0)
    assert [each for each in prompts(sim) if each] == sorted(str(row["text"]) for row in ROWS)
    assert "LintError" in (tmp_path / "o").read_text()
    assert bulk.run(rows, tmp_path / "o", **options(sim)).passed == 91


def test_a_process_that_dies_ends_the_job_and_a_stop_loses_nothing(
    sim: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Finished rows are kept; the next run sends the others once more. A job that is stopped lets what is under way finish."""
    sim.fail("slow", path="/v1/messages", seconds=0.05, times=1000)
    real = ProcessesEngine._feed
    happens: list[Any] = []

    async def feed(self: ProcessesEngine, work: Any) -> None:
        asyncio.get_running_loop().call_later(0.7, happens.pop(), self)
        await real(self, work)

    monkeypatch.setattr(ProcessesEngine, "_feed", feed)
    happens.append(lambda engine: os.kill(engine._children[0].process.pid, signal.SIGKILL))
    with pytest.raises(KeybearerError, match=r"has ended \(exit code -9\) with .* rows under way"):
        bulk.run(ROWS, tmp_path / "o", **options(sim))
    stop = bulk.BulkStop()
    happens.append(lambda _: stop.request("SIGTERM"))
    stopped = bulk.run(ROWS, tmp_path / "o", stop=stop, **options(sim))
    assert stopped.under_way == 0
    assert 0 < stopped.in_doubt <= 2 * 5  # of 90 rows: what the processes had, which send 4 at once each
    monkeypatch.undo()
    last = bulk.run(ROWS, tmp_path / "o", **options(sim))
    assert (last.succeeded, last.failed) == (90, 0)
    assert len(prompts(sim)) <= 90 + 2 * 5  # only that is sent again


def test_a_budget_that_is_used(sim: Simulator, tmp_path: Path) -> None:
    """It is said in the job's words, in one process and in several: how many rows are done, and what to do."""
    with pytest.raises(SpendLimitExceeded) as one:
        bulk.run(ROWS, tmp_path / "o", **options(sim, processes=1, max_budget_usd="0.002"))
    done = one.value.run.succeeded
    assert 0 < done < 90
    assert str(one.value).startswith(
        f"The budget of $0.002 is used: {done} of 90 rows are done. The next may cost up to $0.0"
    )
    assert str(one.value).endswith("Run it again with a larger --max-budget-usd (max_budget_usd= in Python).")
    with pytest.raises(SpendLimitExceeded, match=r"The budget of \$0.002 is used: \d+ of 90 rows are done"):
        bulk.run(ROWS, tmp_path / "o", **options(sim, max_budget_usd="0.002"))


def test_what_cannot_be(tmp_path: Path) -> None:
    """More processes than requests under way, another engine, and a client that cannot be made elsewhere are refused in words."""
    for given, words in (
        ({"processes": 0}, "from 1 to 64"),
        ({"processes": 65}, "from 1 to 64"),
        ({"processes": 2, "engine": "batches"}, "engine local"),
        ({"processes": 2, "make_client": lambda: None}, "cannot be sent to another process"),
    ):
        client = AsyncClient(api_key="sk-ant-example", model="claude-haiku-4-5")
        with pytest.raises(UsageError, match=words):
            bulk.run(ROWS, tmp_path / "o", client=client, template="{text}", params={"max_tokens": 9}, **given)
