"""The warning of a deprecated model, and the table that it is made from, against the wheel's."""

from __future__ import annotations

import asyncio
import warnings
from datetime import datetime
from typing import Any, get_args

import pytest
from anthropic._data import DEPRECATED_MODELS
from anthropic.types import Model

from keybearer import AsyncClient, Client
from keybearer.api import deprecated
from keybearer.simulator import Simulator

ASK: dict[str, Any] = {"max_tokens": 5, "messages": [{"role": "user", "content": "Hello"}]}


@pytest.fixture(autouse=True)
def nothing_warned(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that has warned of nothing yet."""
    monkeypatch.setattr(deprecated, "_warned", set())


def test_the_table_is_the_wheel_s() -> None:
    """The same models and days; each successor is the newest of its line, which is not deprecated itself."""
    days = {}
    for model, day in DEPRECATED_MODELS.items():
        month, number, year = day.replace(",", "").split()
        days[model] = datetime.strptime(f"{number[:-2]} {month} {year} +0000", "%d %B %Y %z").date().isoformat()
    assert {model: end for model, (end, _) in deprecated.DEPRECATED.items()} == days
    newest_first = get_args(get_args(Model)[0])
    for model, (_, successor) in deprecated.DEPRECATED.items():
        line = model.split("-")[1]
        assert successor == next(each for each in newest_first if each.split("-")[1] == line)
        assert successor not in DEPRECATED_MODELS


def test_the_simulator_retires_the_same_models_on_the_same_days() -> None:
    """It has a table of its own, made from the wheel, and shares none with the client: where both name a model they agree."""
    with Simulator() as sim, Client(api_key=sim.api_key, base_url=sim.base_url) as client:
        listed = {model.id: model for model in client.models.list()}
    both = {name: end for name, (end, _) in deprecated.DEPRECATED.items() if name in listed}
    assert len(both) >= 2
    assert {name: str(listed[name].retires_at)[:10] for name in both} == both


def test_each_model_is_warned_of_once_at_the_caller_s_line(sim: Simulator) -> None:
    """With its day and its successor; sync and awaited, for messages, counts and batches alike."""

    async def main() -> None:
        async with AsyncClient(api_key=sim.api_key, base_url=sim.base_url) as client:
            await client.messages.count_tokens(model="claude-opus-4-5", messages=ASK["messages"])

    with warnings.catch_warnings(record=True) as caught, Client(api_key=sim.api_key, base_url=sim.base_url) as client:
        warnings.simplefilter("always")
        for _ in range(2):
            client.messages.count_tokens(model="claude-sonnet-4-5", messages=ASK["messages"])
        client.messages.create(model="claude-haiku-4-5", **ASK)
        asyncio.run(main())
        requests: Any = [{"custom_id": "a", "params": {"model": "claude-opus-4-5-20251101", **ASK}}]
        client.messages.batches.create(requests=requests)
    assert [str(each.message) for each in caught] == [
        "The model 'claude-sonnet-4-5' is deprecated: its end of life is 2026-11-30. Move to claude-sonnet-5-5.",
        "The model 'claude-opus-4-5' is deprecated: its end of life is 2027-01-22. Move to claude-opus-5-5.",
        "The model 'claude-opus-4-5-20251101' is deprecated: its end of life is 2027-01-22. Move to claude-opus-5-5.",
    ]
    assert {each.category for each in caught} == {DeprecationWarning}
    assert {each.filename for each in caught} == {__file__}


def test_where_warnings_are_errors_each_call_is_one(sim: Simulator) -> None:
    """Nothing is sent; the second call is no way around it."""
    with Client(api_key=sim.api_key, base_url=sim.base_url) as client, warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(2):
            with pytest.raises(DeprecationWarning, match="Move to claude-opus-5-5"):
                client.messages.create(model="claude-opus-4-5", **ASK)
    assert sim.requests == []
