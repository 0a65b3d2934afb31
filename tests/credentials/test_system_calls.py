"""The refresh ended by the kernel at its system calls: strace delivers SIGKILL as a call begins."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from keybearer.credentials.bundle import BUNDLE
from keybearer.credentials.store import FileStore
from keybearer.simulator import Simulator
from support.logins import write_private

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


def use(path: Path, *tracer: str) -> subprocess.CompletedProcess[str]:
    """Use the login in a process of its own."""
    command = [*tracer, sys.executable, "-B", str(SCRIPT), "use", json.dumps({"path": str(path)})]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)  # noqa: S603 - our own


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
@pytest.mark.parametrize(("call", "number"), CALLS, ids=[f"{call} {number}" for call, number in CALLS])
def test_a_refresh_ended_by_the_kernel(tmp_path: Path, call: str, number: int) -> None:
    """Killed at any of its system calls, it leaves a whole file, and the next process has a good token."""
    strace = shutil.which("strace") or ""
    if subprocess.run([strace, "-qq", "-o", "/dev/null", "true"], check=False, capture_output=True).returncode:  # noqa: S603
        pytest.skip("this system allows no tracing")
    with Simulator(refresh_grace_seconds=600) as sim:
        granted = sim.login(expires_in=0)
        document = {name: granted[name] for name in ("access_token", "refresh_token")}
        document |= {"expires_at": 1, "token_endpoint": sim.base_url + "/v1/oauth/token", "mine": "kept"}
        path = write_private(tmp_path / "oauth.json", document)
        held = FileStore(path, BUNDLE).load()
        only = (
            ["-P", str(path.with_name(f".{path.name}.{held.generation}.journal"))]
            if call in {"write", "ftruncate"}
            else []
        )
        inject = f"inject={call}:signal=KILL:when={number}"
        ended = use(path, strace, "-f", "-qq", "-o", "/dev/null", *only, "-e", f"trace={call}", "-e", inject)
        assert ended.returncode in {-signal.SIGKILL, 128 + signal.SIGKILL}, ended.stderr
        assert json.loads(path.read_text())["mine"] == "kept"
        used = use(path)
        assert used.returncode == 0, used.stderr
        assert sim._state.grants.check(used.stdout.strip())
        assert json.loads(path.read_text())["access_token"] == used.stdout.strip()
