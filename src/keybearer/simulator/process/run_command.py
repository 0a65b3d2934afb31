"""`keybearer simulate --run COMMAND`: the command's whole life beside a simulator, and an exit code for CI.

The command gets an environment that leads every Claude client to the simulator, and none of the credentials that would lead it
elsewhere. Signals are passed on to it. What it leaves running is ended after it. The exit code is the command's own; a command
that succeeded, but whose client did something wrong, fails with `FINDINGS_CODE`.

Without a terminal the command has a process group of its own, so that signals and the end reach all of it. On a terminal it stays in
ours, because only that group may read the terminal; there Ctrl-C reaches it from the terminal, and is not passed on twice.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Final

__all__ = [
    "FINDINGS_CODE", "NOT_FOUND_CODE", "NOT_RUNNABLE_CODE", "command_environment", "exit_code", "run_command",
]  # fmt: skip

FINDINGS_CODE: Final = 1
NOT_FOUND_CODE: Final = 127
NOT_RUNNABLE_CODE: Final = 126
SIGNAL_CODE: Final = 128
"""Added to the number of the signal that ended a command, as shells do; the two above are theirs as well."""

PASSED_ON: Final = tuple(
    getattr(signal, name)
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2")
    if hasattr(signal, name)
)
FROM_THE_TERMINAL: Final = {"SIGINT", "SIGQUIT"}
GRACE_SECONDS: Final = 3.0
"""How long what a command left running may take to end before it is killed."""
LOOK_SECONDS: Final = 0.02

BASE_URLS: Final = ("ANTHROPIC_BASE_URL", "ANTHROPIC_API_URL", "ANTHROPIC_API_BASE")
"""Where clients look for the address: the official SDKs and Claude Code; langchain; litellm."""
CLEARED: Final = (
    "ANTHROPIC_AUTH_TOKEN",
    "ANTHROPIC_CUSTOM_HEADERS",
    "ANTHROPIC_IDENTITY_TOKEN",
    "ANTHROPIC_IDENTITY_TOKEN_FILE",
    "ANTHROPIC_FEDERATION_RULE_ID",
    "ANTHROPIC_PROFILE",
    "CLAUDE_CODE_OAUTH_TOKEN",
    "CLAUDE_CODE_USE_BEDROCK",
    "CLAUDE_CODE_USE_FOUNDRY",
    "CLAUDE_CODE_USE_VERTEX",
)
"""Other credentials, and switches that lead to another provider."""


def command_environment(around: Mapping[str, str], *, base_url: str, api_key: str, token: str) -> dict[str, str]:
    """Make the environment of a command.

    `OPENAI_BASE_URL` is not set: a client of the other service would be led astray by it. A client of `/v1/chat/completions` takes
    its address from `ANTHROPIC_BASE_URL` and `/v1`.

    Args:
        around: Our own environment.
        base_url: The simulator's address.
        api_key: A key that it accepts.
        token: The token of its own pages.

    Returns:
        Our environment, led to the simulator past any proxy.
    """
    kept = {name: value for name, value in around.items() if name not in CLEARED}
    direct = {
        name: ",".join(filter(None, (around.get(name), "127.0.0.1,localhost,::1"))) for name in ("NO_PROXY", "no_proxy")
    }
    ours = {"ANTHROPIC_API_KEY": api_key, "KEYBEARER_SIM_URL": base_url, "KEYBEARER_SIM_TOKEN": token}
    return {**kept, **direct, **dict.fromkeys(BASE_URLS, base_url), **ours}


def exit_code(command: int, findings: int) -> int:
    """Return the worse of the command's exit code and that of the findings.

    Args:
        command: The command's exit code; not 0 wins, because it says more.
        findings: How many findings there are, with the faults of a chaos profile that made the client give up.
    """
    return command or (FINDINGS_CODE if findings else 0)


def run_command(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run a command to its end, passing signals on.

    Call it on the main thread, which signals are handled on.

    Args:
        command: The program and its arguments.
        environment: Its environment.

    Returns:
        Its exit code, as a shell would report it.

    Raises:
        FileNotFoundError: There is no such program (`NOT_FOUND_CODE`).
        PermissionError: It cannot be run (`NOT_RUNNABLE_CODE`).
    """
    own_group = hasattr(os, "killpg") and not sys.stdin.isatty()
    # Before it starts, or a signal in between would end us and not the command.
    # A byte and not a handler: the kernel may give a signal to any thread, and the main one would go on waiting for the command.
    woken, waker = socket.socketpair()
    waker.setblocking(False)
    for number in PASSED_ON:
        signal.signal(number, lambda *_: None)
    signal.set_wakeup_fd(waker.fileno(), warn_on_full_buffer=False)
    process = subprocess.Popen(command, env=dict(environment), process_group=0 if own_group else None)  # noqa: S603  # the user's own command

    def wait() -> None:
        process.wait()
        waker.setblocking(True)
        waker.send(b"\0")

    threading.Thread(target=wait, name="keybearer-simulator-command", daemon=True).start()
    while 0 not in (numbers := woken.recv(64)):
        for number in numbers:
            _pass_on(process, signal.Signals(number), own_group=own_group)
    if own_group and _end_group(process.pid):
        sys.stderr.write("keybearer simulate: the command left processes running, which were ended\n")
    code = process.returncode
    return code if code >= 0 else SIGNAL_CODE - code


def _pass_on(process: subprocess.Popen[bytes], number: signal.Signals, *, own_group: bool) -> None:
    with contextlib.suppress(ProcessLookupError):
        if own_group:
            os.killpg(process.pid, number)
        elif number.name not in FROM_THE_TERMINAL:
            process.send_signal(number)


def _end_group(group: int) -> bool:
    """End what is left of a process group, and return whether there was anything."""
    if not _is_alive(group):
        return False
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGTERM)
    end = time.monotonic() + GRACE_SECONDS
    while _is_alive(group) and time.monotonic() < end:
        time.sleep(LOOK_SECONDS)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)
    return True


def _is_alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True
