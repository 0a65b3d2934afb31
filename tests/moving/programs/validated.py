"""Blocks of several classes in pydantic's models: unions, discriminators, dataclasses, settings and a cache."""
import dataclasses
from typing import Annotated, Any, List, Literal, Optional, Union

import pydantic
from anthropic import Anthropic
from anthropic.types import ContentBlock, Message, MessageParam, TextBlock, ThinkingBlock, ToolParam, ToolUseBlock, Usage
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter


class Call(BaseModel):
    model_config = ConfigDict(arbitrary_types_allowed=True)
    block: Union[TextBlock, ToolUseBlock]
    content: List[ContentBlock] = Field(default_factory=list)
    usage: Optional[Usage] = None
    tools: list[ToolParam] = []


call = Call.model_validate({"block": {"type": "tool_use", "id": "t", "name": "f", "input": {"a": 1}}})
assert isinstance(call.block, ToolUseBlock) and call.block.input == {"a": 1}
client = Anthropic()
message = client.messages.create(model="claude-sonnet-4-5", max_tokens=10, messages=[{"role": "user", "content": "Hi"}])
call = Call(block=message.content[0], content=message.content, usage=message.usage, tools=[{"name": "f", "input_schema": {"type": "object"}}])
again = Call.model_validate_json(call.model_dump_json())
assert again.block == call.block and isinstance(again.content[0], TextBlock) and again.usage == message.usage
blocks = TypeAdapter(List[ContentBlock]).validate_python(
    [{"type": "thinking", "thinking": "hm", "signature": "x"}, {"type": "text", "text": "hi"}, {"type": "tool_use", "id": "t", "name": "f", "input": {}}]
)
assert [type(b) for b in blocks] == [ThinkingBlock, TextBlock, ToolUseBlock]
try:
    TypeAdapter(TextBlock).validate_python({"type": "tool_use", "id": "t", "name": "f", "input": {}})
except pydantic.ValidationError:
    pass
else:
    raise SystemExit("taken")


@pydantic.dataclasses.dataclass(config=ConfigDict(arbitrary_types_allowed=True))
class Kept:
    message: Message
    asked: list[MessageParam]


kept = Kept(message=message, asked=[{"role": "user", "content": "Hi"}])
assert TypeAdapter(Kept).dump_python(kept)["message"]["id"] == message.id
