"""`multipart/form-data` (RFC 7578), read by Starlette's parser before the endpoint runs, which does not wait."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Final

from python_multipart.exceptions import FormParserError
from starlette.datastructures import Headers
from starlette.formparsers import MultiPartException, MultiPartParser

from keybearer.simulator.core.request import FormPart

__all__ = ["read_form"]

MOST_PARTS: Final = 100
CHUNK_BYTES: Final = 1024 * 1024


class _WholeFormParser(MultiPartParser):
    has_ended = False

    def on_end(self) -> None:
        self.has_ended = True


async def read_form(body: bytes, content_type: str) -> list[FormPart] | None:
    """Read a form.

    Args:
        body: The request's body.
        content_type: Its `content-type`, which names the boundary.

    Returns:
        The parts in order, or None for what is not a whole form or has more than `MOST_PARTS`.
    """
    if content_type.split(";", maxsplit=1)[0].strip().lower() != "multipart/form-data":
        return None

    async def chunks() -> AsyncGenerator[bytes, None]:
        for start in range(0, len(body), CHUNK_BYTES):
            yield body[start : start + CHUNK_BYTES]
        if not parser.has_ended:  # raised here, it makes the parser close the files that it has begun
            raise MultiPartException("The form has no closing boundary.")

    parser = _WholeFormParser(
        Headers({"content-type": content_type}), chunks(), max_files=MOST_PARTS, max_fields=MOST_PARTS
    )
    try:
        form = await parser.parse()
    except (MultiPartException, FormParserError):  # older versions of starlette do not turn one into the other
        return None
    try:
        parts = [
            FormPart(name, None, None, value.encode())
            if isinstance(value, str)
            else FormPart(name, value.filename or "", value.content_type, await value.read())
            for name, value in form.multi_items()
        ]
    finally:
        await form.close()
    return parts if len(parts) <= MOST_PARTS else None
