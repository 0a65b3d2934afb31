"""Events distinguished by class, and by pattern matching."""
from anthropic import Anthropic, Stream
from anthropic.types import (
    ContentBlockDeltaEvent,
    ContentBlockStartEvent,
    Message,
    MessageStartEvent,
    RawContentBlockDeltaEvent,
    RawMessageDeltaEvent,
    RawMessageStartEvent,
    RawMessageStreamEvent,
    TextBlock,
    TextDelta,
)

client = Anthropic()
asked = dict(model="claude-sonnet-5-5", max_tokens=100, messages=[{"role": "user", "content": "Say hello"}])
seen = set()
stream: Stream[RawMessageStreamEvent] = client.messages.create(stream=True, **asked)
assert isinstance(stream, Stream)
for event in stream:
    if isinstance(event, RawMessageStartEvent):
        seen.add("start")
        assert isinstance(event.message, Message)
    match event:
        case RawContentBlockDeltaEvent(delta=TextDelta(text=text)):
            seen.add("text")
        case RawMessageDeltaEvent():
            seen.add("delta")
assert seen == {"start", "text", "delta"}
with client.messages.stream(**asked) as managed:
    for event in managed:
        if isinstance(event, (ContentBlockDeltaEvent, RawContentBlockDeltaEvent)) and isinstance(event.delta, TextDelta):
            seen.add("managed")
message = managed.get_final_message()
assert isinstance(message.content[0], TextBlock)
match message.content[0]:
    case TextBlock(text=text):
        assert text
assert "managed" in seen
