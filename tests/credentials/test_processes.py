"""The refresh under crowds, forks and sudden ends, with real processes against the simulator's authorization server."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from keybearer.credentials.oauth.bundle_codec import BUNDLE
from keybearer.credentials.stores.file import FileStore
from keybearer.simulator import Simulator
from support.disks import REQUEST_AFTER, STEPS
from support.forked import LIMIT, SCRIPT, Forked
from support.logins import write_private
from support.whole import WHOLE


def start(name: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run a process to its end."""
    return subprocess.run(  # noqa: S603 - our own script
        [sys.executable, str(SCRIPT), name, json.dumps(options)],
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
    )


def posts(sim: Simulator) -> list[int]:
    """The statuses of the token requests so far."""
    return [request.status for request in sim.requests if request.path == "/v1/oauth/token"]


def expired_bundle(folder: Path, sim: Simulator) -> Path:
    """A bundle of the simulator's whose access token has expired."""
    granted = sim.login(expires_in=0)
    return write_private(
        folder / "logins" / "oauth.json",
        {
            "access_token": granted["access_token"],
            "refresh_token": granted["refresh_token"],
            "expires_at": 1_700_000_000,
            "token_endpoint": sim.base_url + "/v1/oauth/token",
            "mine": "kept",
        },
    )


@pytest.fixture
def lenient() -> Iterator[Simulator]:
    """A server that answers a spent refresh token with its successor for a while."""
    with Simulator(refresh_grace_seconds=600) as sim:
        yield sim


def test_a_crowd_makes_one_request(sim: Simulator, tmp_path: Path) -> None:
    """Many processes with 20 tasks each on one expired bundle: exactly one token request, and everyone is served."""
    crowd = 64 if WHOLE else 24
    path = expired_bundle(tmp_path, sim)
    config = tmp_path / "llm.yaml"
    config.write_text(
        f"providers:\n  anthropic:\n    base_url: {sim.base_url}\n    auth: {{mode: oauth_bundle, bundle: {path}}}\n"
    )
    done = start("crowd", config=str(config), processes=crowd, tasks=20)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [20] * crowd
    assert posts(sim) == [200]


def test_a_fork_during_a_refresh_neither_hangs_nor_asks_twice(sim: Simulator, tmp_path: Path) -> None:
    """Parent and child both get the one new token."""
    path = expired_bundle(tmp_path, sim)
    sim.fail("oauth_delay", seconds=0.7, path="/v1/oauth/token")
    done = start("fork", path=str(path))
    assert done.returncode == 0, done.stderr
    first, second = done.stdout.split()
    assert first == second == FileStore(path, BUNDLE).load().access_token.reveal()
    assert posts(sim) == [200]


def test_an_interpreter_that_exits_waits_for_the_refresh(sim: Simulator, tmp_path: Path) -> None:
    """A script that ends while its background refresh is under way does not lose the login."""
    granted = sim.login(expires_in=30)
    import time

    path = write_private(
        tmp_path / "oauth.json",
        {**granted, "expires_at": time.time() + 30, "token_endpoint": sim.base_url + "/v1/oauth/token"},
    )
    sim.fail("oauth_delay", seconds=0.7, path="/v1/oauth/token")
    done = start("exit", path=str(path))
    assert done.returncode == 0, done.stderr
    assert posts(sim) == [200]
    assert FileStore(path, BUNDLE).load().access_token.reveal() != granted["access_token"]


def test_twelve_processes_keep_to_one_rest(sim: Simulator, tmp_path: Path) -> None:
    """A token endpoint that asks one of them for a rest is asked by none of the others, and each says why."""
    path = expired_bundle(tmp_path, sim)
    sim.fail("rate_limit", times=50, retry_after="30", path="/v1/oauth/token")
    done = start("crew", path=str(path), processes=12)
    assert done.returncode == 0, done.stderr
    got = json.loads(done.stdout)
    assert len(got) == 12
    assert all(each.startswith("RefreshFailed: ") and "HTTP 429" in each for each in got), got
    assert all("a call after that tries again." in each for each in got)
    assert posts(sim) == [429]
    later = start("use", path=str(path))
    assert "HTTP 429" in later.stderr
    assert posts(sim) == [429]


