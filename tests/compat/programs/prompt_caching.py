"""Prompt caching: written once, read after that."""

import anthropic
from anthropic import NOT_GIVEN
from anthropic.types import CacheControlEphemeralParam, TextBlockParam

client = anthropic.Anthropic()
book = "It was the best of times, it was the worst of times. " * 800
system = [
    TextBlockParam(type="text", text="Answer from the book."),
    TextBlockParam(type="text", text=book, cache_control=CacheControlEphemeralParam(type="ephemeral")),
]
for question in ("Who wrote it?", "When?"):
    usage = client.messages.create(
        model="claude-haiku-4-5",
        max_tokens=30,
        system=system,
        messages=[{"role": "user", "content": question}],
        tools=NOT_GIVEN,  # type: ignore[arg-type] # of SDK 0.x
        extra_headers={"anthropic-beta": "prompt-caching-2024-07-31"},
    ).usage
    print(usage.cache_creation_input_tokens, usage.cache_read_input_tokens, usage.input_tokens)
    assert usage.cache_creation is not None
    print(usage.cache_creation.ephemeral_5m_input_tokens, usage.model_dump(exclude_none=True)["output_tokens"])
