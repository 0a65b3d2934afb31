"""`keybearer ask`, as a user runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from keybearer.simulator import Simulator
from support.rawserver import Peer, raw_server
from support.sse import frames, text_message


def keybearer(
    *args: str, text: str | None = None, cwd: Path | None = None, environ: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the command."""
    return subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "keybearer", *args],
        input=text,
        stdin=subprocess.DEVNULL if text is None else None,
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env=os.environ | (environ or {}),
    )


@pytest.fixture
def environ(sim: Simulator) -> dict[str, str]:
    """An environment that points at the twin."""
    return {"ANTHROPIC_BASE_URL": sim.base_url, "ANTHROPIC_API_KEY": sim.api_key}


@pytest.mark.parametrize("flag", ["--stream", "--no-stream"])
def test_a_question_on_the_command_line(environ: dict[str, str], flag: str) -> None:
    """The answer is on standard output, with a line end, and nothing else is."""
    done = keybearer("ask", 'Say "hello"', flag, environ=environ)
    assert (done.returncode, done.stdout, done.stderr) == (0, "hello\n", "")


def test_text_on_standard_input_is_added(environ: dict[str, str]) -> None:
    """`echo text | keybearer ask summarise` asks about the text; without a question the text is the question."""
    done = keybearer("ask", "summarise", text="The ship sailed at dawn. It carried tea.\n", environ=environ)
    assert done.returncode == 0
    assert "ship" in done.stdout
    assert keybearer("ask", text='Say "hi"', environ=environ).stdout == "hi\n"


def test_config_agent_model_and_usage(llm_yaml: Path, sim: Simulator) -> None:
    """--config and --agent choose the provider and model; --model wins; --usage goes to standard error."""
    args = ("ask", 'Say "hello"', "--config", str(llm_yaml), "--agent", "scout", "--usage")
    done = keybearer(*args)
    assert (done.returncode, done.stdout) == (0, "hello\n")
    assert "claude-haiku-4-5" in done.stderr
    done = keybearer(*args, "--model", "claude-opus-4-6", "--base-url", sim.base_url)
    assert "claude-opus-4-6" in done.stderr


def test_the_config_of_the_folder_is_found(llm_yaml: Path, tmp_path: Path) -> None:
    """config/llm.yaml of the working folder is used when there is one."""
    (tmp_path / "config").mkdir()
    llm_yaml.rename(tmp_path / "config" / "llm.yaml")
    assert keybearer("ask", 'Say "hello"', cwd=tmp_path).stdout == "hello\n"


def test_no_credential_is_exit_4_and_says_what_to_do() -> None:
    """Without a credential it lists what it looked for and what to do."""
    done = keybearer("ask", "hello")
    assert done.returncode == 4
    assert "ANTHROPIC_API_KEY" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_refused_key_is_exit_4(environ: dict[str, str]) -> None:
    """A key that the service refuses is a credential problem too, and is not shown."""
    done = keybearer("ask", "hello", environ=environ | {"ANTHROPIC_API_KEY": "sk-ant-canary"})
    assert done.returncode == 4
    assert "canary" not in done.stderr


@pytest.mark.parametrize(
    ("args", "code", "says"),
    [
        (("ask",), 2, "nothing was asked"),
        (("ask", "x", "--config", "none.yaml"), 1, "No such file"),
        (("ask", "x", "--model", "claude-zork"), 1, "claude-zork"),
        (("ask", "x", "--base-url", "http://a.example"), 1, "not https"),
        (("aks",), 2, "invalid choice"),
        ((), 2, "COMMAND"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(
    environ: dict[str, str], args: tuple[str, ...], code: int, says: str
) -> None:
    """A mistake has an exit code and words, never a traceback."""
    done = keybearer(*args, environ=environ)
    assert (done.returncode, done.stdout) == (code, "")
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_a_cut_stream_is_exit_1_after_what_came() -> None:
    """What came is printed; the cut is an error, not an end."""

    def script(peer: Peer) -> None:
        peer.request()
        peer.stream_head()
        peer.chunk(frames(*text_message("The answer is")[:4]))

    with raw_server(script) as server:
        done = keybearer("ask", "x", "--base-url", server.url, environ={"ANTHROPIC_API_KEY": "sk-ant-test"})
    assert (done.returncode, done.stdout) == (1, "The answer is")
    assert "was cut" in done.stderr


def test_an_answer_that_stopped_early_says_so(environ: dict[str, str]) -> None:
    """An answer at its token limit is printed, with a word of warning."""
    done = keybearer("ask", "Write 200 words", "--max-tokens", "10", environ=environ)
    assert done.returncode == 0
    assert "--max-tokens" in done.stderr


def test_help_and_version() -> None:
    """Every command is in the help, and the version is one line."""
    assert {"ask", "simulate"} <= set(keybearer("--help").stdout.split())
    assert keybearer("--version").stdout.startswith("keybearer ")
    assert "--no-stream" in keybearer("ask", "--help").stdout
