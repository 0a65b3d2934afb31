"""What an actor does with a block, without Ray: what is sent, what is kept, and what comes of errors and of being asked to end."""

from __future__ import annotations

import asyncio
import pickle
from decimal import Decimal
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bulk.test_local import ScriptedService, asking, client_of
from keybearer.bulk import ray_worker
from keybearer.bulk.port import BulkRequest, BulkResult
from keybearer.bulk.ray_worker import RayWorker, StopSwitch, WorkerSetup
from keybearer.bulk.spool import Spool
from keybearer.errors import AuthenticationFailed, InvalidRequest, NoCredentials, UsageError

REQUESTS = [BulkRequest(bytes([n]) * 16, asking(n), b"") for n in range(6)]


class Handle:
    """A switch as an actor's handle has it."""

    def __init__(self) -> None:
        self.switch = StopSwitch()
        self.is_thrown = SimpleNamespace(remote=self._is_thrown)

    async def _is_thrown(self) -> bool:
        return self.switch.is_thrown()


def worker(folder: Path, service: Any, *, concurrency: int = 2, most_usd: Decimal | None = None) -> RayWorker:
    """Return an actor's insides."""
    make: Any = service if callable(service) else lambda: client_of(service)
    return RayWorker(
        WorkerSetup(make_client=make, concurrency=concurrency, folder=folder, most_usd=most_usd, switch=Handle())
    )


def carry_out(made: RayWorker, requests: list[BulkRequest] = REQUESTS, block: str = "a") -> list[BulkResult | bytes]:
    """Carry a block out, as Ray has it done."""
    table: Any = {"block": _column([block]), "request": _column([pickle.dumps(each) for each in requests])}
    return [pickle.loads(each) for each in asyncio.run(made(table))["row"]]  # noqa: S301 - the test's own


def _column(values: list[Any]) -> list[Any]:
    return [SimpleNamespace(as_py=partial(lambda value: value, each)) for each in values]


def test_every_row_has_a_result(tmp_path: Path) -> None:
    """Good or bad; the concurrency holds, and a second actor sends nothing of it again."""
    service = ScriptedService({3: [InvalidRequest("no", http_status=400)]})
    found = carry_out(worker(tmp_path, service))
    assert sorted(service.asked) == list(range(6))
    assert service.most == 2
    results = {each.key: each for each in found if isinstance(each, BulkResult)}
    assert {key[0] for key, each in results.items() if each.error} == {3}
    assert isinstance(results[REQUESTS[3].key].raised, InvalidRequest)
    other = ScriptedService()
    again = carry_out(worker(tmp_path, other))
    assert other.asked == []
    assert len(again) == 6


def test_a_block_whose_actor_died(tmp_path: Path) -> None:
    """Only what is not finished is sent."""
    carry_out(worker(tmp_path, ScriptedService()), REQUESTS[:2])
    service = ScriptedService()
    assert len(carry_out(worker(tmp_path, service))) == 6
    assert sorted(service.asked) == [2, 3, 4, 5]


@pytest.mark.parametrize("error", [NoCredentials("none"), UsageError("wrong")])
def test_a_client_that_cannot_be_made(tmp_path: Path, error: Exception) -> None:
    """Each row has the error itself, so that the job can end with it."""

    def fails() -> Any:
        raise error

    found = carry_out(worker(tmp_path, fails))
    assert [type(each.raised) for each in found if isinstance(each, BulkResult)] == [type(error)] * 6


def test_what_ends_a_job_is_not_kept_as_finished(tmp_path: Path) -> None:
    """A key that was refused is another one in the next run."""
    refused = ScriptedService({n: [AuthenticationFailed("no", http_status=401)] for n in range(6)})
    carry_out(worker(tmp_path, refused))
    with Spool(tmp_path, "a") as spool:
        assert spool.finished(REQUESTS) == []


def test_a_job_that_is_asked_to_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was not sent is named; what was under way is finished."""
    monkeypatch.setattr(ray_worker, "LOOK", 0.001)
    service = ScriptedService()
    service.hold.clear()
    made = worker(tmp_path, service, concurrency=1)

    async def end() -> list[BulkResult | bytes]:
        task = asyncio.create_task(made._carry_out("a", REQUESTS))
        while not service.asked:  # noqa: ASYNC110 - the script has no event for it
            await asyncio.sleep(0)
        made._setup.switch.switch.throw()
        await asyncio.sleep(0.02)
        service.hold.set()
        return await task

    found = asyncio.run(end())
    assert service.asked == [0]
    assert [each for each in found if isinstance(each, bytes)] == [each.key for each in REQUESTS[1:]]


def test_a_budget_on_a_machine_without_the_folder(tmp_path: Path) -> None:
    """Nothing is sent that no one counts."""
    found = carry_out(worker(tmp_path / "gone" / "blocks", ScriptedService(), most_usd=Decimal(1)))
    errors = {str(each.raised) for each in found if isinstance(each, BulkResult)}
    assert len(errors) == 1
    assert "is not there on this machine" in errors.pop()
