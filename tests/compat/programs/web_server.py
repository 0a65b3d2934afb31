"""Streaming to a web server's clients: raw events, the helper's events, server-sent events."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator

import anthropic
from anthropic import AsyncAnthropic, AsyncStream, Stream
from anthropic.types import RawMessageStreamEvent

ASK = {"model": "claude-haiku-4-5", "max_tokens": 60, "messages": [{"role": "user", "content": "Count to three."}]}


def sse(stream: Stream[RawMessageStreamEvent]) -> Iterator[str]:
    """Give each event as text/event-stream."""
    for event in stream:
        if event.type == "content_block_delta" and event.delta.type == "text_delta":
            yield f"data: {json.dumps({'text': event.delta.text})}\n\n"
        elif event.type in {"message_delta", "message_stop", "content_block_stop"}:
            yield f"event: {event.type}\ndata: {json.dumps(json.loads(event.model_dump_json(exclude_none=True)), sort_keys=True)}\n\n"


async def words(client: AsyncAnthropic) -> AsyncIterator[str]:
    """Give the text as it comes."""
    stream: AsyncStream[RawMessageStreamEvent] = await client.messages.create(**ASK, stream=True)  # type: ignore[call-overload]
    async for event in stream:
        if event.type == "content_block_delta":
            yield event.delta.text


async def main() -> None:
    """Run all of it."""
    async with AsyncAnthropic() as client:
        print("".join([word async for word in words(client)]))
        async with client.messages.stream(**ASK) as stream:  # type: ignore[arg-type] # a plain dict
            kinds = [event.type async for event in stream if event.type != "ping"]
            final = await stream.get_final_message()
        print(sorted(set(kinds)), final.usage.output_tokens, await stream.get_final_text())


with anthropic.Anthropic() as blocking:
    stream = blocking.messages.create(**ASK, stream=True)  # type: ignore[call-overload] # a plain dict
    print("".join(sse(stream)))
    with blocking.messages.stream(**ASK) as helper:  # type: ignore[arg-type] # a plain dict
        print("".join(helper.text_stream))
        print(helper.current_message_snapshot.stop_reason, helper.get_final_message().content[0].type)
    with blocking.messages.stream(**ASK) as helper:  # type: ignore[arg-type] # a plain dict
        for event in helper:
            if event.type == "text":
                print(repr(event.text), len(event.snapshot))
            elif event.type == "content_block_stop":
                print(event.index, event.content_block.type)
            elif event.type == "message_stop":
                print(event.message.stop_reason)
asyncio.run(main())
