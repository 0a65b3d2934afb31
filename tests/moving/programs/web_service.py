"""A web service: a pydantic request, an answer as server-sent events, and an error as its status."""
import asyncio
import json
from contextlib import asynccontextmanager
from typing import AsyncIterator, List, Literal, Optional

import anthropic
from anthropic import AsyncAnthropic
from anthropic.types import Message, MessageParam, TextBlock, Usage
from pydantic import BaseModel, Field


class ChatMessage(BaseModel):
    role: Literal["user", "assistant"]
    content: str


class ChatRequest(BaseModel):
    messages: List[MessageParam]
    model: str = "claude-sonnet-4-5"
    max_tokens: int = Field(256, ge=1)
    system: Optional[str] = None


class ChatResponse(BaseModel):
    id: str
    content: List[TextBlock]
    usage: Usage
    stop_reason: Optional[str] = None


class Envelope(BaseModel):
    message: Message


@asynccontextmanager
async def lifespan():
    client = AsyncAnthropic(timeout=anthropic.Timeout(60.0, connect=5.0))
    yield client
    await client.close()


async def sse(client: AsyncAnthropic, request: ChatRequest) -> AsyncIterator[str]:
    try:
        async with client.messages.stream(
            model=request.model,
            max_tokens=request.max_tokens,
            messages=request.messages,
            system=request.system or anthropic.NOT_GIVEN,
        ) as stream:
            async for event in stream:
                if event.type == "content_block_delta" and event.delta.type == "text_delta":
                    yield f"data: {json.dumps({'text': event.delta.text})}\n\n"
            final = await stream.get_final_message()
            yield f"data: {json.dumps({'done': True, 'usage': final.usage.model_dump()})}\n\n"
    except anthropic.APIStatusError as e:
        yield f"data: {json.dumps({'error': e.message, 'status': e.status_code})}\n\n"


async def main():
    async with lifespan() as client:
        request = ChatRequest.model_validate({"messages": [{"role": "user", "content": "Say hello"}]})
        events = [event async for event in sse(client, request)]
        assert '"done": true' in events[-1], events
        wrong = ChatRequest.model_validate({"messages": [{"role": "user", "content": ""}]})
        events = [event async for event in sse(client, wrong)]
        assert '"status": 400' in events[-1], events
        message = await client.messages.create(**request.model_dump(exclude_none=True))
        response = ChatResponse(id=message.id, content=message.content, usage=message.usage, stop_reason=message.stop_reason)
        assert json.loads(response.model_dump_json())["content"][0]["type"] == "text"
        assert Envelope.model_json_schema()["properties"]["message"]
        assert ChatResponse.model_json_schema() and ChatRequest.model_json_schema()
        assert Envelope(message=message).model_dump(mode="json")["message"]["usage"]["input_tokens"]
        assert Envelope.model_validate({"message": message.model_dump()}).message.id == message.id


asyncio.run(main())
