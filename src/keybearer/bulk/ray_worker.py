"""What an actor of Ray does with a block of requests: the engine *local*, with a client of the actor's own.

Contract: a result is in the block's spool before anything else is done with it. A block that is given to an actor again, because the
first one died, sends only what is not finished there. Credentials are found where the actor runs; none is sent to it.
"""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import AsyncGenerator, Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from keybearer.bulk.budget import job_budget
from keybearer.bulk.elsewhere import pickled
from keybearer.bulk.local import LocalEngine
from keybearer.bulk.port import BulkRequest, BulkResult, failed_result
from keybearer.bulk.spool import Spool, hold_folder
from keybearer.bulk.trouble import ends_job
from keybearer.client.aio import AsyncClient
from keybearer.errors import KeybearerError

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["RayWorker", "StopSwitch", "WorkerSetup"]

LOOK: Final = 0.5
"""How often an actor asks whether the job is to end, in seconds."""


class StopSwitch:
    """Says to all actors whether the job is to end; an actor itself."""

    def __init__(self) -> None:
        self._thrown = False

    def throw(self) -> None:
        """Ask the job to end."""
        self._thrown = True

    def is_thrown(self) -> bool:
        """Return whether the job is to end."""
        return self._thrown


class WorkerSetup(Struct, frozen=True, kw_only=True):
    """What an actor is made from.

    Attributes:
        make_client: Makes its client.
        concurrency: How many requests of a block are under way at once.
        folder: Where the finished rows of a block are written.
        most_usd: The job's budget; None without one.
        switch: The handle of the job's `StopSwitch`.
    """

    make_client: Callable[[], AsyncClient]
    concurrency: int
    folder: Path
    most_usd: Decimal | None
    switch: Any


class RayWorker:
    """Carries out blocks of requests, several at once; for `Dataset.map_batches`.

    Args:
        setup: What it is made from.
    """

    def __init__(self, setup: WorkerSetup) -> None:
        self._setup = setup
        self._client: AsyncClient | None = None
        self._held = hold_folder(setup.folder)
        self._options: dict[str, Any] = {}

    async def __call__(self, table: pa.Table) -> dict[str, list[bytes]]:
        """Carry out a block: a row for each request, pickled; return a row for each result, and for each key that was not sent."""
        block = table["block"][0].as_py()
        requests: list[BulkRequest] = [pickle.loads(each.as_py()) for each in table["request"]]  # noqa: S301 - by the job
        rows = await self._carry_out(block, requests)
        return {"row": [pickled(each) for each in rows]}

    async def _carry_out(self, block: str, requests: list[BulkRequest]) -> list[BulkResult | bytes]:
        with Spool(self._setup.folder, block) as spool:
            done: list[BulkResult | bytes] = [*spool.finished(requests)]
            finished = {each.key for each in done if isinstance(each, BulkResult)}
            left = [each for each in requests if each.key not in finished]
            try:
                engine = self._engine()
            except KeybearerError as error:  # it concerns every row
                return [*done, *(failed_result(each, error) for each in left)]
            looking = asyncio.create_task(self._stop_when_asked(engine))
            try:
                async for came in engine.results(_once(left)):
                    spool.add([each for each in came if not ends_job(each.raised)])
                    done += came
            finally:
                looking.cancel()
            return [*done, *engine.unsent()]

    def _engine(self) -> LocalEngine:
        setup = self._setup
        if self._client is None:
            if setup.most_usd is not None:
                self._options["spend_limit"] = job_budget(setup.most_usd, setup.folder.parent)
            self._client = setup.make_client()
        return LocalEngine(self._client, concurrency=setup.concurrency, options=self._options)

    async def _stop_when_asked(self, engine: LocalEngine) -> None:
        try:
            while not await self._setup.switch.is_thrown.remote():  # noqa: ASYNC110 - the switch is in another process
                await asyncio.sleep(LOOK)
        finally:  # also where the job is gone, and its switch with it
            engine.stop()


async def _once(requests: Sequence[BulkRequest]) -> AsyncGenerator[Sequence[BulkRequest], None]:
    yield requests
