"""haystack_integrations/components/generators/anthropic: its chat generator, plainly and as a stream."""

from haystack.dataclasses import ChatMessage
from haystack_integrations.components.generators.anthropic import AnthropicChatGenerator

asked = [ChatMessage.from_user("Say hello")]
assert AnthropicChatGenerator(model="claude-sonnet-5-5").run(messages=asked)["replies"][0].text
seen = []
generator = AnthropicChatGenerator(model="claude-sonnet-5-5", streaming_callback=seen.append)
assert generator.run(messages=asked)["replies"][0].text
assert seen
