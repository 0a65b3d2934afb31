"""A cached system prompt, and the counts that come back."""
from anthropic import Anthropic

client = Anthropic(default_headers={"anthropic-beta": "prompt-caching-2024-07-31"})
system = [
    {"type": "text", "text": "You answer questions about a book."},
    {"type": "text", "text": "word " * 5000, "cache_control": {"type": "ephemeral"}},
]
for _ in range(2):
    response = client.messages.create(
        model="claude-sonnet-4-5", max_tokens=50, system=system, messages=[{"role": "user", "content": "Summarise"}]
    )
usage = response.usage
print(usage.cache_creation_input_tokens, usage.cache_read_input_tokens, getattr(usage, "cache_creation", None))
assert usage.cache_read_input_tokens > 1000
assert usage.model_dump()["cache_read_input_tokens"] == usage.cache_read_input_tokens
