"""A client of an application's own: a subclass, with a property and a hook around `create`."""
import anthropic
from anthropic import Anthropic
from anthropic.resources.messages import Messages


class Counted(Anthropic):
    calls = 0

    def ask(self, text: str) -> anthropic.types.Message:
        self.calls += 1
        return self.messages.create(
            model="claude-sonnet-5-5", max_tokens=50, messages=[{"role": "user", "content": text}]
        )


client = Counted(max_retries=1)
client.ask("Hello")
assert client.calls == 1 and isinstance(client.messages, Messages)
original = client.messages.create


def traced(*args, **kwargs):
    print("asked", kwargs["model"])
    return original(*args, **kwargs)


client.messages.create = traced
assert client.ask("Hello").content
