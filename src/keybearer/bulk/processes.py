"""The engine *local* in several processes of this machine, for more requests a second than one can send (`keybearer.bulk.child`).

Strategy: each process has a client of its own, and a part of the concurrency. The job hands them requests in small lists, so that one
that is slow gets fewer, and marks each as under way when it hands it over: the journal has one writer. What a process has beyond what
it sends at once is at most half of that, so that after a kill few rows are in doubt that were not under way.

Contract: as of `keybearer.bulk.port.Engine`. A process that dies ends the job: what it had under way is not finished, so that the next
run sends it again.
"""

from __future__ import annotations

import asyncio
import contextlib
import pickle
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Any, Final

from keybearer.bulk.arrivals import Arrivals
from keybearer.bulk.elsewhere import maker_of
from keybearer.bulk.frames import DONE, LENGTH, STOP, ChildSetup, frame_of
from keybearer.bulk.port import BulkRequest, BulkResult, failed_result
from keybearer.errors import KeybearerError, UsageError

if TYPE_CHECKING:
    from keybearer.bulk.engines import EngineSetup

__all__ = ["ProcessesEngine"]

AT_ONCE: Final = 32
"""The most requests that are handed to a process at once; fewer where fewer are under way."""


PATIENCE: Final = 5.0
"""How long a process has to end, in seconds."""


class _ChildProcess:
    """A process, as the job sees it."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.has = 0  # requests whose results have not come

    async def give(self, frame: bytes) -> None:
        """Send it a value's frame; one that is gone is noticed where its results are read."""
        assert self.process.stdin is not None  # noqa: S101 - it is a pipe
        with contextlib.suppress(ConnectionError):
            self.process.stdin.write(frame)
            await self.process.stdin.drain()

    async def next(self) -> Any:
        """Return what it says next.

        Raises:
            KeybearerError: It has died.
        """
        assert self.process.stdout is not None  # noqa: S101 - it is a pipe
        try:
            (size,) = LENGTH.unpack(await self.process.stdout.readexactly(LENGTH.size))
            return pickle.loads(await self.process.stdout.readexactly(size))  # noqa: S301 - by a process of our own
        except asyncio.IncompleteReadError:
            pass
        code = await _end(self.process)
        raise KeybearerError(
            f"A process of the job has ended (exit code {code}) with {self.has:,} rows under way.",
            hint="What it said is above. Run the job again: finished rows are kept, and those are sent again.",
        )


