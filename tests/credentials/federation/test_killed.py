"""A process that is killed at any step of an exchange: the next one goes on, and asks once more at the most."""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from keybearer.credentials.stores.lock import FileLock
from keybearer.simulator import Simulator
from support.disks import REQUEST_AFTER, STEPS
from support.forked import Forked
from support.whole import sampled

ENDS: dict[str, dict[str, Any]] = {
    "the lock is held": {"lock": "taken"},
    "before the identity token is read": {"identity": "before"},
    "after the identity token is read": {"identity": "after"},
    "before the request": {"request": "before"},
    "when the request is sent": {"request": "sent"},
    "after the reply": {"request": "after"},
    **{
        f"{'after' if after else 'before'} {name}": {"step": number, "after": after}
        for number, name in enumerate(STEPS)
        for after in (False, True)
    },
    **{f"within {STEPS[n]}, {part:.0%}": {"step": n, "torn": part} for n in (1, 4) for part in (0.01, 0.5, 0.99)},
    "before the lock is released": {"lock": "released"},
}
"""Every place where an exchange can be ended, in order but for the torn writes."""


def asked_before(end: dict[str, Any]) -> bool:
    """Whether the exchange was sent before the process ended."""
    return (
        end.get("request") in {"sent", "after"} or end.get("step", -1) >= REQUEST_AFTER or end.get("lock") == "released"
    )


def kept(end: dict[str, Any]) -> bool:
    """Whether its result was whole on the disk."""
    if end.get("lock") == "released":
        return True
    step = end.get("step", -1)
    return "torn" not in end and (step > REQUEST_AFTER or (step == REQUEST_AFTER and bool(end.get("after"))))


@pytest.mark.parametrize("name", sampled(list(ENDS), 7))
def test_a_killed_exchange_leaves_nothing_torn_and_nothing_locked(
    sim: Simulator, tmp_path: Path, name: str, forked: Forked
) -> None:
    """The next process has a good token by one further exchange, or by none where the first one's was kept; a third asks no more."""
    end = ENDS[name]
    token = tmp_path / "identity"
    token.write_text(sim.identity_provider.issue())
    cache = tmp_path / "cache" / "it.json"
    given = {"path": str(cache), "url": sim.base_url + "/v1/oauth/token", "token": str(token)}
    ended = forked("federate", **given, **end)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    lock = FileLock(cache.with_name(".it.json.lock"))
    assert lock.acquire()
    lock.release()
    if cache.exists():
        json.loads(cache.read_text())
    used = [forked("federate", **given) for _ in range(2)]
    assert [each.returncode for each in used] == [0, 0], used[0].stderr
    assert len({each.stdout for each in used}) == 1
    assert sim._state.grants.check(used[0].stdout.strip()) == "svac_simulator/default"
    assert json.loads(cache.read_text())["access_token"] == used[0].stdout.strip()
    assert [each.name for each in cache.parent.iterdir() if "journal" in each.name] == []
    wait_for = asked_before(end) + (not kept(end))
    deadline = time.monotonic() + 5
    while len(posts(sim)) < wait_for and time.monotonic() < deadline:
        time.sleep(0.01)  # the request of a process that died waiting is written down when it is answered
    assert posts(sim) == [200] * wait_for


def posts(sim: Simulator) -> list[int]:
    """The statuses of the exchanges so far."""
    return [request.status for request in sim.requests if request.path == "/v1/oauth/token"]
