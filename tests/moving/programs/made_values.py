"""Answers that an application's tests make, and hand out through a mock of the client."""
from unittest.mock import AsyncMock, MagicMock, patch

import anthropic
from anthropic import Anthropic
from anthropic.types import Message, TextBlock, ThinkingBlock, ToolUseBlock, Usage

message = Message(
    id="msg_1",
    type="message",
    role="assistant",
    model="claude-sonnet-5-5",
    content=[
        TextBlock(type="text", text="hello", citations=None),
        ToolUseBlock(type="tool_use", id="toolu_1", name="f", input={"a": 1}),
        ThinkingBlock(type="thinking", thinking="hm", signature="x"),
    ],
    stop_reason="end_turn",
    stop_sequence=None,
    usage=Usage(input_tokens=1, output_tokens=2),
)
assert message.content[0].text == "hello" and message.usage.cache_read_input_tokens is None
assert message.content[1].input == {"a": 1}
mock = MagicMock(spec=Anthropic)
mock.messages = MagicMock()
mock.messages.create.return_value = message
assert mock.messages.create(model="m").content[0].text == "hello"
client = anthropic.Anthropic()
with patch.object(client.messages, "create", return_value=message):
    assert client.messages.create(model="m").id == "msg_1"
other = anthropic.AsyncAnthropic()
with patch.object(other.messages, "create", new=AsyncMock(return_value=message)):
    pass
assert Message.model_construct(id="msg_2").id == "msg_2"
