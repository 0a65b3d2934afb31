"""The engine *ray*: Ray Data's `map_batches` on this machine or a cluster, with a client in each actor (`keybearer.bulk.ray_worker`).

Strategy: requests become a dataset of blocks, a part of the job at a time, so that memory does not grow with the number of rows. The
actors ask for no processor, for they wait most of the time. The cluster is that of `ray.init(address=...)` or RAY_ADDRESS; without
one Ray is started here for the job, and stopped after it.

Contract: as of `keybearer.bulk.port.Engine`. A row whose answer an actor has had is not sent again, whether the actor, Ray or the job
is killed, where the actors reach the journal's folder: it is in the block's spool (`keybearer.bulk.spool`).
"""

from __future__ import annotations

import asyncio
import logging
import math
import pickle
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from keybearer.bulk.elsewhere import maker_of
from keybearer.bulk.port import BulkRequest, BulkResult
from keybearer.bulk.ray_worker import RayWorker, StopSwitch, WorkerSetup
from keybearer.bulk.spool import spool_folder, take_spooled
from keybearer.errors import UsageError
from keybearer.errors.sanitize import sanitize

if TYPE_CHECKING:
    from keybearer.bulk.engines import EngineSetup

__all__ = ["RayEngine", "make"]

PART: Final = 20_000
"""How many rows are given to Ray at once."""

SOON: Final = 0.5
"""How long rows are waited for before those that are there are given to Ray, in seconds."""

AT_ONCE: Final = 2
"""How many blocks an actor has at once, so that it goes on while the slowest row of one is awaited."""

PER_ACTOR: Final = 32
"""How many requests an actor has under way, as long as there are processors for more actors."""

_OVER: Final = object()


