"""The names of the clouds' clients imported, and one made only if it is asked for."""
import os

from anthropic import (
    Anthropic,
    AnthropicBedrock,
    AnthropicVertex,
    AsyncAnthropicBedrock,
    AsyncAnthropicVertex,
)


def client():
    kind = os.environ.get("LLM_CLOUD", "direct")
    return {"direct": Anthropic, "bedrock": AnthropicBedrock, "vertex": AnthropicVertex}[kind]()


assert client().messages.create(
    model="claude-sonnet-5-5", max_tokens=5, messages=[{"role": "user", "content": "Hello"}]
).content
