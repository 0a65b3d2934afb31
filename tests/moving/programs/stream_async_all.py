"""Streams in asyncio: texts to a queue, a callback, a cancel half-way, several at once, raw events, a generator that is closed."""
import asyncio
from typing import AsyncGenerator, AsyncIterator

import anthropic
from anthropic import AsyncAnthropic, AsyncMessageStream, AsyncStream
from anthropic.lib.streaming import AsyncMessageStreamManager
from anthropic.types import RawMessageStreamEvent

client = AsyncAnthropic()
asked = {"model": "claude-haiku-4-5-20251001", "max_tokens": 200, "messages": [{"role": "user", "content": "Count to ten"}]}


async def texts() -> AsyncGenerator[str, None]:
    async with client.messages.stream(**asked) as stream:
        async for text in stream.text_stream:
            yield text


async def produce(queue: asyncio.Queue) -> None:
    stream: AsyncStream[RawMessageStreamEvent] = await client.messages.create(**asked, stream=True)
    async for event in stream:
        await queue.put(event)
    await queue.put(None)


async def main() -> None:
    assert "".join([text async for text in texts()])
    generator = texts()
    await generator.__anext__()
    await generator.aclose()
    queue: asyncio.Queue = asyncio.Queue()
    task = asyncio.create_task(produce(queue))
    kinds = []
    while (event := await queue.get()) is not None:
        kinds.append(event.type)
    await task
    assert kinds[-1] == "message_stop"
    manager = client.messages.stream(**asked)
    assert isinstance(manager, AsyncMessageStreamManager)
    async with manager as stream:
        assert isinstance(stream, AsyncMessageStream)
        async for event in stream:
            if event.type == "content_block_stop":
                print(event.content_block.model_dump_json())
            elif event.type == "message_stop":
                print(event.message.usage.model_dump())
    final = await stream.get_final_message()
    assert final.content and await stream.get_final_text()
    answers = await asyncio.gather(*[client.messages.create(**asked) for _ in range(4)])
    assert all(a.content for a in answers)
    async with client.messages.with_streaming_response.create(**asked, stream=True) as response:
        lines = [line async for line in response.iter_lines()]
        assert any(line.startswith("event: message_stop") for line in lines), lines
    raw = await client.messages.with_raw_response.create(**asked, stream=True)
    assert raw.headers["content-type"].startswith("text/event-stream")
    async for event in await raw.parse():
        last = event
    assert last.type == "message_stop"
    stream = await client.messages.create(**asked, stream=True)
    async for event in stream:
        break
    await stream.close()
    await client.close()


asyncio.run(main())
