"""Prompt caching and counting in the ways of three years: the beta's old name, headers, ttl, usage with its parts."""
import anthropic

client = anthropic.Anthropic(default_headers={"anthropic-beta": "prompt-caching-2024-07-31"})
book = "It was a dark night. " * 400
system = [{"type": "text", "text": "Answer from the book."}, {"type": "text", "text": book, "cache_control": {"type": "ephemeral"}}]


def ask(question, **more):
    response = client.messages.create(
        model="claude-3-5-sonnet-20240620", max_tokens=300, system=system,
        messages=[{"role": "user", "content": [{"type": "text", "text": question, "cache_control": {"type": "ephemeral"}}]}],
        extra_headers={"anthropic-beta": "prompt-caching-2024-07-31"}, **more,
    )
    usage = response.usage
    written, read = getattr(usage, "cache_creation_input_tokens", 0), getattr(usage, "cache_read_input_tokens", 0)
    print(f"in {usage.input_tokens} written {written} read {read} out {usage.output_tokens}")
    return usage


first, second = ask("Who?"), ask("Who?")
assert (first.cache_creation_input_tokens or 0) > 0 and (second.cache_read_input_tokens or 0) > 0
assert second.input_tokens + (second.cache_read_input_tokens or 0) >= 100
beta = client.beta.messages.create(
    model="claude-sonnet-4-5", max_tokens=50, betas=["extended-cache-ttl-2025-04-11"],
    system=[{"type": "text", "text": book, "cache_control": {"type": "ephemeral", "ttl": "1h"}}],
    messages=[{"role": "user", "content": "Why?"}],
)
assert beta.usage.cache_creation.ephemeral_1h_input_tokens > 0
counted = client.beta.messages.count_tokens(
    model="claude-sonnet-4-5", betas=["token-counting-2024-11-01"], system=system,
    tools=[{"name": "f", "description": "d", "input_schema": {"type": "object"}}],
    messages=[{"role": "user", "content": "Why?"}],
)
assert counted.input_tokens > 100 and counted.model_dump_json()
price = {"input": 3 / 1e6, "output": 15 / 1e6}
assert first.input_tokens * price["input"] + first.output_tokens * price["output"] > 0
models = client.models.list(limit=20)
assert [m.id for m in models.data] and models.data[0].display_name and models.data[0].created_at.year
assert client.models.retrieve(models.data[0].id).type == "model"
for model in client.models.list():
    print(model.id, model.created_at)
