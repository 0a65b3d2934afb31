"""An observer that wraps the class's method, as tracing packages do."""
import functools

from anthropic.resources.messages import AsyncMessages, Messages
from anthropic import Anthropic

seen = []
original = Messages.create


@functools.wraps(original)
def create(self, *args, **kwargs):
    answer = original(self, *args, **kwargs)
    seen.append(answer.usage.output_tokens)
    return answer


Messages.create = create
Anthropic().messages.create(model="claude-sonnet-5-5", max_tokens=5, messages=[{"role": "user", "content": "Hello"}])
assert seen and AsyncMessages.create
