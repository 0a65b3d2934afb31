"""Headers beside an answer, plainly, as a stream of bytes, and in asyncio."""
import asyncio

import anthropic

client = anthropic.Anthropic()
asked = dict(model="claude-sonnet-5-5", max_tokens=10, messages=[{"role": "user", "content": "Hello"}])
response = client.messages.with_raw_response.create(**asked)
assert response.headers.get("request-id") and response.headers["content-type"].startswith("application/json")
assert response.status_code == 200
message = response.parse()
assert message.content
with client.messages.with_streaming_response.create(**asked) as response:
    print(response.headers.get("request-id"))
    assert "".join(response.iter_lines())


async def main():
    response = await anthropic.AsyncAnthropic().messages.with_raw_response.create(**asked)
    assert response.headers["request-id"]


asyncio.run(main())
