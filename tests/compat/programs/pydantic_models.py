"""Answers in an application's own pydantic models, stored and loaded again."""

from typing import Any

import anthropic
from anthropic.types import ContentBlock, Message, Usage
from pydantic import BaseModel, TypeAdapter


class Turn(BaseModel):
    """One turn, kept."""

    question: str
    answer: Message
    usage: Usage | None = None


client = anthropic.Anthropic()
message = client.messages.create(
    model="claude-haiku-4-5", max_tokens=50, messages=[{"role": "user", "content": "Hello!"}]
)
turn = Turn(question="Hello!", answer=message, usage=message.usage)
stored = turn.model_dump_json(exclude_unset=True, exclude_none=True)
again = Turn.model_validate_json(stored)
print(again.answer == message, again.answer.content[0].type, again.usage == message.usage)
blocks: list[Any] = [block.model_dump(exclude_none=True) for block in message.content]
print(blocks, sorted(message.model_dump(include={"id", "role", "model"})))
print(Message.model_validate(message.model_dump()) == message)
print(Message.model_validate_json(message.to_json()).id == message.id)
print(message.model_copy(update={"role": "assistant"}).id == message.id)
print(TypeAdapter(Message).validate_python(message.to_dict()).id == message.id, ContentBlock is not None)
print(isinstance(message, anthropic.BaseModel))
