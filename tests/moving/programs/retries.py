"""Retries of the program's own, in the way of tenacity, backoff and hand-made loops."""
import asyncio
import functools
import random
import time

import anthropic
from anthropic import AsyncAnthropic, Anthropic
from anthropic._exceptions import OverloadedError
import backoff

RETRIABLE = (
    anthropic.RateLimitError,
    anthropic.APITimeoutError,
    anthropic.APIConnectionError,
    anthropic.InternalServerError,
    OverloadedError,
)


def retry(times=3):
    def around(function):
        @functools.wraps(function)
        async def inner(*args, **kwargs):
            for attempt in range(times):
                try:
                    return await function(*args, **kwargs)
                except RETRIABLE as e:
                    after = e.response.headers.get("retry-after") if isinstance(e, anthropic.APIStatusError) else None
                    await asyncio.sleep(float(after or 0) + random.random() / 100)
                except anthropic.APIStatusError as e:
                    if e.status_code < 500:
                        raise
            raise RuntimeError("gave up")
        return inner
    return around


class LLM:
    def __init__(self):
        self.client = AsyncAnthropic(max_retries=0)

    @retry()
    async def ask(self, prompt, **kwargs):
        response = await self.client.with_options(timeout=20, max_retries=1).messages.create(
            model=kwargs.pop("model", "claude-3-haiku-20240307"),
            max_tokens=kwargs.pop("max_tokens", 100),
            messages=[{"role": "user", "content": prompt}],
            **kwargs,
        )
        return "".join(block.text for block in response.content if hasattr(block, "text"))

    @backoff.on_exception(backoff.expo, anthropic.RateLimitError, max_tries=3)
    async def other(self, prompt):
        return await self.ask(prompt, system="Be short.", temperature=0.0)


async def main():
    llm = LLM()
    answers = await asyncio.gather(*[llm.ask(f"Say {n}") for n in range(5)], llm.other("Hello"))
    assert all(answers)
    try:
        await llm.ask("")
    except anthropic.BadRequestError:
        pass
    results = await asyncio.gather(llm.ask("Hi"), llm.ask(""), return_exceptions=True)
    assert isinstance(results[1], anthropic.APIError)
    task = asyncio.create_task(llm.ask("Say hello"))
    assert await asyncio.wait_for(task, 30)


asyncio.run(main())
