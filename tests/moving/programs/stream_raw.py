"""`create(stream=True)`, its events by type, and as a context manager."""
import anthropic

client = anthropic.Anthropic()
asked = dict(model="claude-sonnet-5-5", max_tokens=100, messages=[{"role": "user", "content": "Say hello"}])
text, tokens = "", 0
for event in client.messages.create(stream=True, **asked):
    if event.type == "message_start":
        tokens = event.message.usage.input_tokens
    elif event.type == "content_block_start":
        text += event.content_block.text
    elif event.type == "content_block_delta":
        if event.delta.type == "text_delta":
            text += event.delta.text
    elif event.type == "message_delta":
        tokens += event.usage.output_tokens
        reason = event.delta.stop_reason
    elif event.type == "message_stop":
        pass
assert text and tokens and reason == "end_turn"
with client.messages.create(stream=True, **asked) as stream:
    first = next(iter(stream))
    assert first.model_dump()["type"] == "message_start"
stream = client.messages.create(stream=True, **asked)
print(stream.response.status_code, stream.response.headers["content-type"])
stream.close()
