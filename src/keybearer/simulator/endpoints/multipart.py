"""`multipart/form-data`, as far as an upload needs it (RFC 7578): parts with a name, perhaps a filename and a type."""

from __future__ import annotations

import re
from email.message import Message
from typing import Final, NamedTuple

__all__ = ["FormPart", "read_form"]

MOST_PARTS: Final = 100


class FormPart(NamedTuple):
    """One part of a form."""

    name: str
    filename: str | None
    content_type: str | None
    data: bytes


def _boundary(content_type: str) -> str | None:
    header = Message()
    header["content-type"] = content_type
    found = header.get_param("boundary")
    return found if header.get_content_type() == "multipart/form-data" and isinstance(found, str) else None


def _parameter(header: str, name: str) -> str | None:
    match = re.search(rf';\s*{name}="((?:[^"\\]|\\.)*)"|;\s*{name}=([^;\s]+)', header)
    return re.sub(r"\\(.)", r"\1", match[1] if match[1] is not None else match[2]) if match else None


def read_form(body: bytes, content_type: str) -> list[FormPart] | None:
    """Read a form.

    Args:
        body: The request's body.
        content_type: Its `content-type`, which names the boundary.

    Returns:
        The parts, or None when it is no form.
    """
    boundary = _boundary(content_type)
    if not boundary:
        return None
    pieces = (b"\r\n" + body).split(b"\r\n--" + boundary.encode())
    if len(pieces) < 2 or not pieces[-1].startswith(b"--") or len(pieces) > MOST_PARTS:
        return None
    parts = []
    for piece in pieces[1:-1]:
        head, gap, data = piece.partition(b"\r\n\r\n")
        if not gap:
            return None
        headers = {
            name.strip().lower(): value.strip()
            for name, _, value in (
                line.partition(":") for line in head.decode("utf-8", "replace").split("\r\n") if line
            )
        }
        disposition = headers.get("content-disposition", "")
        name = _parameter(disposition, "name")
        if name is None:
            return None
        parts.append(FormPart(name, _parameter(disposition, "filename"), headers.get("content-type"), data))
    return parts
