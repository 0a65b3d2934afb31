"""Forms, read by the parser of `python-multipart`, which nobody here wrote."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.datastructures import Headers as FormHeaders
from starlette.formparsers import MultiPartParser

from keybearer.shell.uploads import file_part
from keybearer.wire.request.multipart import FilePart, MultipartBody


def parsed(body: MultipartBody) -> dict[str, Any]:
    """Return a form's fields, and its files as name, type and content."""

    async def pieces() -> AsyncGenerator[bytes, None]:
        for piece in body.pieces():
            yield piece

    async def read() -> dict[str, Any]:
        form = await MultiPartParser(FormHeaders({"content-type": body.content_type}), pieces()).parse()
        found: dict[str, Any] = {}
        for name, value in form.multi_items():
            found[name] = value if isinstance(value, str) else (value.filename, value.content_type, await value.read())
        await form.close()
        return found

    return asyncio.run(read())


def test_fields_and_files_come_as_they_were_given() -> None:
    """A text, a file and an empty file; the length is what is sent."""
    body = MultipartBody(
        [("purpose", "zwölf")],
        [file_part(("a.txt", b"one\r\n--two"), "file"), file_part(("empty.bin", b""), "other")],
        boundary="b0",
    )
    assert parsed(body) == {
        "purpose": "zwölf",
        "file": ("a.txt", "text/plain", b"one\r\n--two"),
        "other": ("empty.bin", "application/octet-stream", b""),
    }
    assert len(body) == sum(map(len, body.pieces()))


@pytest.mark.parametrize("name", ['a"b.txt', "a\r\nx-evil: 1.txt", 'a"; filename="b.txt', "ünïcode-名.txt"])
def test_a_name_cannot_leave_its_header(name: str) -> None:
    """A quote or a line end in a name is escaped, as browsers do."""
    body = MultipartBody([], [file_part((name, b"x"), "file")], boundary="b0")
    escaped = name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
    assert parsed(body) == {"file": (escaped, "text/plain", b"x")}


@given(st.lists(st.binary(max_size=2000), min_size=1, max_size=5))
@settings(max_examples=50)
def test_any_content_comes_through(contents: list[bytes]) -> None:
    """Whatever bytes: each file is what it was, and may be read twice."""
    files: list[FilePart] = [file_part((f"{n}.bin", data), f"f{n}") for n, data in enumerate(contents)]
    body = MultipartBody([], files, boundary="0123456789abcdef" * 2)
    for _ in range(2):
        assert [value[2] for value in parsed(body).values()] == contents
