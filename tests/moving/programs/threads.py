"""A client that threads share."""
from concurrent.futures import ThreadPoolExecutor

from anthropic import Anthropic

with Anthropic() as client, ThreadPoolExecutor(4) as pool:
    def ask(number):
        return client.messages.create(
            model="claude-haiku-4-5", max_tokens=50, messages=[{"role": "user", "content": f"Say {number}"}]
        )

    assert all(message.content for message in pool.map(ask, range(8)))
