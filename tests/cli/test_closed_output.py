"""Outputs that take nothing: a pipe without a reader, a full disk, a closed descriptor. No command ends with a traceback."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import IO

import pytest

from keybearer.cli import main
from keybearer.simulator import Simulator

PRINTING = [
    "--help",
    "ask --help",
    "--version",
    "version",
    "ask hi --no-stdin",
    "ask hi --no-stdin --output-format json",
    "ask hi --no-stdin --output-format stream-json",
    "models list",
    "models show claude-haiku-4-5 --json",
    "tokens hi",
    "lint request.json",
    "cost reply.json",
    "logs list",
    "logs show",
    "logs path",
    "config schema",
    "config path",
    "auth status",
    "auth list",
    "doctor --offline",
    "limits",
]


@pytest.fixture(autouse=True)
def _environ(sim: Simulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ANTHROPIC_BASE_URL", sim.base_url)
    monkeypatch.setenv("ANTHROPIC_API_KEY", sim.api_key)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stdin", None)
    (tmp_path / "request.json").write_text(
        '{"model": "claude-haiku-4-5", "max_tokens": 9, "messages": [{"role": "user", "content": ""}]}'
    )
    (tmp_path / "reply.json").write_text(
        '{"model": "claude-haiku-4-5", "usage": {"input_tokens": 9, "output_tokens": 9}}'
    )
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "llm.yaml").write_text("providers: {a: {api_key: '${ANTHROPIC_API_KEY}'}}\n")
    assert main(["ask", "--no-stdin", 'Say "kept"', "--output-format", "json"]) == 0


def ended(words: str, output: IO[str] | None, monkeypatch: pytest.MonkeyPatch) -> int:
    """Run a command with an output, and return its exit code."""
    monkeypatch.setattr(sys, "stdout", output)
    try:
        return main(words.split())
    finally:
        if sys.stdout is not None:
            with contextlib.suppress(OSError):
                sys.stdout.close()


@pytest.mark.parametrize("words", PRINTING)
def test_outputs_that_take_nothing(
    words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A reader that has gone is 141 and no word, a full disk is 1 and a sentence, and no output at all is as good as one."""
    reader, writer = os.pipe()
    os.close(reader)
    assert ended(words, os.fdopen(writer, "w"), monkeypatch) == 141
    name = "" if words.startswith("-") or words.endswith("--help") else f" {words.split(maxsplit=1)[0]}"
    capsys.readouterr()
    with Path("/dev/full").open("w") as full:
        assert ended(words, full, monkeypatch) == 1
    assert f"keybearer{name}: No space left on device\n" in capsys.readouterr().err
    if "-h" not in words and words != "--version":  # those end as argparse ends
        assert ended(words, None, monkeypatch) == (3 if words.startswith("lint") else 0)
