"""What goes with a question: files, images, PDFs and pages by path or URL, and `@path` inside the question.

Strategy: what a file is, its bytes say. An image or a PDF at an https URL is fetched by the service; any other page is fetched here,
by a plain GET without any credential, and sent as text.

Contract: only the words of the command line are searched for `@path`, never standard input. A word that names no file stays as it is.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from typing import Any, Final

from keybearer.api.media import document, image
from keybearer.wire.request.media import image_header

__all__ = [
    "MENTION",
    "attach_bytes",
    "attach_file",
    "attach_image",
    "attach_pdf",
    "attach_url",
    "attachments",
    "mentioned",
]

MENTION: Final = re.compile(r"""(?:(?<=\s)|^)@(?:"([^"\n]+)"|'([^'\n]+)'|([^\s"']\S*))""")
"""`@path` at the beginning of a word; a path with white space stands in quotes."""

_AFTER: Final = ".,;:!?)]}'\""
"""What ends a sentence and no path."""

_IMAGES: Final = (".png", ".jpg", ".jpeg", ".gif", ".webp")
LIMIT: Final = 64 << 20
"""The most bytes of a file."""


def attach_bytes(data: bytes, name: str) -> dict[str, Any]:
    """Return the block of a file's bytes: an image, a PDF, or text.

    Args:
        data: The bytes.
        name: The file's name, which the model reads.

    Raises:
        LintError: It is none of them.
    """
    if image_header(data) is not None:
        return dict(image(data))
    return dict(document(data, title=name))


def attach_file(path: str) -> dict[str, Any]:
    """Return the block of a file.

    Raises:
        OSError: It cannot be read.
        LintError: It is no image, PDF or text.
    """
    with open(os.path.expanduser(path), "rb") as file:  # noqa: PTH111, PTH123 - any text
        return attach_bytes(file.read(LIMIT + 1), os.path.basename(path) or path)  # noqa: PTH119 - a name, not a path


def attach_image(source: str) -> dict[str, Any]:
    """Return the block of an image: a path, an https URL or a file id.

    Raises:
        OSError: It cannot be read.
        LintError: It is no image.
    """
    return dict(image(_opened(source)))


def attach_pdf(source: str) -> dict[str, Any]:
    """Return the block of a PDF: a path, an https URL or a file id.

    Raises:
        OSError: It cannot be read.
        LintError: It is no PDF.
    """
    given = _opened(source)
    if isinstance(given, bytes) and not given.startswith(b"%PDF-"):
        from keybearer.errors import LintError

        problem = f"{source} is no PDF"
        raise LintError(f"{problem}.", problems=(problem,), hint="Give another file with -f.")
    return dict(document(given))


def _opened(source: str) -> str | bytes:
    """Return a URL or the id of a file that is none here as it is, and a file's bytes."""
    if "://" in source[:10] or (source.startswith("file_") and not os.path.exists(source)):  # noqa: PTH110 - any text
        return source
    with open(os.path.expanduser(source), "rb") as file:  # noqa: PTH111, PTH123 - any text
        return file.read(LIMIT + 1)


def attach_url(url: str) -> dict[str, Any]:
    """Return the block of a page, an image or a PDF at a URL.

    Raises:
        LintError: It is no https URL, or what is there can be no part of a question.
        UsageError: It cannot be fetched.
    """
    path = url.partition("?")[0].partition("#")[0].lower()
    if path.startswith("https://") and path.endswith(_IMAGES):
        return dict(image(url))
    if path.startswith("https://") and path.endswith(".pdf"):
        return dict(document(url))
    from keybearer.cli.fetched import fetch

    return attach_bytes(fetch(url), url)


def mentioned(words: str) -> tuple[list[str], list[str]]:
    """Return the files that a question names by `@path`, and the words that look like one and name none.

    Args:
        words: The question.
    """
    found: dict[str, None] = {}
    missing: list[str] = []
    for match in MENTION.finditer(words):
        quoted = match[1] or match[2]
        path = quoted or _existing(match[3])
        if path and os.path.isfile(os.path.expanduser(path)):  # noqa: PTH111, PTH113 - any text, such as a name too long
            found[path] = None
        elif quoted or _looks_like_path(match[3]):
            missing.append(quoted or match[3].rstrip(_AFTER))
    return list(found), missing


def _existing(word: str) -> str:
    """Return a word without the punctuation at its end, as far as a file has that name."""
    while word:
        if os.path.isfile(os.path.expanduser(word)):  # noqa: PTH111, PTH113 - as above
            return word
        if word[-1] not in _AFTER:
            return ""
        word = word[:-1]
    return ""


def _looks_like_path(word: str) -> bool:
    word = word.rstrip(_AFTER)
    return "/" in word or re.fullmatch(r"[\w-]+\.\w{1,8}", word) is not None


def attachments(
    files: Iterable[str] = (), images: Iterable[str] = (), pdfs: Iterable[str] = (), urls: Iterable[str] = ()
) -> list[dict[str, Any]]:
    """Return the blocks of what is named by flags, in the order of the kinds."""
    return [
        *map(attach_file, files),
        *map(attach_image, images),
        *map(attach_pdf, pdfs),
        *map(attach_url, urls),
    ]
