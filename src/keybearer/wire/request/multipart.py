"""A `multipart/form-data` body (RFC 7578) that is read while it is sent.

Contract: its length is known before anything is sent, and no file is held whole.
A name that could end its header is escaped as browsers do: `"`, CR and LF become `%22`, `%0D` and `%0A`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from msgspec import Struct

from keybearer.types.http import BodySource

__all__ = ["FilePart", "MultipartBody"]

_ESCAPED: Final = str.maketrans({'"': "%22", "\r": "%0D", "\n": "%0A"})


class FilePart(Struct, frozen=True, kw_only=True):
    """A file of a form.

    Attributes:
        field: The name of its field.
        filename: Its name.
        media_type: Its type.
        content: What it is read from; None for an empty one.
    """

    field: str
    filename: str
    media_type: str
    content: BodySource | None


class MultipartBody:
    """A form: its fields, then its files.

    Args:
        fields: Names and values.
        files: The files.
        boundary: A text that stands nowhere in the content: letters and digits, drawn at random.

    Attributes:
        content_type: The header that goes with it.
    """

    def __init__(self, fields: Sequence[tuple[str, str]], files: Sequence[FilePart], *, boundary: str) -> None:
        self.content_type = f"multipart/form-data; boundary={boundary}"
        mark = b"--" + boundary.encode("ascii")
        self._parts: list[bytes | BodySource] = []
        for name, value in fields:
            self._parts.append(mark + _head(name) + b"\r\n" + value.encode() + b"\r\n")
        for file in files:
            head = _head(file.field, file.filename) + f"content-type: {file.media_type}\r\n\r\n".encode()
            self._parts.append(mark + head)
            if file.content is not None:
                self._parts.append(file.content)
            self._parts.append(b"\r\n")
        self._parts.append(mark + b"--\r\n")

    def __len__(self) -> int:
        return sum(map(len, self._parts))

    def pieces(self) -> Iterator[bytes]:
        """Read it from its start."""
        for part in self._parts:
            if isinstance(part, bytes):
                yield part
            else:
                yield from part.pieces()


def _head(name: str, filename: str | None = None) -> bytes:
    line = f'\r\ncontent-disposition: form-data; name="{name.translate(_ESCAPED)}"'
    if filename is not None:
        line += f'; filename="{filename.translate(_ESCAPED)}"'
    return line.encode() + b"\r\n"
