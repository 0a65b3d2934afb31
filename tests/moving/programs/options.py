"""A client's settings, to give and to read; other settings for one call."""
import os

import anthropic
from anthropic import Anthropic, Timeout

client = Anthropic(
    base_url=os.environ["ANTHROPIC_BASE_URL"],
    timeout=Timeout(60.0, connect=5.0),
    max_retries=4,
    default_headers={"X-Team": "blue"},
)
asked = dict(model="claude-sonnet-5-5", max_tokens=10, messages=[{"role": "user", "content": "Hello"}])
assert client.with_options(timeout=5, max_retries=0).messages.create(**asked).content
assert client.copy(default_headers={"X-Team": "red"}).messages.create(**asked).content
assert client.messages.create(timeout=20.0, extra_headers={"X-Trace": "1"}, extra_query={"beta": "true"}, **asked).content
assert client.max_retries == 4 and str(client.base_url).startswith("http://127.0.0.1")
assert client.api_key == os.environ["ANTHROPIC_API_KEY"]
assert client.timeout.connect == 5.0
assert not client.is_closed()
client.close()
assert anthropic.DEFAULT_MAX_RETRIES == 2 and anthropic.DEFAULT_TIMEOUT
assert anthropic.__version__
