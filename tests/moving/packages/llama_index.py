"""llama_index/llms/anthropic: its chat, plainly and as a stream."""

from llama_index.core.llms import ChatMessage
from llama_index.llms.anthropic import Anthropic

llm = Anthropic(model="claude-sonnet-4-5", max_tokens=256)
assert llm.chat([ChatMessage(role="user", content="Say hello")]).message.content
assert [chunk for chunk in llm.stream_chat([ChatMessage(role="user", content="Say hello")])]
