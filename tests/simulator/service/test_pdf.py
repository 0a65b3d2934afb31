"""PDFs: their pages, their text, and citations by page, as the official SDK sees them."""

from __future__ import annotations

import base64
import zlib
from typing import Any

import anthropic
import pytest

from keybearer.simulator import Simulator
from keybearer.simulator.service.pdf import pdf_pages

LINES = ["The cat sleeps all day.", "Whales (some) sing at night.", "Bread is baked at dawn."]


def pdf(lines: list[str], *, deflated: bool) -> bytes:
    """Write a PDF of one line a page, as a small generator does."""
    parts = [
        b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n",
        b"2 0 obj\n<< /Type /Pages >>\nendobj\n",
    ]
    for number, line in enumerate(lines):
        escaped = line.replace("(", r"\(").replace(")", r"\)").encode()
        content = b"BT /F1 12 Tf 72 700 Td (" + escaped + b") Tj ET"
        body = zlib.compress(content) if deflated else content
        parts.append(b"%d 0 obj\n<< /Type /Page /Parent 2 0 R >>\nendobj\n" % (10 + number))
        parts.append(
            b"%d 0 obj\n<< /Length %d >>\nstream\n" % (20 + number, len(body)) + body + b"\nendstream\nendobj\n"
        )
    return b"".join(parts)


def source(data: bytes) -> dict[str, Any]:
    """Return a document's source."""
    return {"type": "base64", "media_type": "application/pdf", "data": base64.b64encode(data).decode()}


@pytest.mark.parametrize("deflated", [False, True])
def test_the_text_of_each_page_is_read(*, deflated: bool) -> None:
    """Plain strings in bare and deflated streams, escapes undone, page by page."""
    assert pdf_pages(source(pdf(LINES, deflated=deflated))) == LINES


@pytest.mark.parametrize(
    ("data", "pages"),
    [
        (b"%PDF-1.7", [""]),
        (b"", [""]),
        (b"%PDF-1.7 << /Type /Page >> << /Type/Page >> << /Type /Pages >>", ["", ""]),
        (b"%PDF-1.7 /Type /Page stream\nBT [(Hel) -20 (lo)] TJ ET\nendstream", ["Hello"]),
        (b"%PDF-1.7 /Type /Page stream\n" + zlib.compress(b"BT (x) Tj")[:-3] + b"\nendstream", ["x"]),
    ],
)
def test_what_has_no_text_still_has_pages(data: bytes, pages: list[str]) -> None:
    """A page without readable text is empty; whatever the bytes, there is one."""
    assert pdf_pages(source(data)) == pages


def test_a_pdf_is_cited_by_page() -> None:
    """The sentence that answers best, with its page from 1 and the page after it, and the tokens of three pages."""
    document = {"type": "document", "source": source(pdf(LINES, deflated=True)), "citations": {"enabled": True}}
    asked: Any = [{"role": "user", "content": [document, {"type": "text", "text": "When do whales sing?"}]}]
    with Simulator() as sim, anthropic.Anthropic(api_key=sim.api_key, base_url=sim.base_url) as client:
        message = client.messages.create(model="claude-haiku-4-5", max_tokens=200, messages=asked)
        tokens = client.messages.count_tokens(model="claude-haiku-4-5", messages=asked).input_tokens
    cited: Any = [block for block in message.content if block.type == "text" and block.citations]
    assert [block.text for block in cited] == ["Whales (some) sing at night."]
    found = cited[0].citations[0]
    assert (found.type, found.start_page_number, found.end_page_number) == ("page_location", 2, 3)
    assert tokens > 3 * 1500
