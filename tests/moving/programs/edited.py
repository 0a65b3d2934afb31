"""An answer that is changed in place before it is sent back: a text trimmed, an input mended, blocks filtered, a field added."""
import anthropic
from anthropic.types import TextBlock

client = anthropic.Anthropic()
tools = [{"name": "f", "description": "d", "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}}}]
asked = [{"role": "user", "content": 'Call f for "Paris"'}]
message = client.messages.create(model="claude-sonnet-4-5", max_tokens=500, tools=tools, messages=asked)
for block in message.content:
    if block.type == "text":
        block.text = block.text.strip() + "."
    elif block.type == "tool_use":
        block.input = {"city": "Rome"}
        block.input["again"] = True
assert message.model_dump()["content"][-1]["input"] == {"city": "Rome", "again": True}
assert message.to_dict()["content"][-1]["input"]["city"] == "Rome"
message.content = [block for block in message.content if block.type == "tool_use"]
assert [each["type"] for each in message.model_dump()["content"]] == ["tool_use"]
message.content.append(TextBlock(type="text", text="later"))
assert len(message.model_dump()["content"]) == 2 and "later" in message.model_dump_json()
message.content.pop()
message.usage.output_tokens += 5
assert message.model_dump()["usage"]["output_tokens"] == message.usage.output_tokens
message._elapsed = 1.5
assert message._elapsed == 1.5
use = message.content[0]
reply = client.messages.create(
    model="claude-sonnet-4-5",
    max_tokens=500,
    tools=tools,
    messages=[
        *asked,
        {"role": "assistant", "content": message.content},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": use.id, "content": "fine"}]},
    ],
)
assert reply.content
total = anthropic.types.Usage(input_tokens=0, output_tokens=0)
total.input_tokens += message.usage.input_tokens
assert total.input_tokens == message.usage.input_tokens and total.model_dump()["input_tokens"]
