"""A tracer: methods wrapped on instances and classes, signatures and coroutine functions asked for, streams wrapped in generators."""
import asyncio
import functools
import inspect
import time
from typing import Any

import anthropic
from anthropic import Anthropic, AsyncAnthropic
from anthropic.resources.messages import AsyncMessages, Messages
from anthropic.types import Message

log: list[dict[str, Any]] = []


def instrument(client: Any) -> Any:
    create = client.messages.create
    if isinstance(client, AsyncAnthropic):

        @functools.wraps(create)
        async def traced(*args, **kwargs):
            begun = time.perf_counter()
            answer = await create(*args, **kwargs)
            log.append({"model": kwargs.get("model"), "seconds": time.perf_counter() - begun, "usage": answer.usage.model_dump()})
            return answer
    else:

        @functools.wraps(create)
        def traced(*args, **kwargs):
            answer = create(*args, **kwargs)
            if isinstance(answer, anthropic.Stream):
                return recorded(answer)
            log.append({"model": kwargs.get("model"), "usage": dict(answer.usage)})
            return answer

    client.messages.create = traced
    return client


def recorded(stream):
    usage: dict[str, int] = {}
    for event in stream:
        if event.type == "message_start":
            usage["input"] = event.message.usage.input_tokens
        elif event.type == "message_delta":
            usage["output"] = event.usage.output_tokens
        yield event
    log.append(usage)


assert not inspect.iscoroutinefunction(Anthropic().messages.create)
names = inspect.signature(Messages.create).parameters
assert {"model", "messages", "max_tokens"} <= set(names) or any(p.kind is p.VAR_KEYWORD for p in names.values())
asked = {"model": "claude-sonnet-4-5", "max_tokens": 30, "messages": [{"role": "user", "content": "Hi"}]}
client = instrument(Anthropic())
assert isinstance(client, anthropic.Anthropic) and isinstance(client.messages.create(**asked), Message)
assert [event.type for event in client.messages.create(**asked, stream=True)][-1] == "message_stop"
assert log[-1]["output"] > 0


async def main():
    client = instrument(AsyncAnthropic())
    await client.messages.create(**asked)
    assert log[-1]["usage"]["input_tokens"] > 0


asyncio.run(main())
stream_before = Messages.stream


def stream(self, *args, **kwargs):
    log.append({"streamed": kwargs["model"]})
    return stream_before(self, *args, **kwargs)


Messages.stream = stream
with Anthropic().messages.stream(**asked) as s:
    s.until_done()
assert log[-1] == {"streamed": "claude-sonnet-4-5"}
Messages.stream = stream_before
