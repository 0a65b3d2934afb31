"""The calls of a run that are running; how they start, end and are given up is in `test_run.py` and `test_faults.py`."""

from __future__ import annotations

import gc
import weakref

import pytest

from keybearer import tool
from keybearer.tools.running import outer_run
from support.tool_runs import DRIVER, Script, answer, call, made


@tool
def look() -> str:
    """Look whether a run is around this."""
    return str(outer_run() is not None)


def test_a_tool_is_inside_its_run() -> None:
    """And nothing else is."""
    going = made(Script([answer(call("look")), answer("Done.")]), [look])
    assert DRIVER.run(going.to_end()).steps[0].outcomes[0].content == "True"
    assert outer_run() is None


@pytest.mark.parametrize("fails", [False, True])
def test_a_run_that_has_ended_is_freed_at_once(fails: bool) -> None:
    """Nothing in it refers to what refers to it: a long history does not wait for the garbage collector."""
    gc.collect()
    gc.disable()
    try:
        going = made(Script([answer(call("look"))] + [answer("Done.")] * (not fails)), [look])
        try:
            result = DRIVER.run(going.to_end())
        except IndexError:
            result = None
        seen = weakref.ref(going)
        del going, result
        assert seen() is None
    finally:
        gc.enable()
