"""Extended thinking as a stream, its signature, and a tool call between thoughts, sent back whole."""
import anthropic

client = anthropic.Anthropic()
thinking = {"type": "enabled", "budget_tokens": 2000}
tools = [
    {"name": "get_weather", "description": "d", "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}
]
messages = [{"role": "user", "content": 'Call get_weather for the city "Paris"'}]
state, thoughts, texts, inputs, signature = None, "", "", "", ""
with client.messages.stream(
    model="claude-3-7-sonnet-20250219", max_tokens=16000, thinking=thinking, tools=tools, messages=messages
) as stream:
    for event in stream:
        if event.type == "content_block_start":
            state = event.content_block.type
        elif event.type == "content_block_delta":
            if event.delta.type == "thinking_delta":
                thoughts += event.delta.thinking
            elif event.delta.type == "text_delta":
                texts += event.delta.text
            elif event.delta.type == "input_json_delta":
                inputs += event.delta.partial_json
            elif event.delta.type == "signature_delta":
                signature = event.delta.signature
        elif event.type == "thinking":
            assert event.thinking and event.snapshot
        elif event.type == "input_json":
            assert isinstance(event.partial_json, str)
        elif event.type == "message_delta":
            print(event.delta.stop_reason, event.usage.output_tokens)
    final = stream.get_final_message()
print(len(thoughts), len(signature))
assert final.stop_reason == "tool_use", final
use = next(b for b in final.content if b.type == "tool_use")
messages += [
    {"role": "assistant", "content": [b.model_dump(exclude_none=True) for b in final.content]},
    {"role": "user", "content": [{"type": "tool_result", "tool_use_id": use.id, "content": "sunny"}]},
]
stream = client.messages.create(
    model="claude-3-7-sonnet-20250219", max_tokens=16000, thinking=thinking, tools=tools, messages=messages, stream=True
)
kinds = []
for chunk in stream:
    kinds.append(chunk.type)
    if chunk.type == "message_start":
        assert chunk.message.usage.input_tokens
    if isinstance(chunk, anthropic.types.RawContentBlockDeltaEvent) and isinstance(chunk.delta, anthropic.types.TextDelta):
        print(chunk.delta.text, end="")
assert kinds[0] == "message_start" and kinds[-1] == "message_stop"
