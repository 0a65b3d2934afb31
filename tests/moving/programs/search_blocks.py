"""Documents with citations, search results, web search and code execution, read block by block."""
import anthropic
from anthropic.types import CitationCharLocation, TextBlock, WebSearchToolResultBlock, ServerToolUseBlock
from anthropic.types.beta import BetaTextBlock

client = anthropic.Anthropic()
message = client.messages.create(
    model="claude-sonnet-4-5",
    max_tokens=1024,
    messages=[
        {
            "role": "user",
            "content": [
                {
                    "type": "document",
                    "source": {"type": "text", "media_type": "text/plain", "data": "The grass is green. The sky is blue."},
                    "title": "Notes", "context": "a note", "citations": {"enabled": True},
                },
                {"type": "text", "text": "What colour is the sky?"},
            ],
        }
    ],
)
for block in message.content:
    if block.type == "text":
        for citation in block.citations or []:
            if isinstance(citation, CitationCharLocation):
                print(citation.cited_text, citation.document_index, citation.start_char_index)
found = client.messages.create(
    model="claude-sonnet-4-5", max_tokens=1024,
    messages=[{"role": "user", "content": "Search the web for tea"}],
    tools=[{"type": "web_search_20250305", "name": "web_search", "max_uses": 2, "allowed_domains": ["example.com"]}],
)
for block in found.content:
    if isinstance(block, ServerToolUseBlock):
        print(block.name, block.input)
    elif isinstance(block, WebSearchToolResultBlock):
        if isinstance(block.content, list):
            for result in block.content:
                print(result.title, result.url, result.page_age)
        else:
            print(block.content.error_code)
    elif isinstance(block, TextBlock):
        print(block.text, [c.url for c in block.citations or [] if c.type == "web_search_result_location"])
print(found.usage.server_tool_use and found.usage.server_tool_use.web_search_requests)
code = client.beta.messages.create(
    model="claude-sonnet-4-5", max_tokens=1024, betas=["code-execution-2025-08-25"],
    messages=[{"role": "user", "content": "Run print(1)"}], tools=[{"type": "code_execution_20250825", "name": "code_execution"}],
)
for block in code.content:
    match block.type:
        case "text":
            assert isinstance(block, BetaTextBlock)
        case "bash_code_execution_tool_result":
            print(block.content.type)
mcp = client.beta.messages.create(
    model="claude-sonnet-4-5", max_tokens=100, betas=["mcp-client-2025-04-04"],
    mcp_servers=[{"type": "url", "url": "https://example.com/mcp", "name": "example", "authorization_token": "x"}],
    messages=[{"role": "user", "content": "Hello"}],
)
assert mcp.content
managed = client.beta.messages.create(
    model="claude-sonnet-4-5", max_tokens=100, betas=["context-management-2025-06-27"],
    context_management={"edits": [{"type": "clear_tool_uses_20250919"}]}, messages=[{"role": "user", "content": "Hello"}],
)
print(managed.context_management)
