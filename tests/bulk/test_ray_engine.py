"""The driver's side of Ray, without Ray: how rows are gathered, and what is said where it is not installed."""

from __future__ import annotations

import asyncio
import importlib.util
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path

import pytest

from keybearer import AsyncClient, bulk
from keybearer.bulk import ray_engine
from keybearer.bulk.port import BulkRequest
from keybearer.errors import UsageError

REQUESTS = [BulkRequest(bytes([n]) * 16, {}, b"") for n in range(7)]


async def lists(*sizes: int, pause: float = 0.0) -> AsyncGenerator[Sequence[BulkRequest], None]:
    """Give requests in lists of some sizes, with a pause after each."""
    rest = iter(REQUESTS)
    for size in sizes:
        yield [next(rest) for _ in range(size)]
        await asyncio.sleep(pause)


async def gathered(work: AsyncGenerator[Sequence[BulkRequest], None]) -> list[int]:
    """Return the lengths of the parts."""
    return [len(part) async for part in ray_engine._parts(work)]


@pytest.mark.parametrize(("sizes", "parts"), [((), []), ((2, 1, 3), [3, 3]), ((3, 3, 1), [3, 3, 1]), ((7,), [7])])
def test_rows_are_gathered(monkeypatch: pytest.MonkeyPatch, sizes: tuple[int, ...], parts: list[int]) -> None:
    """So many at least, until there are no more."""
    monkeypatch.setattr(ray_engine, "PART", 3)
    assert asyncio.run(gathered(lists(*sizes))) == parts


def test_rows_that_come_slowly_do_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that are there are sent while the next are awaited."""
    monkeypatch.setattr(ray_engine, "SOON", 0.001)
    assert asyncio.run(gathered(lists(1, 1, pause=0.05))) == [1, 1]


@pytest.mark.skipif(importlib.util.find_spec("ray") is not None, reason="Ray is installed")
def test_ray_is_not_installed(tmp_path: Path) -> None:
    """The job says what to install, and nothing is sent."""
    with pytest.raises(UsageError, match="needs ray") as caught:
        bulk.run([{"messages": []}], tmp_path / "out", engine="ray", client=AsyncClient(api_key="sk-ant-example"))
    assert "keybearer[ray]" in caught.value.hint
