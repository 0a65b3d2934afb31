"""One plain request after another, on one kept-alive connection."""

from __future__ import annotations

from typing import Any

from bench import floors
from bench.case import ASK, MODEL, Case, Run, Target


def _blocking(run: Run, client: Any) -> None:
    client.messages.create(**ASK)
    with run.measure(run.n):
        for _ in range(run.n):
            assert client.messages.create(**ASK).stop_reason == "end_turn"


async def _awaiting(run: Run, client: Any) -> None:
    await client.messages.create(**ASK)
    with run.measure(run.n):
        for _ in range(run.n):
            assert (await client.messages.create(**ASK)).stop_reason == "end_turn"


async def _pydantic_ai(run: Run) -> None:
    from pydantic_ai.direct import model_request
    from pydantic_ai.messages import ModelRequest
    from pydantic_ai.models.anthropic import AnthropicModel
    from pydantic_ai.providers.anthropic import AnthropicProvider

    model = AnthropicModel(MODEL, provider=AnthropicProvider(api_key="sk-ant-bench", base_url=run.url))
    limit: Any = {"max_tokens": 1000}
    history = [ModelRequest.user_text_prompt("Tell me a story, please.")]
    await model_request(model, history, model_settings=limit)
    with run.measure(run.n):
        for _ in range(run.n):
            assert (await model_request(model, history, model_settings=limit)).parts


CASE = Case(
    name="plain",
    title="one plain request, sequential",
    unit="request",
    path="/plain",
    size=(150, 500),
    blocking=_blocking,
    awaiting=_awaiting,
    uvloop=True,
    others={
        "floor-sync": floors.plain_sync,
        "floor-async": floors.plain_async,
        "pydantic-ai": _pydantic_ai,
    },
    targets=(
        Target("plain request: CPU, sync", "cpu_us", 1 / 3, "1/3"),
        Target("plain request: CPU, async", "cpu_us", 1 / 2.8, "1/2.8", "keybearer-async", "anthropic-async"),
    ),
)
