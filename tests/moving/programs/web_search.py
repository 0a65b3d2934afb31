"""A server's tool, and the blocks that it leaves."""
from anthropic import Anthropic
from anthropic.types import ServerToolUseBlock, WebSearchToolResultBlock

client = Anthropic()
response = client.messages.create(
    model="claude-sonnet-5-5",
    max_tokens=1000,
    tools=[{"type": "web_search_20250305", "name": "web_search", "max_uses": 2}],
    messages=[{"role": "user", "content": "Search the web for the weather in Paris"}],
)
for block in response.content:
    if isinstance(block, ServerToolUseBlock):
        print(block.name, block.input)
    elif isinstance(block, WebSearchToolResultBlock):
        print(block.tool_use_id, block.content)
    elif block.type == "text":
        print(block.text, [citation.url for citation in block.citations or []])
print(response.usage.server_tool_use and response.usage.server_tool_use.web_search_requests)
