"""What calls cost: by the client's own prices, as a stream goes, in the hook's report, and added up over a run."""

from __future__ import annotations

import asyncio
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from keybearer import AsyncClient, Client, ConfigError
from keybearer.simulator import Simulator
from keybearer.types.hooks import UsageReported
from support.rawserver import raw_server, streaming
from support.sse import frames, text_message

MODEL = "claude-haiku-4-5"
HELLO: Any = [{"role": "user", "content": "hi"}]
WHOLE = frames(*text_message("a", "b"))
OWN = {MODEL: {"input": 10, "output": 100}}


def client_of(url: str, **more: Any) -> Client:
    """Return a client of a server."""
    return Client(api_key="sk-ant-test", base_url=url, model=MODEL, max_retries=0, **more)


def test_a_streams_cost_grows_and_the_report_has_it() -> None:
    """A stream's cost is its input at first and the whole at its end, by the client's prices, as is that of its report."""
    reported: list[UsageReported] = []
    with (
        raw_server(streaming(WHOLE)) as server,
        client_of(server.url, prices=OWN, on_usage=reported.append) as client,
        client.messages.stream(max_tokens=5, messages=HELLO) as stream,
    ):
        next(iter(stream))
        assert stream.cost.usd is None
        assert stream.cost.parts["input"] == Decimal("0.0001")
        message = stream.get_final_message()
        assert stream.cost == message.cost
    assert message.cost.usd == Decimal("0.0008")
    assert [each.cost.usd for each in reported] == [Decimal("0.0008")]


def test_a_stream_that_was_left_is_reported_with_the_least() -> None:
    """A stream that was left costs at least what had come; the rest is unknown."""
    reported: list[UsageReported] = []
    with raw_server(streaming(WHOLE)) as server, client_of(server.url, on_usage=reported.append) as client:
        with client.messages.stream(max_tokens=5, messages=HELLO) as stream:
            next(iter(stream))
    assert [(each.cost.usd, each.cost.parts["input"]) for each in reported] == [(None, Decimal("0.00001"))]


def test_prices_come_from_an_argument_a_file_or_with_options(tmp_path: Path) -> None:
    """A mapping, the path of a JSON file, and `with_options` give a client its prices."""
    path = tmp_path / "prices.json"
    path.write_text(json.dumps(OWN))
    with raw_server(streaming(WHOLE)) as server:
        for prices in (OWN, path, str(path)):
            with client_of(server.url) as client:
                ask = client.with_options(prices=prices).messages.create
                stream = ask(max_tokens=5, messages=HELLO, stream=True)
                list(stream)
                assert stream.cost.usd == Decimal("0.0008")


def test_prices_that_are_none_are_refused_with_their_place() -> None:
    """A mistake in the prices fails where the client is made."""
    with pytest.raises(ConfigError, match="Client.prices=.* claude-haiku-4-5.inptu: there is no such price"):
        Client(api_key="sk-ant-test", prices={MODEL: {"inptu": 3}})


def test_a_request_is_estimated_before_it_is_sent(sim: Simulator) -> None:
    """The service counts, and nothing is sent to the model; breakpoints that are placed, and own prices, are in the dollars."""
    asked: Any = {"model": MODEL, "max_tokens": 1000, "stop_sequences": ["x"], "messages": HELLO, "cache": "auto"}
    with Client(api_key=sim.api_key, base_url=sim.base_url, prices=OWN) as client:
        found = client.messages.estimate(**asked)
        counted = client.messages.count_tokens(model=MODEL, messages=HELLO).input_tokens
    assert found.input_tokens == counted > 0
    assert found.most.parts["output"] == Decimal("0.1")
    assert found.least.parts["cache_read"] == counted * Decimal("0.0000001")
    assert found.most.parts["cache_write_5m"] == counted * Decimal("0.00000125")
    assert {request.path for request in sim.requests} == {"/v1/messages/count_tokens"}

    async def main() -> None:
        async with AsyncClient(api_key=sim.api_key, base_url=sim.base_url, prices=OWN) as client:
            assert await client.messages.estimate(**asked) == found

    asyncio.run(main())
