"""No key: an error at the first call, none when the client is made."""
import os

os.environ.pop("ANTHROPIC_API_KEY")
import anthropic

client = anthropic.Anthropic()
try:
    client.messages.create(model="claude-sonnet-5-5", max_tokens=5, messages=[{"role": "user", "content": "Hello"}])
except (anthropic.AnthropicError, TypeError) as error:
    print(error)
else:
    raise SystemExit("no error")
