"""`keybearer simulate --run`: exit codes, environment, signals, and nothing left running."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from keybearer.simulator.process.command import add_arguments
from keybearer.simulator.process.run_command import command_environment, exit_code

PATIENCE_SECONDS = 60
ASK = """
import os, sys, urllib.request, urllib.error
def ask(**headers):
    body = b'{"model": "claude-haiku-4-5", "max_tokens": 9, "messages": [{"role": "user", "content": "Say hi"}]}'
    url = os.environ["ANTHROPIC_BASE_URL"] + "/v1/messages"
    headers = {"x-api-key": os.environ["ANTHROPIC_API_KEY"], "anthropic-version": "2023-06-01"} | headers
    request = urllib.request.Request(url, body, {"content-type": "application/json"} | headers)
    try:
        return urllib.request.urlopen(request).status
    except urllib.error.HTTPError as error:
        return error.code
"""
"""A client without any library, for the commands of these tests."""


def simulate(*arguments: str) -> subprocess.Popen[str]:
    """Start `keybearer simulate`."""
    return subprocess.Popen(  # noqa: S603  # our own command
        [sys.executable, "-m", "keybearer.simulator", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def beside(script: str, *flags: str) -> tuple[int, str, str]:
    """Run a Python script beside a simulator: the exit code, standard output and standard error."""
    with simulate(*flags, "--run", sys.executable, "-c", script) as process:
        out, err = process.communicate(timeout=PATIENCE_SECONDS)
        return process.returncode, out, err


def test_a_good_run_succeeds() -> None:
    """The command's output is its own; the report is on standard error."""
    code, out, err = beside(ASK + "print(ask())")
    assert (code, out) == (0, "200\n")
    assert err == "keybearer simulate: 1 request, no findings about the client\n"


def test_findings_fail_a_run_that_succeeded() -> None:
    """A request that is repeated after a refusal is a finding, and the exit code says so."""
    wrong = ASK + "ask(**{'anthropic-version': 'x'}), ask(**{'anthropic-version': 'x'})"
    code, _, err = beside(wrong)
    assert code == 1
    assert "1 finding about the client" in err
    assert "retried-in-vain: repeated a request that got 400 invalid_request_error (req_" in err


def test_the_worse_of_both() -> None:
    """The command's failure says more than a finding does."""
    assert [exit_code(0, 0), exit_code(0, 3), exit_code(5, 0), exit_code(5, 3)] == [0, 1, 5, 5]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--run", "no-such-program-here"], 127, "--run no-such-program-here: No such file or directory"),
        (["--run", "/"], 126, "--run /: Permission denied"),
    ],
)
def test_commands_that_cannot_be_run(arguments: list[str], code: int, words: str) -> None:
    """The exit codes are a shell's, and the words say which command."""
    with simulate(*arguments) as process:
        _, err = process.communicate(timeout=PATIENCE_SECONDS)
    assert (process.returncode, words in err) == (code, True), err


def test_the_flags_of_the_command_are_its_own() -> None:
    """All that follows `--run` goes to the command, also flags that we have as well."""
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    args = parser.parse_args(["--seed", "3", "--run", "agent", "-q", "--seed", "9", "--", "--run"])
    assert (args.seed, args.runs_beside, args.beside) == (3, True, ["agent", "-q", "--seed", "9", "--", "--run"])


def test_signals_are_passed_on() -> None:
    """The command gets each of them, in order, and its own way to end decides the exit code; `keybearer simulate` is the same."""
    script = """
import os, signal, sys, time
def heard(number, frame):
    os.write(1, b"%d\\n" % number)  # print may have been interrupted
    if number == signal.SIGTERM:
        sys.exit(40)
for number in (1, 2, 10, 15):
    signal.signal(number, heard)
print("ready", flush=True)
time.sleep(600)
"""
    line = "import sys; from keybearer.cli import main; sys.exit(main(['simulate', '--run', *sys.argv[1:]]))"
    command = [sys.executable, "-c", line, sys.executable, "-c", script]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True) as process:  # noqa: S603  # our own command
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        for number in (signal.SIGHUP, signal.SIGINT, signal.SIGUSR1, signal.SIGTERM):
            process.send_signal(number)
            assert process.stdout.readline() == f"{int(number)}\n"
        assert process.wait(PATIENCE_SECONDS) == 40


def test_nothing_is_left_running() -> None:
    """What the command started and forgot is ended, also if it ignores the first request; killed, its code is a shell's: 128 + 9."""
    forgotten = "import signal, time; signal.signal(15, signal.SIG_IGN); print(1, flush=True); time.sleep(600)"
    script = f"""
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", {forgotten!r}], stdout=subprocess.PIPE)
child.stdout.readline()
print(child.pid, flush=True)
os.kill(os.getpid(), 9)
"""
    code, out, err = beside("import os" + script)
    assert code == 128 + 9
    assert "left processes running, which were ended" in err
    assert is_gone(int(out))


def is_gone(pid: int) -> bool:
    """Return whether a process has ended, waiting a little, for its new parent collects it."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        state = Path(f"/proc/{pid}/stat")
        if state.exists() and state.read_text(encoding="ascii").rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.05)
    return False


def test_the_environment_leads_to_the_simulator_alone() -> None:
    """Every variable that a client reads its address from is set, other credentials are gone, and no proxy is asked."""
    around = {"PATH": "/bin", "ANTHROPIC_AUTH_TOKEN": "real", "CLAUDE_CODE_USE_BEDROCK": "1", "NO_PROXY": "example.com"}
    assert command_environment(around, base_url="http://127.0.0.1:5", api_key="key", token="t") == {
        "PATH": "/bin",
        "ANTHROPIC_BASE_URL": "http://127.0.0.1:5",
        "ANTHROPIC_API_URL": "http://127.0.0.1:5",
        "ANTHROPIC_API_BASE": "http://127.0.0.1:5",
        "ANTHROPIC_API_KEY": "key",
        "KEYBEARER_SIM_URL": "http://127.0.0.1:5",
        "KEYBEARER_SIM_TOKEN": "t",
        "NO_PROXY": "example.com,127.0.0.1,localhost,::1",
        "no_proxy": "127.0.0.1,localhost,::1",
    }
