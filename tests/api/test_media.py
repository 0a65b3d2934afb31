"""Images and documents from where they are: what cannot be one is reported, and never printed whole."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

import keybearer
from keybearer.errors import LintError

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 200


def refused(source: Any) -> LintError:
    """Return the error that a source gives."""
    with pytest.raises(LintError) as caught:
        keybearer.image(source)
    assert caught.value.problems
    return caught.value


def test_a_url_that_is_not_https() -> None:
    """The service fetches https alone, which is said before anything is sent, for images and documents."""
    error = refused("HTTP://user:canary@a.example/cat.png")
    assert str(error) == (
        "The URL HTTP://***@a.example/cat.png is not https: the service fetches no other. Give an https URL."
    )
    with pytest.raises(LintError, match="is not https"):
        keybearer.document("http://a.example/a.pdf")
    block: Any = keybearer.image("HTTPS://a.example/cat.png")
    assert block["source"] == {"type": "url", "url": "HTTPS://a.example/cat.png"}


@pytest.mark.parametrize("size", [1, 3, 1000, 100_000])
@pytest.mark.parametrize("lead", ["", "data:image/png;base64,"])
def test_base64_in_place_of_a_path(size: int, lead: str) -> None:
    """A payload is not looked for as a file, nor printed; the error says to decode it."""
    text = lead + base64.b64encode(PNG * size).decode()
    error = refused(text)
    shown = "data:image/png;base6" if lead else "iVBORw0KGgoAAAAAAAAA"
    assert error.message == f"What was given is text of {len(text):,} characters and no path; it begins with '{shown}'."
    assert error.hint == "Is it base64? Then decode it: keybearer.image(base64.b64decode(...))."


def test_a_file_with_a_name_like_base64_is_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is there is taken, however it is called."""
    monkeypatch.chdir(tmp_path)
    Path("iVBORw0KGgo.png").write_bytes(PNG)
    block: Any = keybearer.image("iVBORw0KGgo.png")
    assert block["source"]["media_type"] == "image/png"


def test_what_is_no_source_at_all() -> None:
    """A value of another type is reported as that; a name that no file can have is reported with its control characters escaped."""
    assert refused(5).message == (
        "What was given: it is of type int, but a path, a URL, a file id, bytes or a file is due."
    )
    assert refused("a\x1b[2J\0.png").message == "The file a\\x1b[2J\\x00.png: embedded null byte."
    assert refused("x" * 300 + ".png").message.endswith("cannot be read: File name too long.")
