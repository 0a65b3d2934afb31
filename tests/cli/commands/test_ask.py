"""`keybearer ask`, as a user runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from keybearer.cli import main, prompts
from keybearer.simulator import Simulator
from support.command import keybearer
from support.rawserver import Peer, raw_server
from support.sse import frames, text_message


def shell(line: str, environ: dict[str, str], data: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    """Run the command in a shell, for its redirections."""
    return subprocess.run(  # noqa: S603 - our own command
        ["/bin/sh", "-c", f"'{sys.executable}' -m keybearer {line}"],
        input=data,
        stdin=subprocess.DEVNULL if data is None else None,
        capture_output=True,
        check=False,
        timeout=60,
        env=os.environ | environ,
    )


@pytest.fixture
def environ(sim: Simulator) -> dict[str, str]:
    """An environment that points at the simulator."""
    return {"ANTHROPIC_BASE_URL": sim.base_url, "ANTHROPIC_API_KEY": sim.api_key}


@pytest.mark.parametrize("flag", ["--stream", "--no-stream"])
def test_a_question_on_the_command_line(environ: dict[str, str], flag: str) -> None:
    """The answer is on standard output, with a line end, and nothing else is."""
    done = keybearer("ask", 'Say "hello"', flag, environ=environ)
    assert (done.returncode, done.stdout, done.stderr) == (0, "hello\n", "")


@pytest.mark.parametrize(
    ("flags", "code", "says"),
    [
        (["--base-url", "api.anthropic.com"], 2, "argument --base-url: it is not a URL of the form https://host"),
        (["--base-url", "https://u:canary@a.example"], 2, "argument --base-url: it has a user name or password in it"),
        (["--max-tokens", "-5"], 2, "argument --max-tokens: it is a whole number, 0 or more, not '-5'"),
        (["--max-tokens", "many"], 2, "argument --max-tokens: it is a whole number, 0 or more, not 'many'"),
        (["--provider", "a"], 2, "--provider needs llm.yaml, and there is no config/llm.yaml. Name it with --config"),
        (["--agent", "scout"], 2, "--agent needs llm.yaml, and there is no config/llm.yaml. Name it with --config"),
    ],
)
def test_a_wrong_flag_is_reported_as_the_flag(
    flags: list[str], code: int, says: str, environ: dict[str, str], tmp_path: Path
) -> None:
    """The flag is named, not the argument of the library that it stands for; nothing is sent, and no secret shown."""
    done = keybearer("ask", "hi", *flags, environ=environ, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (code, "")
    assert says in done.stderr
    assert "canary" not in done.stderr


def test_half_of_a_character_is_reported_before_it_is_sent(environ: dict[str, str], sim: Simulator) -> None:
    """A lone surrogate, which an odd encoding of standard input may bring, is no text that a request can carry."""
    environ |= {"PYTHONIOENCODING": "unicode-escape"}
    done = shell("ask hello", environ, b"caf\xe9 \\ud800")
    assert done.returncode == 2
    assert b"Standard input holds half of a character (a lone surrogate), which no request can carry." in done.stderr
    assert sim.requests == []


def test_half_of_a_character_in_an_argument_is_replaced(environ: dict[str, str], sim: Simulator) -> None:
    """What an argument holds that is no text becomes the replacement character, as bytes that are none do."""
    done = shell("ask --system \"$(printf 'b\\377')\" \"$(printf 'Say a\\377')\"", environ)
    assert done.returncode == 0
    body = json.loads(sim.requests[-1].body)
    assert (body["system"], body["messages"][0]["content"]) == ("b\ufffd", "Say a\ufffd")


def test_text_on_standard_input_is_added(environ: dict[str, str]) -> None:
    """`echo text | keybearer ask summarise` asks about the text; without a question the text is the question."""
    done = keybearer("ask", "summarise", text="The ship sailed at dawn. It carried tea.\n", environ=environ)
    assert done.returncode == 0
    assert "ship" in done.stdout
    assert keybearer("ask", text='Say "hi"', environ=environ).stdout == "hi\n"


def test_a_loop_keeps_its_input(environ: dict[str, str]) -> None:
    """With --no-stdin a loop over lines asks once for each: nothing is taken from it."""
    script = f'while read -r word; do \'{sys.executable}\' -m keybearer ask "Say \\"$word\\"" --no-stdin; done'
    done = subprocess.run(  # noqa: S603 - our own command
        ["/bin/sh", "-c", script], input="one\ntwo\n", capture_output=True, text=True, check=False,
        env=os.environ | environ,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("one\ntwo\n", "")
    assert "--no-stdin" in keybearer("ask", "--help").stdout


@pytest.mark.parametrize("redirection", ["<&-", "</dev/null", "</dev/zero", "2>&- <&-"])
def test_no_input_is_read_where_there_is_none(environ: dict[str, str], redirection: str) -> None:
    """A closed descriptor and a device hold nothing to add."""
    done = shell(f"ask 'Say \"hi\"' {redirection}", environ)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"hi\n", b"")


def test_input_that_is_no_text_is_reported(environ: dict[str, str]) -> None:
    """Bytes that are not UTF-8 are refused in words."""
    done = shell("ask", environ, data=b"caf\xe9 \xff")
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"Standard input is not UTF-8 text." in done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("flag", ["--stream", "--no-stream"])
def test_an_encoding_that_lacks_a_character_does_not_end_it(environ: dict[str, str], flag: str) -> None:
    """What the output's encoding lacks is escaped; what comes in is UTF-8 all the same."""
    ascii_only = environ | {"PYTHONIOENCODING": "ascii"}
    done = shell(f"ask {flag} 'Say \"héllo 😀\"'", ascii_only)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"h\\xe9llo \\U0001f600\n", b"")
    done = shell(f"ask {flag}", ascii_only, data='Say "héllo"'.encode())
    assert (done.returncode, done.stdout) == (0, b"h\\xe9llo\n")


