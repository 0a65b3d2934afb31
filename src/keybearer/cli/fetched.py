"""A page that the user names by its URL, as text for the model.

Contract: a plain GET, which carries no credential and no cookie. At most `LIMIT` bytes and `TIMEOUT` seconds of silence. HTML is
reduced to its text; scripts and styles are left out.

Limits: a page that scripts draw has no text here. Redirects are followed, as for any page.
"""

from __future__ import annotations

import urllib.request
from html.parser import HTMLParser
from http.client import HTTPException
from typing import Final

from keybearer._version import __version__
from keybearer.errors import UsageError
from keybearer.errors.sanitize import sanitize

__all__ = ["fetch", "page_text"]

LIMIT: Final = 16 << 20
TIMEOUT: Final = 30.0

_SKIPPED: Final = frozenset({"script", "style", "noscript", "template", "svg", "head"})
_BREAKS: Final = frozenset(
    {"p", "br", "div", "li", "ul", "ol", "tr", "table", "section", "article", "header", "footer", "pre", "blockquote"}
    | {f"h{level}" for level in range(1, 7)}
)


def fetch(url: str) -> bytes:
    """Return what is at a URL; of an HTML page its text, in UTF-8.

    Raises:
        UsageError: It cannot be fetched, or is too long.
    """
    if not url.lower().startswith(("https://", "http://")):
        raise UsageError(f"{sanitize(url, 200)} is no URL of the form https://host/path.", hint="Give a file with -f.")
    import ssl

    import truststore

    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=context))
    headers = {"user-agent": f"keybearer/{__version__}", "accept": "*/*"}
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - its scheme was checked
    try:
        with opener.open(request, timeout=TIMEOUT) as reply:
            data: bytes = reply.read(LIMIT + 1)
            kind, charset = reply.headers.get_content_type(), reply.headers.get_content_charset()
    except (OSError, ValueError, HTTPException) as error:  # a refused URL is an OSError too
        reason = getattr(error, "reason", None) or error
        raise UsageError(f"{sanitize(url, 200)} cannot be fetched: {sanitize(str(reason), 200)}.") from None
    if len(data) > LIMIT:
        raise UsageError(f"{sanitize(url, 200)} is longer than {LIMIT >> 20} MiB.")
    if kind in {"text/html", "application/xhtml+xml"}:
        return page_text(data.decode(_known(charset), errors="replace")).encode()
    return data.decode(_known(charset), errors="replace").encode() if charset and kind.startswith("text/") else data


def _known(charset: str | None) -> str:
    try:
        "".encode(charset or "utf-8")
    except LookupError:
        return "utf-8"
    return charset or "utf-8"


def page_text(html: str) -> str:
    """Return the text of an HTML page, a line for each of its parts."""
    reader = _PageReader()
    reader.feed(html)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.parts).splitlines())
    return "\n".join(line for line in lines if line)


class _PageReader(HTMLParser):
    """Collects a page's text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._skipped: list[str] = []

    def handle_starttag(self, tag: str, *_: object) -> None:
        if tag in _SKIPPED:
            self._skipped.append(tag)
        elif tag in _BREAKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._skipped:
            del self._skipped[self._skipped.index(tag) :]
        elif tag in _BREAKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._skipped:
            self.parts.append(data)