class ProcessesEngine:
    """The engine *local* in several processes; see `keybearer.bulk.port.Engine`.

    Args:
        setup: What it is made from.
        processes: How many.
    """

    keeps_track = False
    marks_sent = True

    def __init__(self, setup: EngineSetup, processes: int) -> None:
        self._setup = ChildSetup(
            make_client=maker_of(setup),
            concurrency=-(-setup.concurrency // processes),
            folder=setup.journal.folder,
            most_usd=None if setup.budget is None else setup.budget.usd,
        )
        self._processes = processes
        self._mark = setup.journal.begin
        self._at_once = max(1, min(AT_ONCE, self._setup.concurrency // 4))
        self._children: list[_ChildProcess] = []
        self._arrivals = Arrivals()
        self._unsent: list[bytes] = []
        self._room = asyncio.Event()
        self._stopped = False

    async def results(self, work: AsyncIterator[Sequence[BulkRequest]]) -> AsyncGenerator[Sequence[BulkResult], None]:
        """Carry out what `work` gives, and give the results as they come."""
        try:
            for _ in range(self._processes):
                self._children.append(await self._started())
            tasks = [asyncio.create_task(each) for each in (self._feed(work), *map(self._read, self._children))]
            async with contextlib.aclosing(self._arrivals.until_done(tasks)) as results:
                async for came in results:
                    yield came
        finally:
            await asyncio.gather(*(_end(child.process) for child in self._children))

    async def _started(self) -> _ChildProcess:
        try:
            setup = frame_of(sys.path) + frame_of(self._setup)
        except Exception as error:  # noqa: BLE001 - what pickle raises is anybody's
            raise UsageError(
                f"What makes the client cannot be sent to another process: {error}",
                hint="make_client takes a function of a module, or a functools.partial of one.",
            ) from None
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-P", *_isolation(), "-m", "keybearer.bulk.child"),  # nothing of the working folder is imported
            stdin=PIPE,
            stdout=PIPE,
            start_new_session=True,  # a key at the terminal stops the job, which stops its processes in order
        )
        assert process.stdin is not None  # noqa: S101 - it is a pipe
        process.stdin.write(setup)
        return _ChildProcess(process)

    async def _feed(self, work: AsyncIterator[Sequence[BulkRequest]]) -> None:
        async for requests in work:
            for at in range(0, len(requests), self._at_once):
                part = [*requests[at : at + self._at_once]]
                if (child := await self._one_with_room()) is None or not self._marked(part):
                    self._unsent += [each.key for each in requests[at:]]
                    return
                frame, count = self._framed(part)
                if count:
                    child.has += count
                    await child.give(frame)
        for child in self._children:
            await child.give(frame_of(DONE))

    def _framed(self, part: list[BulkRequest]) -> tuple[bytes, int]:
        """Return the frame of the requests that can be sent to another process, and how many; each other one has failed."""
        try:
            return frame_of(part), len(part)
        except Exception:  # noqa: BLE001 - what pickle raises is anybody's
            kept = []
            for each in part:
                try:
                    frame_of(each)
                except Exception as error:  # noqa: BLE001 - as above
                    self._arrivals.add([failed_result(each, error)])
                else:
                    kept.append(each)
            return frame_of(kept), len(kept)

    def _marked(self, part: Sequence[BulkRequest]) -> bool:
        """Mark requests as under way; where that cannot be written, nothing more is sent, and the journal says why."""
        try:
            self._mark([each.key for each in part])
        except UsageError:
            self.stop()
            return False
        return True

    async def _one_with_room(self) -> _ChildProcess | None:
        """Return the process that has least to do, once it has room; None when nothing more is to be sent."""
        most = self._setup.concurrency + self._at_once
        while not self._stopped:
            child = min(self._children, key=lambda each: each.has)
            if child.has < most:
                return child
            self._room.clear()
            await self._room.wait()
        return None

    async def _read(self, child: _ChildProcess) -> None:
        while not isinstance(said := await child.next(), tuple):
            self._arrivals.add([pickle.loads(each) if isinstance(each, bytes) else each for each in said])  # noqa: S301 - as above
            child.has -= len(said)
            self._room.set()
        child.has -= len(said)
        self._unsent += said

    def stop(self) -> None:
        """Send nothing more."""
        if not self._stopped:
            self._stopped = True
            self._room.set()
            for child in self._children:
                if child.process.stdin is not None and not child.process.stdin.is_closing():
                    child.process.stdin.write(frame_of(STOP))

    def unsent(self) -> Sequence[bytes]:
        """Return the keys of requests that were taken and not sent."""
        return self._unsent

    def under_way(self) -> int:
        """Return how many requests the processes have, whose results have not come."""
        return sum(each.has for each in self._children)

    def taken(self, keys: AbstractSet[bytes]) -> AbstractSet[bytes]:
        """Return none: nothing is left of an earlier run."""
        del keys
        return frozenset()


def _isolation() -> list[str]:
    """Return the flags of this interpreter that keep the environment and the user's folder out."""
    flags = {"isolated": "-I", "ignore_environment": "-E", "no_user_site": "-s"}
    return [flag for name, flag in flags.items() if getattr(sys.flags, name)]


async def _end(process: Process) -> int:
    """Let a process end, and return its exit code: one that still works sees that its job is gone.

    What it still says is read to its end: it would wait for that, and asyncio for its pipe.
    """
    if process.stdin is not None:
        process.stdin.close()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            return await _drained(process)
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    return await _drained(process)


async def _drained(process: Process) -> int:
    assert process.stdout is not None  # noqa: S101 - it is a pipe
    while await process.stdout.read(1 << 16):
        pass
    return await process.wait()
