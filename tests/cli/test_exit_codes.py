"""The exit codes: each error has one, and each is what the command ends with."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from keybearer import errors
from keybearer.cli.called import DEFAULT_MODEL
from keybearer.cli.commands import version
from keybearer.cli.exit_codes import ExitCode, exit_code
from keybearer.simulator import Simulator
from support.command import keybearer
from support.rawserver import Peer, Script, raw_server, streaming
from support.sse import frames, text_message

PAGE = Path(__file__).parents[2] / "docs" / "command-line.md"

EXPECTED = {
    "KeybearerError": 1, "ConversationError": 1, "APIError": 1, "AnswerError": 1, "AnswerInvalid": 1,
    "ConfigError": 2, "UsageError": 2,
    "InvalidRequest": 3, "Conflict": 3, "RequestTooLarge": 3, "PromptTooLong": 3, "LintError": 3, "StreamInvalidRequest": 3,
    "CredentialError": 4, "NoCredentials": 4, "LoginRequired": 4, "RefreshFailed": 4,
    "CredentialInvalid": 4, "AuthenticationFailed": 4, "PermissionDenied": 4, "StreamCredentialInvalid": 4,
    "NotFound": 5,
    "RateLimited": 6, "StreamRateLimited": 6,
    "QuotaExceeded": 7, "StreamQuotaExceeded": 7,
    "ServerError": 8, "Overloaded": 8, "StreamServerError": 8, "StreamOverloaded": 8, "CircuitOpen": 8, "SpendLimitExceeded": 13,
    "UnexpectedResponse": 8,
    "TransportError": 9, "ConnectionFailed": 9, "TimedOut": 9, "DeadlineExceeded": 9, "RedisUnavailable": 9,
    "StreamError": 10, "StreamTruncated": 10, "StreamTimedOut": 10, "StreamProtocolError": 10, "StreamAPIError": 10,
    "AnswerRefused": 11,
    "AnswerCut": 12,
}  # fmt: skip


def test_each_error_has_a_code() -> None:
    """Every class of the tree is here, with its code."""
    classes = {
        name: each
        for name, each in vars(errors).items()
        if isinstance(each, type)
        and issubclass(each, errors.KeybearerError)
        and name not in {"RequestInvalid", "_each"}
    }
    assert {name: exit_code(cls("x")) for name, cls in classes.items()} == EXPECTED


def test_the_page_has_the_codes() -> None:
    """docs/command-line.md lists every code, in their order, and no other."""
    rows = re.findall(r"(?m)^\| (\d+) \|", PAGE.read_text())
    assert [int(row) for row in rows] == list(ExitCode)


def answers(status: str, kind: str = "") -> Script:
    """Make a server that refuses every request."""
    body = json.dumps({"type": "error", "error": {"type": kind, "message": "no"}}) if kind else "<html>no</html>"

    def script(peer: Peer) -> None:
        peer.request()
        peer.reply(body.encode(), status=status)

    return script


def hang_up(peer: Peer) -> None:
    """Read a request and close the connection."""
    peer.request()


@pytest.mark.parametrize(
    ("script", "code"),
    [
        (answers("400 Bad Request", "invalid_request_error"), 3),
        (answers("401 Unauthorized", "authentication_error"), 4),
        (answers("403 Forbidden", "permission_error"), 4),
        (answers("404 Not Found", "not_found_error"), 5),
        (answers("429 Too Many Requests", "rate_limit_error"), 6),
        (answers("402 Payment Required", "billing_error"), 7),
        (answers("500 Internal Server Error", "api_error"), 8),
        (answers("529 Overloaded", "overloaded_error"), 8),
        (answers("200 OK"), 8),
        (hang_up, 9),
        (streaming(frames(*text_message("The answer is")[:4]), cut=True), 10),
        (streaming(frames(*text_message("The answer is")[:4])), 10),
    ],
)
def test_the_command_ends_with_what_came_of_the_request(script: Script, code: int, tmp_path: Path) -> None:
    """Each kind of failure has its own code, and words."""
    with raw_server(script) as server:
        config = tmp_path / "llm.yaml"
        config.write_text(f"providers: {{a: {{api_key: sk-ant-fake, base_url: '{server.url}', max_retries: 0}}}}\n")
        done = keybearer("ask", "hi", "--config", str(config))
    assert done.returncode == code, done.stderr
    assert done.stderr.startswith("keybearer ask: ")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("prompt", "flags", "code"),
    [
        ('Say "hi"', (), 0),
        ("hi", ("--model", "claude-zork"), 5),
        ("hi", ("--system", " ", "--max-tokens", "9999999"), 3),
        ("ANTHROPIC_MAGIC_STRING_TRIGGER_REFUSAL", (), 11),
        ("Write 200 words", ("--max-tokens", "5"), 12),
        ("hi", ("--max-budget-usd", "0.0000001"), 13),
        ("hi", ("--zork",), 2),
        ("hi", ("--config", "none.yaml"), 2),
    ],
)
def test_the_command_ends_with_what_came_of_the_answer(
    prompt: str, flags: tuple[str, ...], code: int, sim: Simulator, tmp_path: Path
) -> None:
    """An answer that is not whole is printed, and the code says so."""
    environ = {"ANTHROPIC_BASE_URL": sim.base_url, "ANTHROPIC_API_KEY": sim.api_key}
    assert keybearer("ask", prompt, *flags, cwd=tmp_path, environ=environ).returncode == code


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (OSError(28, "No space left on device"), 1),
        (errors.KeybearerError("x"), 1),
        (KeyboardInterrupt(), 130),
        (BrokenPipeError(), 141),
    ],
)
def test_the_end_by_the_system(error: BaseException, code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C and a closed pipe have the codes that a shell gives to a signal's death."""

    def fail(_: object) -> int:
        raise error

    monkeypatch.setattr(version, "run", fail)
    assert keybearer("version").returncode == code


