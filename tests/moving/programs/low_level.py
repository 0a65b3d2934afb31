"""Calls by path, as for what the SDK has no method for."""
from anthropic import Anthropic

client = Anthropic()
asked = dict(model="claude-sonnet-5-5", max_tokens=10, messages=[{"role": "user", "content": "Hello"}])
answer = client.post("/v1/messages", body=asked, cast_to=object)
assert answer["content"]
assert client.get("/v1/models", cast_to=object)["data"]
