"""Loading in a process of the simulator's own; what is said of a missing package is in `tests/test_extras.py`."""

from __future__ import annotations

import gc

import pytest

from keybearer.simulator.extra import loading


def test_nothing_is_collected_while_modules_load() -> None:
    """Afterwards it is again, also when a module fails to load, and what was loaded is not looked through any more."""
    before = gc.get_freeze_count()
    try:
        with pytest.raises(ImportError), loading():  # noqa: PT012 - what is looked at is within the block
            assert not gc.isenabled()
            raise ImportError("no such module")
        assert gc.isenabled()
        assert gc.get_freeze_count() > before
    finally:
        gc.unfreeze()
