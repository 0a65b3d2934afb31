"""What goes with a question."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from keybearer.cli import attached, fetched
from keybearer.cli.attached import attach_file, attach_image, attach_pdf, attach_url, attachments, mentioned
from keybearer.errors import LintError

PNG = (
    b"\x89PNG\r\n\x1a\n"
    + struct.pack(">I", 13)
    + b"IHDR"
    + struct.pack(">II", 9, 9)
    + bytes([8, 0, 0, 0, 0])
    + bytes(100)
)
PDF = b"%PDF-1.4\n%%EOF\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with a file of each kind."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes.txt").write_text("Tea.")
    (tmp_path / "my file.md").write_text("# Tea")
    (tmp_path / "chart").write_bytes(PNG)
    (tmp_path / "paper.txt").write_bytes(PDF)
    (tmp_path / "odd.bin").write_bytes(b"\xff\xfe\x00\x01")
    return tmp_path


@pytest.mark.usefixtures("folder")
def test_the_bytes_say_what_a_file_is() -> None:
    """Not its name: text, an image, a PDF."""
    text, picture, paper = map(attach_file, ("notes.txt", "chart", "paper.txt"))
    assert text["source"] == {"type": "text", "media_type": "text/plain", "data": "Tea."}
    assert text["title"] == "notes.txt"
    assert (picture["type"], picture["source"]["media_type"]) == ("image", "image/png")
    assert (paper["type"], paper["source"]["media_type"]) == ("document", "application/pdf")
    with pytest.raises(LintError):
        attach_file("odd.bin")
    with pytest.raises(FileNotFoundError):
        attach_file("none.txt")


@pytest.mark.usefixtures("folder")
def test_a_flag_says_what_is_due() -> None:
    """An image where an image is due, a PDF where a PDF is; a URL or the id of a file is the service's to fetch."""
    assert attach_image("https://a.example/x")["source"] == {"type": "url", "url": "https://a.example/x"}
    assert attach_pdf("file_011")["source"] == {"type": "file", "file_id": "file_011"}
    with pytest.raises(LintError, match="notes.txt is no PDF"):
        attach_pdf("notes.txt")
    with pytest.raises(LintError):
        attach_image("notes.txt")
    kinds = [
        block["type"] for block in attachments(["notes.txt"], ["chart"], ["paper.txt"], ["https://a.example/b.PNG?x=1"])
    ]
    assert kinds == ["document", "image", "document", "image"]


def test_a_url_is_fetched_here_unless_the_service_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """Images and PDFs by https are the service's; a page is fetched, and sent as text."""
    monkeypatch.setattr(fetched, "fetch", lambda url: f"page of {url}".encode())
    assert attach_url("https://a.example/p.pdf#x")["source"]["type"] == "url"
    page = attach_url("https://a.example/p.html")
    assert (page["source"]["data"], page["title"]) == ("page of https://a.example/p.html", "https://a.example/p.html")


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("words", "found", "missing"),
    [
        ("sum up @notes.txt", ["notes.txt"], []),
        ("(see @notes.txt), and @notes.txt?", ["notes.txt"], []),
        ("@chart @paper.txt.", ["chart", "paper.txt"], []),
        ('read @"my file.md" now', ["my file.md"], []),
        ("read @'my file.md'", ["my file.md"], []),
        ("mail me@notes.txt or @alice", [], []),
        ('read @none.txt, @a/b and @"x y"', [], ["none.txt", "a/b", "x y"]),
        ("@ alone, @. and @/", [], ["/"]),
    ],
)
def test_a_path_in_the_question(words: str, found: list[str], missing: list[str]) -> None:
    """Only at the beginning of a word, once each, without the sentence's end; what looks like a path and is none is named."""
    assert mentioned(words) == (found, missing)


def test_too_long_a_name_is_no_file() -> None:
    """No text of the user's ends in an error of the system."""
    assert mentioned("@" + "x" * 5000) == ([], [])
    assert attached.mentioned("@\0") == ([], [])
