"""A gateway: a bearer token, its own headers, its address."""
import os

from anthropic import Anthropic

client = Anthropic(
    auth_token=os.environ.pop("ANTHROPIC_API_KEY").replace("api03", "oat01") if False else None,
    api_key=os.environ.get("ANTHROPIC_API_KEY") or "sk-ant-api03-" + "x" * 80,
    base_url=os.environ["ANTHROPIC_BASE_URL"] + "/",
    default_headers={"x-portkey-api-key": "pk", "Helicone-Auth": "Bearer sk-helicone"},
    default_query={"team": "blue"},
)
assert client.messages.create(
    model="claude-sonnet-5-5", max_tokens=5, messages=[{"role": "user", "content": "Hello"}], metadata={"user_id": "1"}
).content
