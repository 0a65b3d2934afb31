"""The helper `stream()`: its texts, its events, its last message, its snapshots."""
import anthropic
from anthropic.lib.streaming import MessageStream, MessageStreamManager, TextEvent

client = anthropic.Anthropic()
asked = dict(model="claude-sonnet-5-5", max_tokens=100, messages=[{"role": "user", "content": "Say hello"}])
with client.messages.stream(**asked) as stream:
    assert isinstance(stream, MessageStream)
    for text in stream.text_stream:
        print(text, end="", flush=True)
print(stream.get_final_message().usage.output_tokens)
manager = client.messages.stream(**asked)
assert isinstance(manager, MessageStreamManager)
with manager as stream:
    for event in stream:
        if event.type == "text":
            assert isinstance(event, TextEvent)
            assert event.snapshot.endswith(event.text)
        elif event.type == "content_block_stop":
            assert event.content_block.type == "text"
        elif event.type == "message_stop":
            assert event.message.content
    assert stream.current_message_snapshot.content
    assert stream.get_final_text()
with client.messages.stream(**asked) as stream:
    stream.until_done()
    assert stream.response.headers.get("request-id")
    assert stream.request_id
with client.messages.stream(**asked) as stream:
    stream.close()
