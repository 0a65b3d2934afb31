"""What can be uploaded, and what cannot, in words."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from keybearer.errors import UsageError
from keybearer.shell.uploads import file_part, release


def content(file: Any) -> bytes:
    """Return what is uploaded, read twice: a request may be sent again."""
    part = file_part(file, "file")
    if part.content is None:
        return b""
    once, again = b"".join(part.content.pieces()), b"".join(part.content.pieces())
    assert once == again
    assert len(part.content) == len(once)
    release(part)
    return once


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file."""
    path = tmp_path / "notes.txt"
    path.write_bytes(b"one two")
    return path


def test_every_kind_of_source(path: Path) -> None:
    """Bytes, paths, file objects, pipes and iterables give what they hold, each named and typed as well as it can be."""
    assert content(b"x" * 600_000) == b"x" * 600_000
    assert content(path) == content(str(path)) == b"one two"
    assert content(iter([b"a", bytearray(b"b"), memoryview(b"c")])) == b"abc"
    assert content(iter([])) == b""
    with path.open("rb") as file:
        file.read(4)
        assert content(file) == b"two"  # from where the caller has read to
        assert not file.closed
    read, write = os.pipe()
    os.write(write, b"piped")
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        assert content(pipe) == b"piped"
    part = file_part(path, "file")
    assert (part.filename, part.media_type) == ("notes.txt", "text/plain")
    assert file_part(("x.png", b"x"), "f").media_type == "image/png"
    assert file_part(("x.png", b"x", "text/plain"), "f").media_type == "text/plain"
    assert file_part((None, path), "f").filename == "notes.txt"


@pytest.mark.parametrize(
    ("make", "match"),
    [
        (lambda path: path / "no", "cannot be uploaded"),
        (lambda path: path.parent, "cannot be uploaded"),
        (lambda _: "the content itself", "cannot be uploaded: No such file"),
        (lambda _: "nul\0byte", "cannot be uploaded"),
        (lambda _: io.StringIO("text"), "open as text"),
        (lambda _: 5, "of type int"),
        (lambda _: {"a": 1}, "of type dict"),
        (lambda _: iter(["text"]), "gave a value of type str"),
        (lambda _: ("only a name",), "not 1 values"),
        (lambda _: ("n", b"x", "t", "u"), "not 4 values"),
        (lambda _: (5, b"x"), "A file's name is of type int"),
        (lambda _: ("a\udcff", b"x"), "is not Unicode"),
        (lambda _: ("n", b"x", "text/plain\r\nx-other: 1"), "The media type .* is none"),
        (lambda _: ("n", iter([b"x"]), "plain"), "The media type 'plain' is none"),
        (lambda _: ("n", b"x", b"text/plain"), "The media type b'text/plain' is none"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(path: Path, make: Callable[[Path], Any], match: str) -> None:
    """Before anything is sent."""
    with pytest.raises(UsageError, match=match):
        file_part(make(path), "file")


def test_a_file_that_changes_while_it_is_sent(path: Path) -> None:
    """One that grows is sent as it was announced; one that shrinks, or goes, ends the request."""
    part = file_part(path, "file")
    assert part.content is not None
    path.write_bytes(b"one two three")
    assert b"".join(part.content.pieces()) == b"one two"
    path.write_bytes(b"one")
    with pytest.raises(UsageError, match="4 of 7 bytes are missing"):
        list(part.content.pieces())
    path.unlink()
    with pytest.raises(UsageError, match="could not be read while it was sent"):
        list(part.content.pieces())


def test_a_file_that_is_replaced_is_not_sent_in_part(path: Path) -> None:
    """Not even between two attempts: what is announced is the first file's length. One that is written in place is the same file."""
    part = file_part(path, "file")
    assert part.content is not None
    other = path.with_name("other")
    other.write_bytes(b"a longer text")
    other.replace(path)
    with pytest.raises(UsageError, match=r"notes\.txt was replaced by another file while it was sent"):
        list(part.content.pieces())


def test_a_source_that_fails_is_its_own_error() -> None:
    """Nothing was sent by then, and the temporary file is gone."""

    def source() -> Iterator[bytes]:
        yield b"x"
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        file_part(source(), "file")
