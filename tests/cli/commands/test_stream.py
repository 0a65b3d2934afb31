"""`keybearer stream inspect`: each event with its place, and whether the answer is whole."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support.command import keybearer
from support.sse import START, frames, text_message

WHOLE = frames(*text_message("Hel", "lo \x1b[2J", "you"))
_BLOCK = ("content_block_delta", "content_block_stop")
EVENTS = text_message("Hel", "lo \x1b[2J", "you")


def inspect(*flags: str, data: bytes, tmp_path: Path) -> tuple[int, list[str], str]:
    """Run the command on a file with these bytes; return the exit code and what was printed."""
    (tmp_path / "s").write_bytes(data)
    done = keybearer("stream", "inspect", str(tmp_path / "s"), *flags)
    assert "\x1b" not in done.stdout + done.stderr
    return done.returncode, done.stdout.splitlines(), done.stderr


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_whole_stream(end: str, tmp_path: Path) -> None:
    """Deltas in a row are one line, each line has the place of its first event, and the verdict has the figures."""
    data = frames(*EVENTS, end=end)
    code, lines, _ = inspect(data=data, tmp_path=tmp_path)
    assert code == 0
    kinds = [line.split()[2] for line in lines[1:-1]]
    assert kinds == ["message_start", "content_block_start", "ping", *_BLOCK, "message_delta", "message_stop"]
    assert lines[4].split()[:2] == ["4-6", f"{data.index(b'event: content_block_delta'):,}"]
    assert "3 of them, 13 characters" in lines[4]
    assert lines[-1].startswith(f"Whole: 9 events, {len(data):,} bytes; end_turn, 7 tokens out; it cost $0.00")


def test_each_delta_and_the_text(tmp_path: Path) -> None:
    """--all gives each delta its line, and --text the text alone, neither with what steers a terminal."""
    lines = inspect("--all", data=WHOLE, tmp_path=tmp_path)[1]
    assert [line.split()[-1] for line in lines[4:7] if "Hel" in line or "you" in line] == ['"Hel"', '"you"']
    assert "lo " in "\n".join(inspect("--text", data=WHOLE, tmp_path=tmp_path)[1])


def test_json(tmp_path: Path) -> None:
    """A line for each event and one for the message."""
    *events, last = map(json.loads, inspect("--json", data=WHOLE, tmp_path=tmp_path)[1])
    assert [each["event"]["type"] for each in events] == [each["type"] for each in EVENTS]
    assert events[0]["offset"] == 0
    assert (last["complete"], last["message"]["content"][0]["text"]) == (True, "Hello \x1b[2Jyou")


ERROR = {"type": "error", "error": {"type": "overloaded_error", "message": "busy"}}


@pytest.mark.parametrize(
    ("data", "code", "says"),
    [
        (frames(*EVENTS[:4]), 10, "NOT WHOLE: "),
        (WHOLE[:-10], 10, "NOT WHOLE: "),
        (frames(*EVENTS[:4], ERROR), 8, "busy"),
        (frames(START, EVENTS[2]), 10, "NOT WHOLE: "),
        (b"data: {\n\n", 10, "NOT WHOLE: "),
        (b"<html>no</html>", 10, "NOT WHOLE: "),
    ],
)
def test_one_that_is_not_whole(data: bytes, code: int, says: str, tmp_path: Path) -> None:
    """What came is shown, then why it is not whole; the exit code is that of the error."""
    ended, lines, _ = inspect(data=data, tmp_path=tmp_path)
    assert ended == code
    assert says in lines[-1]
    ended, _, err = inspect("--text", data=data, tmp_path=tmp_path)
    assert (ended, err.startswith("keybearer stream: ")) == (code, True)


def test_a_head_above_it_is_skipped(tmp_path: Path) -> None:
    """As curl -i records it; the places are those of the body."""
    code, lines, _ = inspect(data=b"HTTP/1.1 200 OK\r\ncontent-type: x\r\n\r\n" + WHOLE, tmp_path=tmp_path)
    assert (code, lines[1].split()[1]) == (0, "0")
    assert "below a head of" in lines[-1]
    assert inspect(data=b"  \n", tmp_path=tmp_path)[0] == 2
