"""A program of 2024: sampling, a stop sequence, a system prompt, helpers of that time, usage by name, str() of errors."""
import os
import sys
import json
import anthropic
from anthropic import Anthropic, APIError, APIStatusError, NotFoundError

MODEL = "claude-3-opus-20240229"


def get_completion(client, prompt, system_prompt="", prefill=""):
    messages = [{"role": "user", "content": prompt}]
    if prefill:
        messages.append({"role": "assistant", "content": prefill})
    return client.messages.create(
        model=MODEL, max_tokens=2000, temperature=0.0, system=system_prompt, messages=messages, stop_sequences=["###"]
    ).content[0].text


client = anthropic.Anthropic(api_key=os.environ["ANTHROPIC_API_KEY"])
assert get_completion(client, "Hello", "Be kind", "Sure,")
try:
    client.messages.create(model="no-such-model-1", max_tokens=5, messages=[{"role": "user", "content": "Hi"}])
except anthropic.BadRequestError as e:
    raise SystemExit("bad request caught a missing model: " + str(e))
except anthropic.NotFoundError as e:
    print("not found", e.status_code, e.message, file=sys.stderr)
except APIError as e:
    print(type(e), e)
with client.messages.stream(model=MODEL, max_tokens=100, temperature=1, top_k=5, messages=[{"role": "user", "content": "Hello"}]) as stream:
    text = "".join(stream.text_stream)
    message = stream.get_final_message()
assert text == message.content[0].text and message.stop_reason == "end_turn"
print(json.dumps({"in": message.usage.input_tokens, "out": message.usage.output_tokens}))
events = client.messages.create(model=MODEL, max_tokens=50, messages=[{"role": "user", "content": "Hello"}], stream=True, temperature=0.5)
for event in events:
    if event.type == "content_block_start":
        print(event.content_block.type, event.content_block.text == "")
    elif event.type == "content_block_delta":
        print(event.delta.text, end="", flush=True)
    elif event.type == "message_delta":
        print(event.delta.stop_reason)
chat = []
for text in ("I am Ada", "Who am I?"):
    chat.append({"role": "user", "content": [{"type": "text", "text": text}]})
    answer = client.messages.create(model="claude-2.1", max_tokens=100, messages=chat)
    chat.append({"role": "assistant", "content": answer.content})
print(answer.model_dump_json(indent=2), answer.to_json())
