"""Citations: the sentence of each citable document that answers best, with its location.

A document of plain text is cited by characters, a PDF by page, one of content blocks by block, a search result by its source.
Source: the wheel's `CitationCharLocation`, `CitationPageLocation`, `CitationContentBlockLocation`, `CitationsSearchResultLocation`.
"""

from __future__ import annotations

from typing import Any

from keybearer.simulator.engine.prompt import Prompt
from keybearer.simulator.engine.prose import best_sentence, document_text, sentences
from keybearer.simulator.service.pdf import pdf_pages

__all__ = ["cite"]

Block = dict[str, Any]


def _is_citable(block: Block) -> bool:
    return bool((block.get("citations") or {}).get("enabled"))


def _locate(block: Block, quote: str, place: int) -> Block | None:
    """Return the location of a sentence, or None if the document has no locations."""
    source = block.get("source")
    cited: Block = {"cited_text": quote}
    if block.get("type") == "search_result":
        return cited | {
            "type": "search_result_location",
            "source": block.get("source"),
            "title": block.get("title"),
            "search_result_index": place,
            "start_block_index": 0,
            "end_block_index": len(block.get("content") or [0]),
        }
    cited |= {"document_index": place, "document_title": block.get("title"), "file_id": None}
    if isinstance(source, dict) and source.get("type") == "text":
        start = str(source.get("data", "")).find(quote)
        return cited | {"type": "char_location", "start_char_index": start, "end_char_index": start + len(quote)}
    if isinstance(source, dict) and source.get("type") == "base64":
        page = next((number for number, text in enumerate(pdf_pages(source), 1) if quote in text), None)
        if page is None:
            return None
        return cited | {"type": "page_location", "start_page_number": page, "end_page_number": page + 1}
    parts = source.get("content") if isinstance(source, dict) else None
    for index, part in enumerate(parts if isinstance(parts, list) else []):
        if isinstance(part, dict) and quote in str(part.get("text", "")):
            return cited | {
                "type": "content_block_location",
                "start_block_index": index,
                "end_block_index": index + 1,
            }
    return None


def cite(prompt: Prompt) -> list[Block]:
    """Answer from the documents that allow citations.

    Args:
        prompt: The prompt.

    Returns:
        Text blocks, one for each cited sentence; empty when no document can be cited.
    """
    documents = [block for block in prompt.documents if block.get("type") == "document"]
    results = [block for block in prompt.documents if block.get("type") == "search_result"]
    blocks: list[Block] = []
    for group in (documents, results):
        for place, block in enumerate(group):
            text = document_text(block) if _is_citable(block) else ""
            quote = best_sentence(text, prompt.text) or next(iter(sentences(text)), None)
            location = _locate(block, quote, place) if quote else None
            if location:
                lead = f"{block.get('title') or 'The document'} says: "
                blocks += [
                    {"type": "text", "text": lead if not blocks else " " + lead},
                    {"type": "text", "text": quote, "citations": [location]},
                ]
    return blocks
