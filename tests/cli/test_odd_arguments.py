"""No argument, however odd, ends a command in a traceback, steers the terminal or hangs."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest

from keybearer.cli import main
from keybearer.simulator import Simulator

BYTES = [
    b"\xff",
    b"a\xffb",
    b"\xed\xa0\x80",
    b"\x1b[2J\x07\x9b",
    b"",
    b" ",
    b"a\nb",
    b"~nosuchuser/x",
    b"/",
    b"..",
    b"/dev/null/x",
    b"/dev/zero",
    b"x" * 300,
    b"%s%n",
    b"http://\xff",
    b"https://[::1",
    b"http://a.test\\.localhost",
    b"1e999",
    b"\xe2\x80\xae\xef\xbb\xbf",
]
ODD = [os.fsdecode(each) for each in BYTES]

COMMANDS = {
    ("ask", "hi", "--no-stdin"): (
        "--system-prompt",
        "--tools",
        "--json-schema",
        "--model",
        "--max-tokens",
        "--base-url",
        "--config",
        "--agent",
        "--provider",
    ),
    ("auth", "login", "--accept-terms", "--no-browser", "--timeout", "0"): (
        "--config",
        "--provider",
        "--bundle",
        "--port",
    ),
    ("auth", "status"): ("--config", "--provider", "--bundle"),
    ("auth", "status", "--json"): ("--bundle",),
    ("auth", "refresh"): ("--config", "--bundle"),
    ("auth", "logout"): ("--config", "--bundle"),
    ("auth", "logout", "--setup-token"): ("--config",),
    ("auth", "setup-token"): ("--config", "--file"),
    ("auth", "token"): ("--config", "--bundle"),
}


@pytest.mark.skipif(sys.platform in {"darwin", "win32"}, reason="its file names are text")
@pytest.mark.parametrize(
    "command",
    [(*command, flag) for command, flags in COMMANDS.items() for flag in flags],
    ids=[" ".join([*command[:2], flag]) for command, flags in COMMANDS.items() for flag in flags],
)
def test_odd_values_are_reported_in_words(
    command: tuple[str, ...],
    sim: Simulator,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Each value of each flag ends in one of the exit codes; what is printed is text, and holds no key."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    monkeypatch.setenv("ANTHROPIC_API_KEY", sim.api_key)
    monkeypatch.setenv("ANTHROPIC_BASE_URL", sim.base_url)
    *words, flag = command
    for value in ODD:
        try:
            code = main([*words, f"{flag}={value}"])
        except SystemExit as end:
            code = int(end.code or 0)
        out, err = capsys.readouterr()
        assert code in {0, 1, 2, 3, 4, 5, 9}, ascii(value)
        assert not {"\x1b", "\x07", "\x9b"} & set(out + err), ascii(value)
        assert sim.api_key not in out + err
        assert (out + err).strip(), ascii(value)
