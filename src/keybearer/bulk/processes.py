"""The engine *local* in several processes of this machine, for more requests a second than one can send (`keybearer.bulk.child`).

Strategy: each process has a client of its own, and a part of the concurrency. The job hands them requests in small lists, so that one
that is slow gets fewer, and marks each as under way when it hands it over: the journal has one writer. What a process has beyond what
it sends at once is at most half of that, so that after a kill few rows are in doubt that were not under way.

Contract: as of `keybearer.bulk.port.Engine`. A process that dies ends the job: what it had under way is not finished, so that the next
run sends it again. What the others have under way has the job's `grace` to finish.
"""

from __future__ import annotations

import asyncio
import contextlib
import pickle
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from collections.abc import Set as AbstractSet
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from keybearer.bulk.arrivals import Arrivals
from keybearer.bulk.elsewhere import maker_of
from keybearer.bulk.frames import DONE, LENGTH, STOP, ChildSetup, Said, frame_of, read_said
from keybearer.bulk.port import BulkRequest, BulkResult, NewLine, failed_result
from keybearer.bulk.relayed_log import level_of_log, log_line
from keybearer.errors import KeybearerError, UsageError

if TYPE_CHECKING:
    from keybearer.bulk.engines import EngineSetup

__all__ = ["ProcessesEngine"]

AT_ONCE: Final = 32
"""The most requests that are handed to a process at once; fewer where fewer are under way."""


PATIENCE: Final = 5.0
"""How long a process has to end, in seconds."""


class _ChildProcess:
    """A process, as the job sees it.

    Args:
        process: The process.
        concurrency: How many requests it has under way at once.
    """

    def __init__(self, process: Process, concurrency: int) -> None:
        self.process = process
        self.concurrency = concurrency
        self.has = 0  # requests whose results have not come
        self.ended = False

    async def give(self, frame: bytes) -> None:
        """Send it a value's frame; one that is gone is noticed where its results are read."""
        assert self.process.stdin is not None  # noqa: S101 - it is a pipe
        with contextlib.suppress(ConnectionError):
            self.process.stdin.write(frame)
            await self.process.stdin.drain()

    async def next(self) -> Said:
        """Return what it says next; what it has logged is logged here.

        Raises:
            KeybearerError: It has died.
        """
        assert self.process.stdout is not None  # noqa: S101 - it is a pipe
        try:
            (size,) = LENGTH.unpack(await self.process.stdout.readexactly(LENGTH.size))
            said = read_said(await self.process.stdout.readexactly(size))
        except asyncio.IncompleteReadError:
            pass
        else:
            self.has -= len(said.lines) + len(said.failed) + len(said.unsent)
            with contextlib.suppress(Exception):  # a handler of the program's own
                for line in said.logged:
                    log_line(line)
            return said
        code = await self.end()
        raise KeybearerError(
            f"A process of the job has ended (exit code {code}) with {self.has:,} rows under way.",
            hint="What it said is above. Run the job again: finished rows are kept, and those are sent again.",
        )

    async def end(self) -> int:
        """Let it end, and return its exit code: one that still works sees that its job is gone.

        What it still says is read to its end: it would wait for that, and asyncio for its pipe.
        """
        if self.process.stdin is not None:
            self.process.stdin.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                return await _drained(self.process)
        self.kill()
        return await _drained(self.process)

    def kill(self) -> None:
        """End it at once."""
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()


