"""LiteLLM's proxy, really run, between keybearer and the simulator: what docs/gateways.md says of it."""

from __future__ import annotations

import os
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from e2e.running import QUIET, python_of
from keybearer import Client, Message
from keybearer import errors as e
from keybearer.simulator import Simulator

MODEL = "company/fast"
KEY = "sk-gateway"
ASK: dict[str, Any] = {
    "model": MODEL,
    "max_tokens": 50,
    "messages": [{"role": "user", "content": "Reply with exactly: hello"}],
}
TOOL = {
    "name": "get_weather",
    "input_schema": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
        "additionalProperties": False,
    },
}
CONFIG = f"""
model_list:
  - model_name: {MODEL}
    litellm_params:
      model: anthropic/claude-haiku-4-5
      api_key: os.environ/ANTHROPIC_API_KEY
      api_base: os.environ/ANTHROPIC_API_BASE
general_settings: {{master_key: {KEY}}}
"""
STARTS_WITHIN = 120
"""Seconds; it takes about 20."""


@pytest.fixture(scope="module")
def sim() -> Iterator[Simulator]:
    """The API behind the proxy."""
    with Simulator() as sim:
        yield sim


@pytest.fixture(scope="module")
def url(sim: Simulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a proxy in front of the simulator."""
    folder = tmp_path_factory.mktemp("litellm")
    (folder / "litellm.yaml").write_text(CONFIG)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    around = {name: value for name, value in os.environ.items() if not name.startswith(("ANTHROPIC_", "CLAUDE"))}
    around |= {**QUIET, "HOME": str(folder), "ANTHROPIC_API_KEY": sim.api_key, "ANTHROPIC_API_BASE": sim.base_url}
    command = [str(python_of("litellm_proxy").with_name("litellm")), "--config", "litellm.yaml", "--host", "127.0.0.1"]
    with (folder / "log").open("w") as log:
        proxy = subprocess.Popen(  # noqa: S603 - our own command
            [*command, "--port", str(port), "--num_workers", "1"], cwd=folder, env=around, stdout=log, stderr=log
        )
        try:
            _wait(proxy, f"http://127.0.0.1:{port}", folder / "log")
            yield f"http://127.0.0.1:{port}"
        finally:
            proxy.terminate()
            proxy.wait(30)


def _wait(proxy: subprocess.Popen[bytes], url: str, log: Path) -> None:
    end = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < end:
        assert proxy.poll() is None, log.read_text()[-3000:]
        try:
            with urllib.request.urlopen(f"{url}/health/liveliness", timeout=5):  # noqa: S310 - the proxy's own address
                return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(log.read_text()[-3000:])


@pytest.fixture(params=["api_key", "auth_token"])
def client(url: str, request: pytest.FixtureRequest) -> Iterator[Client]:
    """A client of the proxy: its key goes in either header."""
    given: Any = {request.param: KEY}
    with Client(base_url=url, max_retries=0, default_headers={"x-team": "blue"}, **given) as client:
        yield client


def test_a_chat_and_a_stream_and_a_tool(client: Client, sim: Simulator) -> None:
    """The model's name is the proxy's own, in the answer too; the API is asked with the real one, and the proxy's key."""
    raw = client.messages.with_raw_response.create(**ASK)
    message = raw.parse()
    assert (message.text, message.model, message.stop_reason) == ("hello", MODEL, "end_turn")
    assert message.usage.output_tokens
    assert raw.headers["x-litellm-model-group"] == MODEL
    assert float(raw.headers["x-litellm-response-cost"]) > 0
    assert b"claude-haiku-4-5" in sim.requests[-1].body
    assert "x-team" not in sim.requests[-1].headers
    with client.messages.stream(**ASK) as stream:
        assert [event.type for event in stream][-1] == "message_stop"
    assert stream.get_final_message().text == "hello"
    asked = {**ASK, "messages": [{"role": "user", "content": "What is the weather in Oslo?"}], "tools": [TOOL]}
    called: Message = client.messages.create(**asked)
    assert [(block.type, getattr(block, "input", None)) for block in called.content] == [("tool_use", {"city": "Oslo"})]


def test_its_models_and_its_counts(client: Client) -> None:
    """Its list has the models' fields, and a count of tokens says who counted."""
    assert [each.id for each in client.models.list()] == [MODEL]
    count = client.messages.count_tokens(model=MODEL, messages=ASK["messages"])
    assert (count.input_tokens, count.extra["litellm_count_source"]) == (10, "provider")


def test_its_refusals(client: Client, sim: Simulator, url: str) -> None:
    """A model that it has not, a request that the API refuses, and a key that it does not know: without a database, a 400."""
    with pytest.raises(e.InvalidRequest, match="Invalid model name"):
        client.messages.create(**{**ASK, "model": "company/none"})
    with pytest.raises(e.InvalidRequest, match="non-empty content"):
        client.messages.create(**{**ASK, "messages": [{"role": "user", "content": ""}]}, validate=False)
    with (
        Client(base_url=url, api_key="sk-other", max_retries=0) as other,
        pytest.raises(e.InvalidRequest, match="No connected db"),
    ):
        other.messages.create(**ASK)
    sim.fail("error; status=529")
    assert client.messages.create(**ASK).text == "hello"  # it tried again by itself


@pytest.mark.parametrize("events", [4, 9])
def test_a_stream_that_is_cut_behind_it_is_never_half_an_answer(client: Client, sim: Simulator, events: int) -> None:
    """The proxy asks again by itself, and the answer is whole; or its stream has an error, which is raised."""
    before = len(sim.requests)
    sim.fail(f"cut; after_events={events}")
    asked = {**ASK, "messages": [{"role": "user", "content": "Count to 20"}]}
    try:
        with client.messages.stream(**asked) as stream:
            outcome = stream.get_final_text(), 2
    except e.StreamAPIError:
        outcome = "an error", 1
    assert outcome in {(" ".join(map(str, range(1, 21))), 2), ("an error", 1)}
    assert len(sim.requests) - before == outcome[1]
