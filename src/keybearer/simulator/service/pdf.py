"""The pages of a PDF, and the text of simple ones, without a PDF library.

Limits: text that is shown with plain strings (`(...) Tj`, `[(...)] TJ`) in content streams that are bare or deflated, one stream a
page, in the order of the file, as small generators write it. Text in fonts with custom encodings, in compressed object streams
and on scanned pages is not read; such a page still counts if its page object can be found.

Source: ISO 32000-1, 7.3.4.2 (strings), 7.3.8 (streams), 9.4.3 (showing text).
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from typing import Any, Final

from keybearer.simulator.core.patterns import lazy

__all__ = ["pdf_pages"]

LARGEST: Final = 4 << 20
"""How much of one stream is unpacked, in bytes."""

_PAGE: Final = lazy(rb"/Type\s*/Page(?![A-Za-z])")
_STREAM: Final = lazy(rb"stream\r?\n(.*?)endstream", re.DOTALL)
_SHOWN: Final = lazy(rb"\((?:\\.|[^\\()])*\)\s*Tj|\[[^\]]*\]\s*TJ", re.DOTALL)
_STRING: Final = lazy(rb"\(((?:\\.|[^\\()])*)\)", re.DOTALL)
_ESCAPED: Final = lazy(rb"\\(.)", re.DOTALL)


def pdf_pages(source: Any) -> list[str]:
    """Return the text of each page of a base64 source, at least one; empty for a page without readable text.

    Args:
        source: A document block's `source`.
    """
    try:
        data = base64.b64decode(str(source.get("data", "")))
    except (binascii.Error, ValueError):
        data = b""
    texts = [text for text in map(_text, _STREAM.findall(data)) if text]
    count = max(len(_PAGE.findall(data)), len(texts), 1)
    return texts + [""] * (count - len(texts))


def _text(stream: bytes) -> str:
    try:
        stream = zlib.decompressobj().decompress(stream, LARGEST)
    except zlib.error:
        stream = stream[:LARGEST]
    if b"BT" not in stream:
        return ""
    shown = (b"".join(_STRING.findall(each)) for each in _SHOWN.findall(stream))
    return " ".join(_ESCAPED.sub(rb"\1", each).decode("latin-1").strip() for each in shown if each.strip())
