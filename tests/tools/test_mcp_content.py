"""What an MCP server says, as the API has it."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from keybearer.tools.mcp_content import call_result, served_tool

TEXT = {"type": "text", "text": "hello"}
PDF = base64.b64encode(b"%PDF-1.7").decode()


def resource(**fields: Any) -> dict[str, Any]:
    """Return an embedded resource."""
    return {"type": "resource", "resource": {"uri": "file:///a", **fields}}


def document(source: dict[str, Any]) -> dict[str, Any]:
    """Return a document block."""
    return {"type": "document", "source": source, "title": "file:///a"}


def plain(data: str) -> dict[str, Any]:
    """Return the source of a text document."""
    return {"type": "text", "media_type": "text/plain", "data": data}


def png(data: str) -> dict[str, Any]:
    """Return an image block."""
    return {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": data}}


@pytest.mark.parametrize(
    ("content", "block"),
    [
        ({"type": "image", "mimeType": "image/png", "data": "AAAA"}, png("AAAA")),
        (resource(mimeType="image/png", blob="AAAA"), png("AAAA")),
        (
            resource(mimeType="application/pdf", blob=PDF),
            document({"type": "base64", "media_type": "application/pdf", "data": PDF}),
        ),
        (resource(mimeType="text/x-python", text="a = 1"), document(plain("a = 1"))),
        (resource(text="a"), document(plain("a"))),
        (resource(mimeType="text/plain", blob="aGVsbG8="), document(plain("hello"))),
    ],
)
def test_what_the_api_has_a_block_for(content: dict[str, Any], block: dict[str, Any]) -> None:
    """Images, PDFs and texts stay what they are."""
    assert call_result({"content": [content, TEXT]}).content == [block, TEXT]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"type": "audio", "mimeType": "audio/wav", "data": "AAAA"}, "audio of the type audio/wav"),
        ({"type": "image", "mimeType": "image/tiff", "data": "AAAA"}, "image of the type image/tiff"),
        (resource(mimeType="application/zip", blob="AAAA"), "file:///a is of the type application/zip"),
        (resource(mimeType="text/plain", blob="/w=="), "cannot be shown"),
        (resource(), "of no known type"),
        (
            {"type": "resource_link", "uri": "file:///b", "name": "b", "mimeType": "text/plain"},
            "file:///b (b, text/plain)",
        ),
        ({"type": "of next year"}, "of next year"),
        ({"type": "text", "text": ""}, "(an empty text)"),
    ],
)
def test_what_it_has_none_for_is_said_in_words(content: dict[str, Any], words: str) -> None:
    """Nothing is dropped in silence, and no block is empty, which the service would refuse."""
    blocks = call_result({"content": [content, TEXT]}).content
    assert isinstance(blocks, list)
    assert words in blocks[0]["text"]


def test_a_single_text_is_a_text() -> None:
    """As a function's would be; an error is one."""
    assert call_result({"content": [TEXT]}) == ("hello", False)
    assert call_result({"content": [TEXT], "isError": True}) == ("hello", True)


def test_structured_content_stands_where_there_is_nothing_else() -> None:
    """Beside other content, it says the same."""
    assert call_result({"content": [], "structuredContent": {"a": [1]}}).content == '{"a":[1]}'
    assert call_result({"content": [TEXT], "structuredContent": {"a": 1}}).content == "hello"
    assert call_result({}).content == "Done: there is nothing to return."


def test_hints_are_what_the_server_says_and_no_more() -> None:
    """A tool without them may change anything."""
    bare = served_tool({"name": "a"})
    assert bare == ("a", "", {"type": "object"}, False, False)
    hinted = served_tool(
        {
            "name": "a",
            "description": "Read.",
            "inputSchema": {"type": "object", "properties": {}},
            "annotations": {"readOnlyHint": True, "idempotentHint": False},
        }
    )
    assert (hinted.read_only, hinted.idempotent, hinted.description) == (True, False, "Read.")
    assert served_tool({"name": "a", "annotations": {"readOnlyHint": "yes"}}).read_only is False
