"""Forms, as an upload sends them: their parts, and what is not a form."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import pytest
import urllib3

from keybearer.simulator import Simulator
from keybearer.simulator.core.request import FormPart
from keybearer.simulator.http.forms import MOST_PARTS, read_form

TYPE = "multipart/form-data; boundary=edge"


def part(disposition: str, data: bytes, *headers: str) -> bytes:
    """Write one part of a form."""
    head = "\r\n".join([f"content-disposition: form-data; {disposition}", *headers])
    return b"--edge\r\n" + head.encode() + b"\r\n\r\n" + data + b"\r\n"


def read(parts: Iterable[bytes], content_type: str = TYPE, end: bytes = b"--edge--\r\n") -> list[FormPart] | None:
    """Read the form that has these parts."""
    return asyncio.run(read_form(b"".join(parts) + end, content_type))


def test_fields_and_files_in_order() -> None:
    """A part with a filename is a file with its type, one without is a field; quotes in a filename are unescaped."""
    parts = [
        part('name="purpose"', "größer".encode()),
        part(r'name="file"; filename="a \"b\".txt"', b"\r\n--edg\x00", "content-type: text/plain"),
        part('name="file"; filename=""', b""),
    ]
    assert read(parts) == [
        FormPart("purpose", None, None, "größer".encode()),
        FormPart("file", 'a "b".txt', "text/plain", b"\r\n--edg\x00"),
        FormPart("file", "", None, b""),
    ]


def test_a_large_file_comes_back_whole() -> None:
    """A file of several megabytes, which the parser keeps on disk, is byte for byte what was sent."""
    data = bytes(range(256)) * 16 * 1024
    assert read([part('name="file"; filename="x"', data)]) == [FormPart("file", "x", None, data)]


@pytest.mark.parametrize(
    ("parts", "content_type"),
    [
        ([part('name="a"', b"x")], "application/json"),
        ([part('name="a"', b"x")], "multipart/mixed; boundary=edge"),
        ([part('name="a"', b"x")], "multipart/form-data"),
        ([part('name="a"', b"x")], ""),
        ([part('filename="a"', b"x")], TYPE),
        ([b"no form\r\n"], TYPE),
    ],
)
def test_what_is_no_form(parts: list[bytes], content_type: str) -> None:
    """Another type, no boundary, a part without a name, or other bytes are no form."""
    assert read(parts, content_type) is None


def test_a_form_that_was_cut_is_none() -> None:
    """Wherever a form is cut before its closing boundary, nothing of it is read."""
    whole = part('name="a"', b"x") + part('name="file"; filename="a"', b"yy") + b"--edge--"
    assert len(read([whole], end=b"") or []) == 2
    for length in range(len(whole)):
        assert read([whole[:length]], end=b"") is None, length


def test_a_form_has_a_hundred_parts_at_most() -> None:
    """A hundred parts are read, one more is refused, whether they are fields or files."""
    field, file = part('name="a"', b"x"), part('name="a"; filename="a"', b"x")
    assert len(read([field] * MOST_PARTS) or []) == MOST_PARTS == 100
    for more in ([field] * 101, [file] * 101, [field, *[file] * 100]):
        assert read(more) is None


@pytest.mark.parametrize(
    ("parts", "end"),
    [
        ([part('name="file"; filename="a"', b"x")], b""),
        ([part('name="file"', b"x")], b"--edge--\r\n"),
        ([part('name="other"; filename="a"', b"x")], b"--edge--\r\n"),
        ([b"no form"], b""),
    ],
)
def test_an_upload_without_a_whole_file_is_refused(sim: Simulator, parts: list[bytes], end: bytes) -> None:
    """A form that was cut, or that has no file under its name, gets a 400 that names the field."""
    headers = {"x-api-key": sim.api_key, "anthropic-version": "2023-06-01", "content-type": TYPE}
    with urllib3.PoolManager() as pool:
        cut = b"".join(parts)[: -2 if not end else None] + end
        reply = pool.request("POST", f"{sim.base_url}/v1/files", body=cut, headers=headers)
    assert reply.status == 400
    assert reply.json()["error"]["message"] == "file: Field required"
