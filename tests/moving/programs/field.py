"""Answers as fields of an application's own pydantic models."""
from typing import Literal

from anthropic import AsyncAnthropic
from anthropic.types import ContentBlock, Message, MessageParam, Usage
from pydantic import BaseModel, ConfigDict, TypeAdapter
import asyncio


class Turn(BaseModel):
    model_config = ConfigDict(arbitrary_types_allowed=True)
    role: Literal["assistant"]
    message: Message
    usage: Usage
    asked: list[MessageParam]


async def main():
    client = AsyncAnthropic()
    asked = [{"role": "user", "content": "Hello"}]
    message = await client.messages.create(model="claude-sonnet-5-5", max_tokens=10, messages=asked)
    turn = Turn(role="assistant", message=message, usage=message.usage, asked=asked)
    kept = turn.model_dump_json()
    assert Turn.model_validate_json(kept).message.id == message.id
    assert TypeAdapter(Message).validate_python(message.model_dump()).id == message.id


asyncio.run(main())
