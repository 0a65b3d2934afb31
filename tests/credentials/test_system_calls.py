"""The refresh ended by the kernel at its system calls: strace delivers SIGKILL as a call begins."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from keybearer.credentials.oauth.bundle_codec import BUNDLE
from keybearer.credentials.stores.file import FileStore
from keybearer.simulator import Simulator
from support.logins import write_private
from support.whole import sampled

SCRIPT = Path(__file__).parent.parent / "support" / "refresh_process.py"
CALLS = [
    ("flock", 1),  # take the lock
    ("ftruncate", 1),  # fill the journal
    ("write", 1),
    ("fsync", 1),  # the journal's zeros
    ("fsync", 2),  # the folder
    ("ftruncate", 2),  # the reply
    ("write", 2),
    ("fsync", 3),  # the reply
    ("rename", 1),
    ("fsync", 4),  # the folder
    ("flock", 2),  # give the lock back
]


def use(path: Path, *tracer: str, part: str = "use") -> subprocess.CompletedProcess[str]:
    """Use the login in a process of its own."""
    command = [*tracer, sys.executable, "-B", str(SCRIPT), part, json.dumps({"path": str(path)})]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)  # noqa: S603 - our own


def strace() -> str:
    """The tracer, where it is installed and allowed."""
    found = shutil.which("strace") or ""
    if not found:
        pytest.skip("strace is not installed")
    tried = subprocess.run([found, "-qq", "-o", "/dev/null", "true"], check=False, capture_output=True)  # noqa: S603 - a fixed command
    if tried.returncode:
        pytest.skip("this system allows no tracing")
    return found


def login(sim: Simulator, folder: Path, expires_at: int) -> Path:
    """A bundle of the simulator's."""
    granted = sim.login(expires_in=0)
    document = {name: granted[name] for name in ("access_token", "refresh_token")}
    document |= {"expires_at": expires_at, "token_endpoint": sim.base_url + "/v1/oauth/token", "mine": "kept"}
    return write_private(folder / "oauth.json", document)


@pytest.mark.parametrize(("call", "number"), sampled(CALLS, 3), ids=str)
def test_a_refresh_ended_by_the_kernel(tmp_path: Path, call: str, number: int) -> None:
    """Killed at any of its system calls, it leaves a whole file, and the next process has a good token."""
    tracer = strace()
    with Simulator(refresh_grace_seconds=600) as sim:
        path = login(sim, tmp_path, 1)
        held = FileStore(path, BUNDLE).load()
        only = (
            ["-P", str(path.with_name(f".{path.name}.{held.token_id}.journal"))]
            if call in {"write", "ftruncate"}
            else []
        )
        inject = f"inject={call}:signal=KILL:when={number}"
        ended = use(path, tracer, "-f", "-qq", "-o", "/dev/null", *only, "-e", f"trace={call}", "-e", inject)
        assert ended.returncode in {-signal.SIGKILL, 128 + signal.SIGKILL}, ended.stderr
        assert json.loads(path.read_text())["mine"] == "kept"
        used = use(path)
        assert used.returncode == 0, used.stderr
        assert sim._state.grants.check(used.stdout.strip())
        assert json.loads(path.read_text())["access_token"] == used.stdout.strip()


@pytest.mark.parametrize(
    ("note", "call"),
    sampled([(note, call) for call in ("write", "openat", "close") for note in ("refused", "rest")], 3),
)
def test_a_note_ended_by_the_kernel(tmp_path: Path, note: str, call: str) -> None:
    """Killed while it notes a refusal or a rest, a process leaves a whole login, and a note that is whole or none."""
    tracer = strace()
    with Simulator(refresh_grace_seconds=600) as sim:
        path = login(sim, tmp_path, 1 if note == "rest" else 4_000_000_000)
        if note == "rest":
            sim.fail("rate_limit", times=1, retry_after="600", path="/v1/oauth/token")
        there = path.with_name(f".{path.name}.{note}")
        there.touch()  # so that the tracer knows which file it is
        # The process opens a note to read it, a refusal's twice, before it opens it to write.
        number = 1 if call == "write" else {"refused": 3, "rest": 2}[note]
        inject = f"inject={call}:signal=KILL:when={number}"
        filters = ["-P", str(there), "-e", f"trace={call}", "-e", inject]
        ended = use(
            path, tracer, "-f", "-qq", "-o", "/dev/null", *filters, part="refuse" if note == "refused" else "use"
        )
        assert ended.returncode in {-signal.SIGKILL, 128 + signal.SIGKILL}, ended.stderr
        assert json.loads(path.read_text())["mine"] == "kept"
        noted = len(there.read_bytes())
        assert noted in {0, 512}
        used = use(path)
        if note == "rest" and noted:
            assert "HTTP 429" in used.stderr
        else:
            assert used.returncode == 0, used.stderr
