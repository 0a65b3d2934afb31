"""What the official `openai` client sees of `/v1/chat/completions`, as JSON on standard output."""

import json
import os

import openai

client = openai.OpenAI(
    base_url=os.environ["ANTHROPIC_BASE_URL"] + "/v1/", api_key=os.environ["ANTHROPIC_API_KEY"], max_retries=1
)
MODEL = "claude-haiku-4-5"
TOOL = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Say the weather.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
        "strict": True,
    },
}


def ask(words, **more):
    return client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": words}], **more)


seen = {}
plain = ask("Reply with exactly: hello", max_tokens=50, temperature=1.7, seed=4)
seen["plain"] = [plain.choices[0].message.content, plain.choices[0].finish_reason, plain.object]
seen["usage"] = plain.usage.total_tokens == plain.usage.prompt_tokens + plain.usage.completion_tokens > 0
chunks = list(ask("Count to 20", stream=True, stream_options={"include_usage": True}))
seen["streamed"] = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
seen["last"] = [chunks[-1].choices, chunks[-1].usage.total_tokens > 0, chunks[-2].choices[0].finish_reason]
messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "use get_weather for Oslo"}]
called = client.chat.completions.create(model=MODEL, messages=messages, tools=[TOOL], tool_choice="auto")
call = called.choices[0].message.tool_calls[0]
seen["call"] = [call.function.name, json.loads(call.function.arguments), called.choices[0].finish_reason]
messages += [called.choices[0].message, {"role": "tool", "tool_call_id": call.id, "content": "snow"}]
seen["result"] = client.chat.completions.create(model=MODEL, messages=messages, tools=[TOOL]).choices[0].message.content
with client.chat.completions.stream(model=MODEL, messages=messages[:2], tools=[TOOL]) as stream:
    for _ in stream:
        pass
    done = stream.get_final_completion().choices[0].message.tool_calls[0].function
seen["streamed call"] = [done.name, json.loads(done.arguments)]
try:
    ask("x", n=2)
except openai.BadRequestError as error:
    seen["refused"] = [error.status_code, error.type, error.body["message"]]
try:
    openai.OpenAI(base_url=client.base_url, api_key="sk-other", max_retries=0).models.list()
except openai.AuthenticationError as error:
    seen["key"] = error.status_code
print(json.dumps(seen))