def test_bytes_that_are_no_text_in_an_argument(environ: dict[str, str]) -> None:
    """An argument with a stray byte is asked with a replacement character."""
    done = shell("ask 'Say \"a'$(printf '\\377')'b\"'", environ)
    assert (done.returncode, done.stdout.decode(), done.stderr) == (0, "a\ufffdb\n", b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("flag", ["--stream", "--no-stream"])
def test_output_that_cannot_be_written_is_reported(environ: dict[str, str], flag: str) -> None:
    """A full disk is a sentence and exit code 1, with nothing at the interpreter's end."""
    done = shell(f"ask {flag} hi >/dev/full", environ)
    assert (done.returncode, done.stderr) == (1, b"keybearer ask: No space left on device\n")


def test_an_error_of_the_service_cannot_steer_the_terminal() -> None:
    """A message is printed without control characters, and without a key."""
    body = json.dumps({"type": "error", "error": {"type": "not_found_error", "message": "a\x1b[2Jb\x9bc\x07\rd"}})

    def script(peer: Peer) -> None:
        peer.request()
        peer.reply(body.encode(), status="404 Not Found")

    with raw_server(script) as server:
        done = keybearer("ask", "x", "--base-url", server.url, environ={"ANTHROPIC_API_KEY": "sk-ant-test"})
    assert done.returncode == 5
    assert "[2Jb" in done.stderr
    assert not {"\x1b", "\x9b", "\x07", "\r"} & set(done.stderr)


def test_config_agent_model_and_usage(llm_yaml: Path, sim: Simulator) -> None:
    """--config and --agent choose the provider and model; --model wins; --usage goes to standard error."""
    args = ("ask", 'Say "hello"', "--config", str(llm_yaml), "--agent", "scout", "--usage")
    done = keybearer(*args)
    assert (done.returncode, done.stdout) == (0, "hello\n")
    assert "claude-haiku-4-5" in done.stderr
    done = keybearer(*args, "--model", "claude-opus-4-6", "--base-url", sim.base_url)
    assert "claude-opus-4-6" in done.stderr


def test_the_config_of_the_folder_is_found(llm_yaml: Path, tmp_path: Path) -> None:
    """config/llm.yaml of the working folder is used when there is one, once it is trusted to name another address."""
    (tmp_path / "config").mkdir()
    llm_yaml.rename(tmp_path / "config" / "llm.yaml")
    assert "keybearer config trust" in keybearer("ask", 'Say "hello"', cwd=tmp_path).stderr
    assert keybearer("config", "trust", cwd=tmp_path).returncode == 0
    assert keybearer("ask", 'Say "hello"', cwd=tmp_path).stdout == "hello\n"


def test_the_provider_is_chosen(llm_yaml: Path, sim: Simulator) -> None:
    """--provider names one of several; without it the error lists them."""
    llm_yaml.write_text(llm_yaml.read_text() + f"  other:\n    api_key: {sim.api_key}\n    base_url: {sim.base_url}\n")
    done = keybearer("ask", 'Say "hello"', "--config", str(llm_yaml))
    assert done.returncode == 2
    assert "anthropic, other" in done.stderr
    done = keybearer("ask", 'Say "hello"', "--config", str(llm_yaml), "--provider", "other")
    assert (done.returncode, done.stdout) == (0, "hello\n")


def test_a_configuration_with_the_wrong_ending_is_not_passed_over_silently(
    environ: dict[str, str], tmp_path: Path
) -> None:
    """config/llm.yml is not read, and that is said; --config with the wrong one of the two names the other."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "llm.yml").write_text("providers: {}")
    done = keybearer("ask", 'Say "hello"', environ=environ, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "hello\n")
    assert done.stderr == (
        "keybearer: config/llm.yml is not read: call it config/llm.yaml, or name it with --config.\n"
    )
    done = keybearer("ask", "hello", "--config", "config/llm.yaml", environ=environ, cwd=tmp_path)
    assert done.returncode == 2
    assert "There is 'config/llm.yml': did you mean that?" in done.stderr


def test_waiting_for_an_input_that_stays_open_is_said(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A pipe that nobody closes is waited for, and one line says so."""
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    read, write = os.pipe()
    said = threading.Event()

    def complain(text: str) -> None:
        sys.stderr.write(text + "\n")
        said.set()

    def end() -> None:
        said.wait(60)
        os.write(write, b'Say "late"')
        os.close(write)

    monkeypatch.setattr(prompts, "NOTICE_AFTER", 0.01)
    monkeypatch.setattr(prompts, "complain", complain)
    with os.fdopen(read) as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        writer = threading.Thread(target=end)
        writer.start()
        assert main(["ask"]) == 0
        writer.join()
    out, err = capsys.readouterr()
    assert (out, err) == ("late\n", "keybearer ask: standard input is read to its end; --no-stdin leaves it unread.\n")


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
        (("ask", "x", "--config", "none.yaml"), 2, "No such file"),
        (("ask", "x", "--model", "claude-zork"), 5, "claude-zork"),
        (("ask", "x", "--base-url", "http://a.example"), 2, "not https"),
        (("aks",), 2, "Did you mean ask?"),
        ((), 2, "COMMAND"),
    ],
)
def test_what_is_wrong_is_reported_in_one_line(
    environ: dict[str, str], args: tuple[str, ...], code: int, says: str
) -> None:
    """A mistake has an exit code and words, never a traceback."""
    done = keybearer(*args, environ=environ)
    assert (done.returncode, done.stdout) == (code, "")
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_a_cut_stream_is_exit_10_after_what_came() -> None:
    """What came is printed; the cut is an error, not an end."""

    def script(peer: Peer) -> None:
        peer.request()
        peer.stream_head()
        peer.chunk(frames(*text_message("The answer is")[:4]))

    with raw_server(script) as server:
        done = keybearer("ask", "x", "--base-url", server.url, environ={"ANTHROPIC_API_KEY": "sk-ant-test"})
    assert (done.returncode, done.stdout) == (10, "The answer is")
    assert "was cut" in done.stderr


def test_an_answer_that_stopped_early_says_so(environ: dict[str, str]) -> None:
    """An answer at its token limit is printed, with a word of warning."""
    done = keybearer("ask", "Write 200 words", "--max-tokens", "10", environ=environ)
    assert done.returncode == 12
    assert "--max-tokens" in done.stderr


def test_help_and_version() -> None:
    """Every command is in the help, and the version is one line."""
    assert {"ask", "simulate"} <= set(keybearer("--help").stdout.split())
    assert keybearer("--version").stdout.startswith("keybearer ")
    assert "--no-stream" in keybearer("ask", "--help").stdout
