"""What is said beside the answer."""

from __future__ import annotations

import argparse
import logging
import stat
from pathlib import Path
from typing import Any

import pytest

from keybearer.cli.notes import noted


def flags(**given: Any) -> argparse.Namespace:
    """Return the flags of a command."""
    parser = argparse.ArgumentParser()
    return argparse.Namespace(
        **{"quiet": False, "verbose": False, "log_file": None, "command": "ask", "parser": parser} | given
    )


def said(capsys: pytest.CaptureFixture[str], **given: Any) -> str:
    """Return what is said with some flags."""
    with noted(flags(**given)) as notes:
        notes.note("a note")
        notes.note("")
        notes.detail("a detail")
        logging.getLogger("keybearer").debug("sent %s", "\x1b[2Jx")
    return capsys.readouterr().err


def test_quiet_and_verbose(capsys: pytest.CaptureFixture[str]) -> None:
    """Notes alone, nothing, or all, made harmless; afterwards the log is as it was."""
    assert said(capsys) == "keybearer ask: a note\n"
    assert said(capsys, quiet=True) == ""
    assert said(capsys, verbose=True) == "keybearer ask: a note\na detail\nkeybearer: sent \ufffd[2Jx\n"
    assert said(capsys) == "keybearer ask: a note\n"
    with pytest.raises(SystemExit), noted(flags(quiet=True, verbose=True)):
        pass


def test_a_log_file_is_private_and_grows(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """What is sent when, a line each; nothing of it is on standard error."""
    path = tmp_path / "keybearer.log"
    for _ in range(2):
        assert said(capsys, log_file=str(path), quiet=True) == ""
    lines = path.read_text().splitlines()
    assert [line.split(" ", 2)[2] for line in lines] == ["DEBUG sent \ufffd[2Jx"] * 2
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
