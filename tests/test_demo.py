"""`make demo`: the main job, as it is shown to people."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from pathlib import Path

DEMO = Path(__file__).parent.parent / "examples" / "demo.py"


def test_the_demonstration_runs_every_step() -> None:
    """It exits 0, shows each step with its usage, and ends with how to use the real API."""
    run = subprocess.run([sys.executable, str(DEMO)], capture_output=True, text=True, check=False)  # noqa: S603 - our own script
    assert (run.returncode, run.stderr) == (0, "")
    assert [line[:2] for line in run.stdout.splitlines() if line[1:2] == "."] == [f"{n}." for n in range(1, 7)]
    assert run.stdout.count("tokens in") == 8
    assert "read from the cache" in run.stdout
    assert "ANTHROPIC_API_KEY" in run.stdout.splitlines()[-1]


def test_a_step_that_fails_is_named() -> None:
    """A failing step ends the demonstration with its name and a non-zero exit."""
    code = f"""
import sys
sys.path.insert(0, {str(DEMO.parent)!r})
sys.argv = ["demo"]
import demo
def broken(client): raise demo.StepFailed("on purpose")
demo.STEPS["an image"] = broken
sys.exit(demo.main())
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)  # noqa: S603 - our own script
    assert run.returncode == 1
    assert "«an image» failed: on purpose" in run.stderr


def test_an_interrupt_leaves_no_process_behind() -> None:
    """Ctrl-C ends the demonstration and its simulator, which answers no more."""
    process = subprocess.Popen(  # noqa: S603 - our own script
        [sys.executable, "-u", str(DEMO)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - a shell's job in the background ignores it
    )
    assert process.stdout is not None
    port = int(process.stdout.readline().rstrip(".\n").rpartition(":")[2])
    while "2. a streamed" not in process.stdout.readline():
        pass
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 130
    process.stdout.close()
    with socket.socket() as sock:
        assert sock.connect_ex(("127.0.0.1", port)) != 0
