"""Raw events by class in a match statement, sent over a queue as dictionaries and rebuilt into a message by hand."""
import json

import anthropic
from anthropic import Anthropic
from anthropic.types import (
    InputJSONDelta,
    Message,
    RawContentBlockDeltaEvent,
    RawContentBlockStartEvent,
    RawContentBlockStopEvent,
    RawMessageDeltaEvent,
    RawMessageStartEvent,
    RawMessageStopEvent,
    TextBlock,
    TextDelta,
    ToolUseBlock,
)

client = Anthropic()
stream = client.messages.create(
    model="claude-sonnet-4-5", max_tokens=200, stream=True,
    tools=[{"name": "f", "description": "d", "input_schema": {"type": "object", "properties": {"x": {"type": "string"}}}}],
    messages=[{"role": "user", "content": 'Say hi, then call f for "y"'}],
)
message, partial, wire = None, {}, []
for event in stream:
    wire.append(json.dumps(event.model_dump()))
    match event:
        case RawMessageStartEvent(message=started):
            message = started.model_copy(deep=True)
        case RawContentBlockStartEvent(index=index, content_block=block):
            message.content.insert(index, block.model_copy())
            partial[index] = ""
        case RawContentBlockDeltaEvent(index=index, delta=TextDelta(text=text)):
            message.content[index].text += text
        case RawContentBlockDeltaEvent(index=index, delta=InputJSONDelta(partial_json=piece)):
            partial[index] += piece
        case RawContentBlockStopEvent(index=index):
            if isinstance(message.content[index], ToolUseBlock) and partial[index]:
                message.content[index].input = json.loads(partial[index])
        case RawMessageDeltaEvent(delta=delta, usage=usage):
            message.stop_reason = delta.stop_reason
            message.usage.output_tokens = usage.output_tokens
        case RawMessageStopEvent():
            break
        case _:
            print(event.type)
assert message.stop_reason == "tool_use"
assert any(isinstance(b, ToolUseBlock) and b.input for b in message.content), message
assert message.model_dump()["content"][-1]["input"]
again = Message.model_validate(message.to_dict())
assert again.content[-1].input == message.content[-1].input
assert json.loads(wire[0])["type"] == "message_start"
