"""Tokens counted before asking, and models listed."""
import anthropic

client = anthropic.Anthropic()
count = client.messages.count_tokens(
    model="claude-sonnet-5-5", system="Be brief", messages=[{"role": "user", "content": "Hello"}]
)
assert count.input_tokens > 0 and count.model_dump() == {"input_tokens": count.input_tokens}
print(count.to_json())
models = client.models.list(limit=3)
assert models.data[0].id and models.has_more in (True, False)
assert [model.display_name for model in client.models.list()]
assert models.has_next_page()
assert models.get_next_page().data
assert client.models.retrieve(models.data[0].id).created_at.year > 2022
