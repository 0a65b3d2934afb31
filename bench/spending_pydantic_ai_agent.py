"""One process of `bench/spending.py`, with pydantic-ai: runs that share one usage, under a sixteenth of the limit."""

import asyncio
import os
import sys
from decimal import Decimal

from bench.spending_kinds import AT_ONCE, MODEL, ending_of, prompt_of
from pydantic_ai import Agent
from pydantic_ai.exceptions import UsageLimitExceeded
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.providers.anthropic import AnthropicProvider
from pydantic_ai.usage import RunUsage, UsageLimits


async def main(*arguments):
    url, key, limit, _ledger, runs, note, first = arguments
    begun = os.open(note, os.O_WRONLY | os.O_APPEND)
    agent = Agent(AnthropicModel(MODEL, provider=AnthropicProvider(api_key=key, base_url=url)))
    shared, limits = RunUsage(), UsageLimits(cost_limit=Decimal(limit) / 16, request_limit=None)
    numbers = iter(range(int(first) * 1_000_000, int(first) * 1_000_000 + int(runs)))

    async def work():
        for number in numbers:
            os.write(begun, b".")
            prompt, max_tokens = prompt_of(number)
            more = {"usage": shared, "usage_limits": limits, "model_settings": {"max_tokens": max_tokens}}
            try:
                if ending_of(number) == "plain":
                    await agent.run(prompt, **more)
                    continue
                async with agent.run_stream(prompt, **more) as result:
                    async for _ in result.stream_text(delta=True):
                        if ending_of(number) == "left":
                            break
            except UsageLimitExceeded:
                pass

    await asyncio.gather(*(work() for _ in range(AT_ONCE)))


asyncio.run(main(*sys.argv[1:]))
