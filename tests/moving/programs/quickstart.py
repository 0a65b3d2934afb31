"""The quickstart, with everything that people print of an answer."""
import os

import anthropic

client = anthropic.Anthropic(api_key=os.environ.get("ANTHROPIC_API_KEY"))
message = client.messages.create(
    model="claude-sonnet-5-5",
    max_tokens=1000,
    system="You are a helpful assistant.",
    messages=[{"role": "user", "content": [{"type": "text", "text": "Say hello"}]}],
)
print(message)
print(message.content)
print(message.content[0].text)
print(f"{message.usage.input_tokens} in, {message.usage.output_tokens} out, {message.stop_reason}, {message.model}")
print(message.id, message.role, message.type, message._request_id)
