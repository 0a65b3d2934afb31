"""One process of `bench/fleet.py --with`: the same requests through LiteLLM's router, or through the official SDK and token-throttle.

Each is told the limits of the tier, as its users write them down; neither reads them from the replies.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from bench.fleet_load import MODEL, OTHER, drive

RETRIES = 3


def litellm_router(task: dict[str, Any]) -> Any:
    """Return how a request is sent through LiteLLM's router, which counts in Redis; it takes one number for all tokens."""
    from litellm import Router

    limits = task["limits"]
    per_model = {"rpm": limits["requests"], "tpm": limits["input-tokens"]}
    models = [
        {
            "model_name": model,
            "litellm_params": {
                "model": f"anthropic/{model}", "api_base": task["url"], "api_key": task["key"], **per_model
            },
        }
        for model in (MODEL, OTHER)
    ]  # fmt: skip
    router = Router(
        model_list=models,
        redis_url=task["redis"],
        routing_strategy="usage-based-routing-v2",
        num_retries=RETRIES,
        disable_cooldowns=True,
    )

    async def send(model: str, prompt: str, most: int) -> tuple[int, int]:
        messages = [{"role": "user", "content": prompt}]
        answer = await router.acompletion(model=model, max_tokens=most, messages=messages)
        return answer.usage.prompt_tokens, answer.usage.completion_tokens

    return send


def token_throttle(task: dict[str, Any]) -> Any:
    """Return how a request is sent with the official SDK, after token-throttle has reserved what it may take."""
    import redis.asyncio
    from anthropic import AsyncAnthropic
    from token_throttle import PerModelConfig, Quota, RateLimiter, RedisBackendBuilder, UsageQuotas

    names = {"requests": "requests", "input-tokens": "input_tokens", "output-tokens": "output_tokens"}
    quotas = UsageQuotas(
        [Quota(metric=names[name], limit=most, per_seconds=60) for name, most in task["limits"].items()]
    )
    limiter = RateLimiter(
        lambda model: PerModelConfig(quotas=quotas, model_family=model),
        backend=RedisBackendBuilder(redis.asyncio.from_url(task["redis"]), key_prefix="fleet"),
    )
    client = AsyncAnthropic(api_key=task["key"], base_url=task["url"], max_retries=RETRIES)

    async def send(model: str, prompt: str, most: int) -> tuple[int, int]:
        reserved = {"requests": 1, "input_tokens": len(prompt) // 4 + 10, "output_tokens": most}
        reservation = await limiter.acquire_capacity(usage=reserved, model=model)
        took = reserved | {"input_tokens": 0, "output_tokens": 0}
        try:
            answer = await client.messages.create(
                model=model, max_tokens=most, messages=[{"role": "user", "content": prompt}]
            )
            took |= {"input_tokens": answer.usage.input_tokens, "output_tokens": answer.usage.output_tokens}
        finally:
            await limiter.refund_capacity(actual_usage=took, reservation=reservation)
        return answer.usage.input_tokens, answer.usage.output_tokens

    return send


if __name__ == "__main__":
    given = json.loads(sys.argv[1])
    make = {"litellm": litellm_router, "token-throttle": token_throttle}[given["with"]]
    print("\n" + json.dumps(asyncio.run(drive(given, make(given)))))
