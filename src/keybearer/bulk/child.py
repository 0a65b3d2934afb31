"""A process that carries out rows for the engine *local*: `python -m keybearer.bulk.child`, which a job starts.

    standard input:  the job's `sys.path`, a `ChildSetup`, lists of requests; `STOP`: send nothing more; `DONE`: nothing more comes
    standard output: `Said`: rows as they finish, and at the end, also when it is cut short, the keys of what was not sent

Strategy: what can be done here is not done by the job's one process, which all wait for: this one makes the lines that are written.
Results go a list at a time, the event loop is uvloop's where that is installed, and the garbage collector looks less often: what is
under way is some hundred objects a request, of which nearly none is garbage in a circle.

Contract: when the job's process is gone, this one ends at once. What is printed here goes to standard error.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import pickle
import signal
import sys
import threading
import traceback
from collections.abc import AsyncGenerator, Sequence
from functools import partial
from typing import IO, Any, Final, NoReturn

from keybearer.bulk.budget import job_budget
from keybearer.bulk.elsewhere import pickled
from keybearer.bulk.frames import STOP, ChildSetup, Said, frame_of_said, read_frame
from keybearer.bulk.lines import new_line
from keybearer.bulk.local import LocalEngine
from keybearer.bulk.port import BulkRequest, BulkResult
from keybearer.bulk.relayed_log import LogLine, LogRelay
from keybearer.errors import KeybearerError
from keybearer.shell.fast_loop import run

__all__ = ["main"]


GATHER: Final = 0.005
"""How long results are gathered before more of them are sent, in seconds."""

ALLOCATIONS: Final = 20_000
"""After so many more objects the garbage collector looks at the young ones; Python's own default is 700."""


class _Child:
    """This process.

    Args:
        given: What the job sends.
        results: Where the results go.
    """

    def __init__(self, given: IO[bytes], results: IO[bytes]) -> None:
        self._given, self._results = given, results
        self._coming: asyncio.Queue[list[BulkRequest] | None] = asyncio.Queue()
        self._engine: LocalEngine | None = None

    async def work(self) -> None:
        """Carry out what the job gives, until nothing more comes."""
        setup: ChildSetup = await asyncio.to_thread(read_frame, self._given)
        self._read_on()
        LogRelay(partial(self._log, asyncio.get_running_loop())).begin(setup.log_level)
        try:
            client = setup.make_client()
        except KeybearerError as error:  # it concerns every row
            self._say(Said(error=pickle.dumps(error)))
            async for requests in self._requests():  # until the job says that no more come
                self._say(Said(unsent=[each.key for each in requests]))
            self._say(Said(last=True))
            return
        options = {} if setup.most_usd is None else {"spend_limit": job_budget(setup.most_usd, setup.folder)}
        try:
            async with client:
                self._engine = LocalEngine(client, concurrency=setup.concurrency, options=options)
                async with contextlib.aclosing(self._engine.results(self._requests())) as results:
                    async for came in results:
                        self._say(_said(came))
                        await asyncio.sleep(GATHER)
        finally:
            with contextlib.suppress(BrokenPipeError):  # the job is gone
                self._say(Said(unsent=self._left(), last=True))

    def _left(self) -> list[bytes]:
        """Return the keys of what was given and not sent."""
        unsent = [] if self._engine is None else [*self._engine.unsent()]
        while not self._coming.empty():
            unsent += [each.key for each in self._coming.get_nowait() or ()]
        return unsent

    def _read_on(self) -> None:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None  # noqa: S101 - this is called by one

        def read() -> None:
            with contextlib.suppress(RuntimeError):  # the loop has ended, and the job closes the pipe
                try:
                    while True:
                        loop.call_soon_threadsafe(self._take, read_frame(self._given))
                except EOFError:
                    loop.call_soon_threadsafe(task.cancel)  # the job is gone: nobody wants what is under way
                except RuntimeError:
                    raise
                except Exception:  # noqa: BLE001 - what cannot be read here, such as a class of the job's own program
                    _die()

        threading.Thread(target=read).start()  # the process ends when the job has closed the pipe

    def _take(self, value: Any) -> None:
        self._coming.put_nowait([BulkRequest._make(each) for each in value] if isinstance(value, list) else None)
        if value == STOP and self._engine is not None:
            self._engine.stop()

    async def _requests(self) -> AsyncGenerator[Sequence[BulkRequest], None]:
        while (requests := await self._coming.get()) is not None:
            yield requests

    def _log(self, loop: asyncio.AbstractEventLoop, line: LogLine) -> None:
        def say() -> None:
            with contextlib.suppress(BrokenPipeError, ValueError):  # the job is gone, or all is said
                self._say(Said(logged=[line]))

        with contextlib.suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(say)

    def _say(self, said: Said) -> None:
        self._results.write(frame_of_said(said))
        self._results.flush()


def _said(results: Sequence[BulkResult]) -> Said:
    good, failed = [], []
    for each in results:
        if each.error is None:
            good.append(new_line(each))
        else:
            failed.append(pickled(each))
    return Said(lines=good, failed=failed)


def main() -> None:
    """Work for the job that has started this process, which ends it: signals that reach both are the job's."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    results = os.fdopen(os.dup(1), "wb")
    os.dup2(_errors(), 1)  # what anything prints must not be among the results
    try:
        sys.path[:] = read_frame(sys.stdin.buffer)
        gc.freeze()
        gc.set_threshold(ALLOCATIONS, *gc.get_threshold()[1:])
        with contextlib.suppress(asyncio.CancelledError, BrokenPipeError), results:
            run(_Child(sys.stdin.buffer, results).work())
    except BaseException:  # noqa: BLE001 - whatever it is
        _die()


def _errors() -> int:
    """Return where errors are printed; nowhere if that is closed."""
    try:
        os.fstat(2)
    except OSError:
        return os.open(os.devnull, os.O_WRONLY)
    return 2


def _die() -> NoReturn:
    """End with the present exception, also while a thread waits for the job, which notices that this process is gone."""
    traceback.print_exc()
    os._exit(1)


if __name__ == "__main__":
    main()
