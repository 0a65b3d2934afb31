"""The threads of tools: as many as there is work, used again, gone when idle."""

from __future__ import annotations

import contextvars
import gc
import os
import threading
import weakref
from collections.abc import Iterator

import pytest

from keybearer.shell import tool_threads
from keybearer.shell.tool_threads import WAITING, WORKING, in_thread


@pytest.fixture(autouse=True)
def no_idle_threads() -> Iterator[None]:
    """Begin with no thread that is idle."""
    tool_threads._idle.clear()  # those that were idle end by themselves
    yield
    tool_threads._idle.clear()


def test_a_thread_has_the_context_of_its_caller() -> None:
    """What a request has set for its task is there in its tools, and nowhere else."""
    number: contextvars.ContextVar[int] = contextvars.ContextVar("number", default=0)
    token = number.set(7)
    assert in_thread(number.get).result(30) == 7
    number.reset(token)
    assert in_thread(number.get).result(30) == 0


def test_an_idle_thread_is_used_again() -> None:
    """One call after the other needs one thread."""
    found = {in_thread(threading.get_ident).result(30) for _ in range(50)}
    assert len(found) == 1


def test_work_never_waits_for_other_work() -> None:
    """Each of many calls at once has a thread of its own; all are daemons, named by what they do."""
    together = threading.Barrier(20)
    waiting = [in_thread(lambda: together.wait(30) is not None and threading.current_thread()) for _ in range(20)]
    threads = {each.result(30) for each in waiting}
    assert len(threads) == 20
    assert all(thread and thread.daemon and thread.name in {WORKING, WAITING} for thread in threads)


def test_what_work_raises_is_raised_where_it_is_waited_for() -> None:
    """Also what would end a program; the thread is used again."""

    def leave() -> int:
        raise SystemExit(threading.get_ident())

    with pytest.raises(SystemExit) as caught:
        in_thread(leave).result(30)
    assert in_thread(threading.get_ident).result(30) == caught.value.code


def test_an_idle_thread_keeps_nothing_of_its_work() -> None:
    """What a tool was given can be freed."""

    class Large:
        def __call__(self) -> None:
            pass

    work = Large()
    seen = weakref.ref(work)
    in_thread(work).result(30)
    del work
    in_thread(int).result(30)  # the thread has let go of the first
    gc.collect()
    assert seen() is None


def test_an_idle_thread_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that calls no tool for a while has none of these threads."""
    monkeypatch.setattr(tool_threads, "IDLE", 0.001)
    thread = in_thread(threading.current_thread).result(30)
    thread.join(30)
    assert not thread.is_alive()
    assert not tool_threads._idle


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")  # it has threads, as any program with tools
def test_a_child_process_has_threads_of_its_own() -> None:
    """The idle threads of its parent are not there after a fork."""
    in_thread(int).result(30)
    assert tool_threads._idle
    pid = os.fork()
    if pid == 0:
        os._exit(0 if in_thread(lambda: 5).result(30) == 5 else 1)
    assert os.waitpid(pid, 0)[1] == 0
