"""Thinking, plainly and as a stream."""
import anthropic
from anthropic.types import ThinkingBlock

client = anthropic.Anthropic()
asked = dict(
    model="claude-sonnet-4-5",
    max_tokens=3000,
    thinking={"type": "enabled", "budget_tokens": 1500},
    messages=[{"role": "user", "content": "What is 27 * 453?"}],
)
response = client.messages.create(**asked)
thoughts = [block for block in response.content if isinstance(block, ThinkingBlock)]
assert thoughts and thoughts[0].thinking is not None and thoughts[0].signature
with client.messages.stream(**asked) as stream:
    for event in stream:
        if event.type == "thinking":
            print(event.thinking, event.snapshot)
        elif event.type == "content_block_delta" and event.delta.type == "signature_delta":
            print(event.delta.signature)
