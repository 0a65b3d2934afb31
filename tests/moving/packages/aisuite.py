"""aisuite: a chat completion in OpenAI's shape."""

import aisuite

client = aisuite.Client()
messages = [{"role": "user", "content": "Say hello"}]
answer = client.chat.completions.create(model="anthropic:claude-sonnet-5-5", messages=messages)
assert answer.choices[0].message.content