def test_twelve_processes_replace_one_refused_token(sim: Simulator, tmp_path: Path) -> None:
    """All are refused the same token: one refreshes it, and all go on with the new one, as does whoever comes later."""
    path = expired_bundle(tmp_path, sim)
    document = json.loads(path.read_text()) | {"expires_at": 4_000_000_000}
    write_private(path, document)
    done = start("crew", path=str(path), processes=12, refused=True)
    assert done.returncode == 0, done.stderr
    new = FileStore(path, BUNDLE).load().access_token.reveal()
    assert json.loads(done.stdout) == [new] * 12
    assert new != document["access_token"]
    assert start("use", path=str(path)).stdout.strip() == new
    assert posts(sim) == [200]


def test_a_refusal_outlives_its_process(sim: Simulator, tmp_path: Path) -> None:
    """The next process does not hand out the token that the one before it was refused."""
    path = expired_bundle(tmp_path, sim)
    document = json.loads(path.read_text()) | {"expires_at": 4_000_000_000}
    write_private(path, document)
    assert start("use", path=str(path)).stdout.strip() == document["access_token"]
    assert start("refuse", path=str(path)).returncode == 0
    used = start("use", path=str(path)).stdout.strip()
    assert used not in {"", document["access_token"]}
    assert posts(sim) == [200]


ENDS = [
    *(pytest.param({"step": n, "after": after}, id=f"{'after' if after else 'before'} {name}")
      for n, name in enumerate(STEPS) for after in (False, True)),
    *(pytest.param({"step": n, "torn": part}, id=f"within {STEPS[n]}, {part:.0%}")
      for n in (1, 4) for part in (0.01, 0.5, 0.99)),
    pytest.param({"request": "before"}, id="before the request"),
    pytest.param({"request": "after"}, id="after the reply"),
]  # fmt: skip
"""Every place where a refresh can be ended."""


def in_the_window(end: dict[str, Any]) -> bool:
    """Whether the server may have rotated while no journal held its reply."""
    if "request" in end:
        return bool(end["request"] == "after")
    return bool(end["step"] == REQUEST_AFTER and (not end.get("after") or "torn" in end))


@pytest.mark.parametrize("end", ENDS)
def test_a_killed_refresh_tears_nothing_and_loses_nothing(
    lenient: Simulator, tmp_path: Path, end: dict[str, Any], forked: Forked
) -> None:
    """Ended at any step, the file is whole; the next process has a good token, with a server that has grace."""
    path = expired_bundle(tmp_path, lenient)
    ended = forked("crash", path=str(path), **end)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    document = json.loads(path.read_text())
    assert document["mine"] == "kept"
    used = forked("use", path=str(path))
    assert used.returncode == 0, used.stderr
    assert lenient._state.grants.check(used.stdout.strip())
    assert json.loads(path.read_text())["access_token"] == used.stdout.strip()
    assert [p.name for p in path.parent.iterdir() if "journal" in p.name] == []


@pytest.mark.parametrize("end", ENDS)
def test_a_strict_server_loses_only_the_window_before_the_journal(
    sim: Simulator, tmp_path: Path, end: dict[str, Any], forked: Forked
) -> None:
    """Without grace a login is lost only between the server's rotation and the journal, and then it is said."""
    path = expired_bundle(tmp_path, sim)
    forked("crash", path=str(path), **end)
    used = forked("use", path=str(path))
    if in_the_window(end):
        assert "LoginRequired" in used.stderr
        assert "keybearer auth login" in used.stderr
        assert json.loads(path.read_text())["mine"] == "kept"
    else:
        assert used.returncode == 0, used.stderr
        assert sim._state.grants.check(used.stdout.strip())
        assert posts(sim).count(200) == 1
        assert not [request for request in sim.requests if request.note.get("refresh_reused")]