class ProcessesEngine:
    """The engine *local* in several processes; see `keybearer.bulk.port.Engine`.

    Args:
        setup: What it is made from.
        processes: How many.
    """

    keeps_track = False
    marks_sent = True

    def __init__(self, setup: EngineSetup, processes: int) -> None:
        make_client = maker_of(setup)
        _check_module(make_client)
        processes = min(processes, setup.concurrency)
        share, more = divmod(setup.concurrency, processes)
        self._setups = [
            ChildSetup(
                make_client=make_client,
                concurrency=share + (n < more),
                folder=setup.journal.folder,
                most_usd=None if setup.budget is None else setup.budget.usd,
                log_level=level_of_log(),
            )
            for n in range(processes)
        ]
        self._grace = setup.grace
        self._mark = setup.journal.begin
        self._at_once = max(1, min(AT_ONCE, share // 4))
        self._children: list[_ChildProcess] = []
        self._arrivals = Arrivals()
        self._unsent: list[bytes] = []
        self._room = asyncio.Event()
        self._stopped = False
        self._failed: Exception | None = None

    async def results(self, work: AsyncIterator[Sequence[BulkRequest]]) -> AsyncGenerator[Sequence[BulkResult], None]:
        """Carry out what `work` gives, and give the results as they come."""
        try:
            for setup in self._setups:
                self._children.append(await self._started(setup))
            tasks = [asyncio.create_task(each) for each in (self._feed(work), *map(self._read, self._children))]
            async with contextlib.aclosing(self._arrivals.until_done(tasks)) as results:
                async for came in results:
                    yield came
            if self._failed is not None:
                raise self._failed
        finally:
            await asyncio.gather(*map(self._end, self._children))

    async def _end(self, child: _ChildProcess) -> None:
        """Let a process end, and hear what it has not sent."""
        if child.process.stdin is not None:
            child.process.stdin.close()
        with contextlib.suppress(TimeoutError, KeybearerError):
            async with asyncio.timeout(PATIENCE):
                last = child.ended
                while not last:
                    said = await child.next()
                    self._unsent += said.unsent
                    last = said.last
        await child.end()

    async def _started(self, asked: ChildSetup) -> _ChildProcess:
        try:
            setup = frame_of(sys.path) + frame_of(asked)
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
        return _ChildProcess(process, asked.concurrency)

    async def _feed(self, work: AsyncIterator[Sequence[BulkRequest]]) -> None:
        async for requests in work:
            at = 0
            try:
                while at < len(requests):
                    part = [*requests[at : at + self._at_once]]
                    if (child := await self._one_with_room()) is None or not self._marked(part):
                        return
                    at += len(part)
                    frame, count = self._framed(part)
                    if count:
                        child.has += count
                        await child.give(frame)
            finally:  # also where nobody waits for it any more
                self._unsent += [each.key for each in requests[at:]]
        for child in self._children:
            await child.give(frame_of(DONE))

    def _framed(self, part: list[BulkRequest]) -> tuple[bytes, int]:
        """Return the frame of the requests that can be sent to another process, and how many; each other one has failed."""
        try:
            return _frame(part), len(part)
        except Exception:  # noqa: BLE001 - what pickle raises is anybody's
            kept = []
            for each in part:
                try:
                    _frame([each])
                except Exception as error:  # noqa: BLE001 - as above
                    self._arrivals.add([failed_result(each, error)])
                else:
                    kept.append(each)
            return _frame(kept), len(kept)

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
        while not self._stopped:
            child = min(self._children, key=lambda each: each.has - each.concurrency)
            if child.has < child.concurrency + self._at_once:
                return child
            self._room.clear()
            await self._room.wait()
        return None

    async def _read(self, child: _ChildProcess) -> None:
        try:
            while not child.ended:
                said = await child.next()
                self._unsent += said.unsent
                self._arrivals.add([_written(line) for line in said.lines] + [_read_back(each) for each in said.failed])
                if said.error:
                    self._fail(_read_back(said.error))
                child.ended = said.last
                self._room.set()
        except KeybearerError as died:
            child.ended = True
            self._fail(died)

    def _fail(self, error: Exception) -> None:
        """End the job with an error, once what the other processes have under way has finished, or had its time."""
        if self._failed is None:
            self._failed = error
            asyncio.get_running_loop().call_later(self._grace, self._kill)
        self.stop()

    def _kill(self) -> None:
        for child in self._children:
            if not child.ended:
                child.kill()

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


def _check_module(make_client: Any) -> None:
    """Refuse what another process cannot import.

    Raises:
        UsageError: It is a function of the program that runs.
    """
    while isinstance(make_client, partial):
        make_client = make_client.func
    if getattr(make_client, "__module__", "") == "__main__":
        raise UsageError(
            "make_client is a function of the program itself, which another process cannot import.",
            hint="Put it into a module, and import it from there.",
        )


def _isolation() -> list[str]:
    """Return the flags of this interpreter that keep the environment and the user's folder out."""
    flags = {"isolated": "-I", "ignore_environment": "-E", "no_user_site": "-s"}
    return [flag for name, flag in flags.items() if getattr(sys.flags, name)]


def _frame(requests: Sequence[BulkRequest]) -> bytes:
    return frame_of([tuple(each) for each in requests])


def _written(line: NewLine) -> BulkResult:
    return BulkResult(key=line.key, info=b"", line=line)


def _read_back(pickled: bytes) -> Any:
    return pickle.loads(pickled)  # noqa: S301 - by a process of our own


async def _drained(process: Process) -> int:
    assert process.stdout is not None  # noqa: S101 - it is a pipe
    while await process.stdout.read(1 << 16):
        pass
    return await process.wait()