class RayEngine:
    """The engine *ray*; see `keybearer.bulk.port.Engine`.

    Args:
        setup: What it is made from.
    """

    keeps_track = False

    def __init__(self, setup: EngineSetup) -> None:
        self._setup = setup
        self._folder = spool_folder(setup.journal).resolve()
        self._stopped = False
        self._unsent: list[bytes] = []
        self._under_way = 0
        self._switch: Any = None

    async def results(self, work: AsyncIterator[Sequence[BulkRequest]]) -> AsyncGenerator[Sequence[BulkResult], None]:
        """Carry out what `work` gives, and give the results as they come.

        Raises:
            UsageError: Ray is not installed, or cannot go on.
        """
        ray = _ray()
        started = not ray.is_initialized()
        if started:
            await asyncio.to_thread(_start, ray)
        try:
            self._switch = ray.remote(num_cpus=0)(StopSwitch).remote()
            parts = _parts(work)
            async for part in parts:
                if self._stopped:
                    self._unsent += [each.key for each in part]
                    continue
                self._under_way = len(part)
                async for came in self._rows(part):
                    self._under_way -= len(came)
                    self._unsent += [each for each in came if isinstance(each, bytes)]
                    if results := [each for each in came if isinstance(each, BulkResult)]:
                        yield results
                # Only what is in the journal is given up: the results above are, when the next are asked for.
                for path in self._folder.glob("*.jsonl"):
                    path.unlink(missing_ok=True)
        finally:
            self._switch = None
            if started:
                await asyncio.to_thread(ray.shutdown)

    async def _rows(self, part: Sequence[BulkRequest]) -> AsyncGenerator[Sequence[BulkResult | bytes], None]:
        """Give what Ray makes of a part of the job: a list for each block, as they come."""
        loop, came = asyncio.get_running_loop(), asyncio.Queue[Any]()
        gone = threading.Event()

        def hand_over(value: Any) -> None:
            if gone.is_set():
                raise _Gone
            loop.call_soon_threadsafe(came.put_nowait, value)

        thread = threading.Thread(target=self._carry_out, args=(part, hand_over), name="keybearer-ray", daemon=True)
        thread.start()
        try:
            while (found := await came.get()) is not _OVER:
                if isinstance(found, Exception):
                    raise found
                yield found
        finally:
            gone.set()

    def _carry_out(self, part: Sequence[BulkRequest], hand_over: Callable[[Any], None]) -> None:
        try:
            for rows in self._dataset(part).iter_batches(batch_size=None, batch_format="pyarrow", prefetch_batches=0):
                hand_over([pickle.loads(each.as_py()) for each in rows["row"]])  # noqa: S301 - by our own actors
        except _Gone:
            return
        except Exception as error:  # noqa: BLE001 - Ray's, of many kinds
            failure = UsageError(
                f"Ray could not carry the rows out: {type(error).__name__}: {sanitize(str(error), 500)}",
                hint="Run it again: finished rows are kept. The logs of Ray say more.",
            )
            hand_over(failure)
        else:
            hand_over(_OVER)

    def _dataset(self, part: Sequence[BulkRequest]) -> Any:
        import pyarrow as pa

        ray = _ray()

        actors = max(1, min(int(ray.cluster_resources().get("CPU", 1)), self._setup.concurrency // PER_ACTOR))
        each = math.ceil(self._setup.concurrency / actors / AT_ONCE)
        size = max(1, min(8 * each, math.ceil(len(part) / actors / AT_ONCE)))
        blocks = [
            pa.table(
                {"block": [uuid4().hex] * len(rows), "request": [pickle.dumps(row) for row in rows]},
                schema=pa.schema([("block", pa.string()), ("request", pa.binary())]),
            )
            for rows in (part[at : at + size] for at in range(0, len(part), size))
        ]
        worker = WorkerSetup(
            make_client=maker_of(self._setup),
            concurrency=each,
            folder=self._folder,
            most_usd=None if self._setup.budget is None else self._setup.budget.usd,
            switch=self._switch,
        )
        return ray.data.from_arrow(blocks).map_batches(
            RayWorker,
            fn_constructor_args=(worker,),
            batch_size=None,
            batch_format="pyarrow",
            num_cpus=0,
            compute=ray.data.ActorPoolStrategy(
                size=actors, max_tasks_in_flight_per_actor=AT_ONCE, max_concurrent_calls_per_actor=AT_ONCE
            ),
        )

    def stop(self) -> None:
        """Send nothing more."""
        self._stopped = True
        if self._switch is not None:
            self._switch.throw.remote()

    def unsent(self) -> Sequence[bytes]:
        """Return the keys of requests that were taken and not sent."""
        return self._unsent

    def under_way(self) -> int:
        """Return how many requests Ray has, whose results have not come."""
        return self._under_way

    def taken(self, keys: AbstractSet[bytes]) -> AbstractSet[bytes]:
        """Return none: what an earlier run's actors have finished is in the journal already."""
        del keys
        return frozenset()


class _Gone(Exception):  # noqa: N818 - what happened; it never leaves this module
    """Nobody waits for the rows any more."""


async def _parts(work: AsyncIterator[Sequence[BulkRequest]]) -> AsyncGenerator[list[BulkRequest], None]:
    """Give requests in large lists: so many at once, or those that have come where more do not come soon."""
    held: list[BulkRequest] = []
    coming: asyncio.Task[Any] | None = None
    try:
        while True:
            coming = coming or asyncio.ensure_future(anext(work, None))
            await asyncio.wait({coming}, timeout=SOON if held else None)
            if coming.done():
                requests, coming = coming.result(), None
                if requests is None:
                    break
                held += requests
                if len(held) < PART:
                    continue
            yield held
            held = []
        if held:
            yield held
    finally:
        if coming is not None:
            coming.cancel()


def _ray() -> Any:
    try:
        import ray
        import ray.data
    except ImportError as missing:
        raise UsageError(
            f"The engine ray needs {missing.name}, which is not installed.",
            hint="Install keybearer with its extra: 'keybearer[ray]'",
        ) from None
    return ray


def _start(ray: Any) -> None:
    """Start Ray, or join the cluster of RAY_ADDRESS; in a thread of its own, for in the main one it would take SIGTERM for itself."""
    ray.init(include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    ray.data.DataContext.get_current().enable_progress_bars = False


def make(setup: EngineSetup) -> RayEngine:
    """Return the engine *ray*; what an earlier run's actors have finished is taken into the journal."""
    take_spooled(setup.journal)
    return RayEngine(setup)
