"""Who allows a tool's call."""

from __future__ import annotations

import io
import sys

import pytest

from keybearer.cli.approvals import Approvals, shown_call
from keybearer.errors import UsageError
from keybearer.tools.calls import Allow, Deny
from keybearer.tools.tool import ToolCall, tool
from support.terminals import Tty


@tool(read_only=True)
def look(path: str) -> str:
    """Look at something."""
    return path


@tool
def remove(path: str) -> str:
    """Remove something."""
    return path


LOOK, REMOVE = ToolCall("t1", "look", {"path": "a"}), ToolCall("t2", "remove", {"path": "a"})


def decided(*yes_to: str) -> list[type]:
    """Return what is decided on the two calls."""
    approvals = Approvals([look, remove], yes_to)
    return [type(approvals(call)) for call in (LOOK, REMOVE)]


def test_without_a_terminal_the_answer_is_no(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unless a flag has allowed the call: those that change nothing, those of a tool, all."""
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\ny\n"))
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    assert decided() == [Deny, Deny]
    assert decided("read") == [Allow, Deny]
    assert decided("remove") == [Deny, Allow]
    assert decided("look, remove") == decided("all") == [Allow, Allow]


def test_a_person_is_asked(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The whole call is shown, after what was held back; an empty answer and the end of the input are no."""
    held: list[str] = []
    approvals = Approvals([look, remove], (), lambda: held.append("printed"))
    for answer, decision in (("y\n", Allow), ("\n", Deny), ("what\n", Deny), ("", Deny), ("Always\n", Allow)):
        monkeypatch.setattr(sys, "stdin", Tty(answer))
        assert type(approvals(REMOVE)) is decision
    monkeypatch.setattr(sys, "stdin", Tty(""))
    assert type(approvals(REMOVE)) is Allow  # always
    assert type(approvals(LOOK)) is Deny
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count('remove { "path": "a" }\nAllow it?') == 5
    assert len(held) == 6
    assert approvals.denied[-1] == {"tool_name": "look", "tool_use_id": "t1", "tool_input": {"path": "a"}}


def test_a_call_cannot_steer_the_terminal_that_it_is_shown_on() -> None:
    """What the model wrote is shown whole, and harmless."""
    call = ToolCall("t", "run\x1b[2J", {"command": "rm -rf ~\x1b]52;c;x\x07\u202e" + " x" * 40})
    shown = shown_call(call)
    assert not {"\x1b", "\x07", "\u202e"} & set(shown)
    assert shown.count(" x") == 40


def test_a_name_that_is_no_tools_is_wrong_usage() -> None:
    """It would allow nothing."""
    with pytest.raises(UsageError, match="no tool 'remov'. Did you mean remove?"):
        Approvals([look, remove], ["read,remov"])
