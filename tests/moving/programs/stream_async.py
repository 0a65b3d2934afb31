"""The same in asyncio: events of `create(stream=True)`, texts of `stream()`, a generator for a web page."""
import asyncio
from collections.abc import AsyncIterator

from anthropic import AsyncAnthropic, AsyncStream

client = AsyncAnthropic()
asked = dict(model="claude-sonnet-5-5", max_tokens=100, messages=[{"role": "user", "content": "Say hello"}])


async def server_sent() -> AsyncIterator[str]:
    async with client.messages.stream(**asked) as stream:
        async for text in stream.text_stream:
            yield f"data: {text}\n\n"
        message = await stream.get_final_message()
    yield f"data: {message.stop_reason}\n\n"


async def main() -> None:
    stream = await client.messages.create(stream=True, **asked)
    assert isinstance(stream, AsyncStream)
    async for event in stream:
        print(event.type)
    async with await client.messages.create(stream=True, **asked) as stream:
        async for event in stream:
            break
    assert len([line async for line in server_sent()]) > 1
    await client.close()


asyncio.run(main())
