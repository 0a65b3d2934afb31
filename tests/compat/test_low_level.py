"""`client.get`, `post` and their like, held to the SDK's own."""

from __future__ import annotations

import asyncio
from typing import Any

import anthropic
import pydantic
import pytest

from keybearer import compat
from keybearer.compat.low_level import cast
from keybearer.errors import UsageError
from keybearer.simulator import Simulator
from keybearer.types.record import Record

ASK: dict[str, Any] = {"model": "claude-haiku-4-5", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]}
MODEL = "/v1/models/claude-opus-5-5"


@pytest.mark.parametrize("sdk", [anthropic, compat])
def test_an_answer_is_what_was_asked_for(sdk: Any, sim: Simulator) -> None:
    """One of the types, decoded JSON, text, or nothing; with a header and a query; an error is raised as ever."""
    with sdk.Anthropic(api_key=sim.api_key, base_url=sim.base_url) as client:
        assert client.post("/v1/messages", body=ASK, cast_to=sdk.types.Message).content[0].text
        assert client.get(MODEL, cast_to=sdk.types.ModelInfo).id == "claude-opus-5-5"
        assert client.get(MODEL, cast_to=object)["type"] == "model"
        assert client.get(MODEL, cast_to=dict[str, object])["type"] == "model"
        assert '"claude-opus-5-5"' in client.get(MODEL, cast_to=str)
        options: Any = {"headers": {"x-team": "blue"}, "params": {"limit": 2}}
        assert len(client.get("/v1/models", cast_to=object, options=options)["data"]) == 2
        assert sim.requests[-1].headers["x-team"] == "blue"
        made = client.files.upload(file=("a.txt", b"x"))
        assert client.delete(f"/v1/files/{made.id}", cast_to=sdk.types.DeletedFile).type == "file_deleted"
        with pytest.raises(sdk.NotFoundError):
            client.get("/v1/nothing", cast_to=object)
        stream = sdk.Stream[sdk.types.RawMessageStreamEvent]
        events = client.post(
            "/v1/messages", body={**ASK, "stream": True}, cast_to=sdk.types.Message, stream=True, stream_cls=stream
        )
        assert [event.type for event in events][-1] == "message_stop"


@pytest.mark.parametrize("sdk", [anthropic, compat])
def test_awaited_they_are_the_same(sdk: Any, sim: Simulator) -> None:
    """Each is awaited."""

    async def run() -> tuple[str, str]:
        async with sdk.AsyncAnthropic(api_key=sim.api_key, base_url=sim.base_url) as client:
            message = await client.post("/v1/messages", body=ASK, cast_to=sdk.types.Message)
            return message.role, (await client.get(MODEL, cast_to=sdk.types.ModelInfo)).id

    assert asyncio.run(run()) == ("assistant", "claude-opus-5-5")


def test_what_no_answer_can_be_made_of_is_refused(sim: Simulator) -> None:
    """A class such as httpx's, with what to give; an option without a counterpart before anything is sent."""

    class Model(pydantic.BaseModel):
        id: str

    assert cast(Record.of({"id": "x"}), Model).id == "x"
    assert cast(Record.of({"id": "x"}), None) is None
    with pytest.raises(UsageError, match="no class that an answer can be made of"):
        cast(Record.of({}), int)
    client: Any = compat.Anthropic(api_key=sim.api_key, base_url=sim.base_url)
    with client, pytest.raises(UsageError, match="'idempotency_key'"):
        client.post("/v1/messages", body=ASK, cast_to=object, options={"idempotency_key": "x"})
    assert sim.requests == []
    assert client.is_closed()