def test_a_question_needs_no_word_before_it(sim: Simulator) -> None:
    """White space in the first argument, or `-` for standard input, is a question; one word is a command."""
    environ = {"ANTHROPIC_BASE_URL": sim.base_url, "ANTHROPIC_API_KEY": sim.api_key}
    assert keybearer('Say "hello"', "--no-stream", environ=environ).stdout == "hello\n"
    assert keybearer("-", text='Say "hello"', environ=environ).stdout == "hello\n"
    assert keybearer("ask", "-", text='Say "hello"', environ=environ).stdout == "hello\n"
    assert keybearer("hello", environ=environ).returncode == 2
    assert DEFAULT_MODEL in str(sim.requests[-1].body)


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("hlep",), "there is no 'hlep'. Did you mean help?"),
        (("aks",), "there is no 'aks'. Did you mean ask?"),
        (("auth", "lgoin"), "usage: keybearer auth [-h] SUBCOMMAND ...\n"),
        (("auth", "lgoin"), "there is no 'lgoin'. Did you mean login?"),
        (("config", "zzz"), "there is no 'zzz'. It is one of: "),
        (("ask", "hi", "--modle", "x"), "there is no --modle. Did you mean --model?"),
        (("ask", "hi", "--zork"), "usage: keybearer ask [-h]"),
        (("auth", "status", "--zork"), "usage: keybearer auth status [-h]"),
        (("ask", "-", "--no-stdin"), "argument --no-stdin: not allowed with -"),
        (("ask", "-"), "nothing was asked"),
    ],
)
def test_a_wrong_word_is_answered_with_what_is_near(args: tuple[str, ...], says: str) -> None:
    """A mistyped command is named with its neighbour, and the usage is that of the command that was called."""
    done = keybearer(*args)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr


def test_help_is_a_word_too() -> None:
    """`keybearer help` and `keybearer help ask` are the two `--help`, and `version` is `--version`."""
    assert keybearer("help").stdout == keybearer("--help").stdout
    assert keybearer("help", "ask").stdout == keybearer("ask", "--help").stdout
    assert keybearer("version").stdout == keybearer("--version").stdout
