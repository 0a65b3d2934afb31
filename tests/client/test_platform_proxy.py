"""Platforms behind the environment's proxy: requests arrive through a tunnel, and the proxy sees a host and no credential."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from keybearer import AsyncClient, Client
from keybearer.simulator import Simulator
from keybearer.simulator.options import Options
from support.platforms import PLATFORM_CASES
from support.tunnels import Tunnel, tunnel_to

ASK: dict[str, Any] = {"model": "claude-haiku-4-5", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]}
HOST = "platform.example"


@pytest.fixture(scope="module")
def clouds() -> Iterator[Simulator]:
    """A simulator with every platform."""
    with Simulator(Options(provider=frozenset({"all"}))) as running:
        yield running


@pytest.fixture
def tunnel(clouds: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tunnel]:
    """The environment's proxy, whose tunnels lead to the simulator under TLS."""
    clouds.reset()
    with tunnel_to(urlsplit(clouds.base_url).port or 0, HOST, tmp_path) as made:
        for name in ("HTTPS_PROXY", "HTTP_PROXY"):
            monkeypatch.setenv(name, made.proxy)
            monkeypatch.setenv(name.lower(), made.proxy)
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        yield made


@pytest.mark.parametrize("kind", PLATFORM_CASES)
def test_a_request_arrives_and_the_proxy_sees_no_credential(kind: str, clouds: Simulator, tunnel: Tunnel) -> None:
    """Sync and awaited, plain and streamed; what passes through the tunnel is TLS, and its opening names the host alone."""
    case = PLATFORM_CASES[kind]
    given: Any = {
        "platform": case.platform,
        "base_url": f"https://{HOST}{case.below}",
        "ca_file": tunnel.ca_file,
        "max_retries": 0,
        **case.credential,
    }

    async def ask() -> str:
        async with AsyncClient(**given) as client, client.messages.stream(**ASK) as stream:
            return str((await stream.get_final_message()).text)

    with Client(**given) as client:
        assert client.messages.create(**ASK).text == asyncio.run(ask()) != ""
    assert [request.headers["x-sim-platform"] for request in clouds.requests] == [kind] * 2
    assert {head.partition(b"\r\n")[0] for head in tunnel.heads} == {f"CONNECT {HOST}:443 HTTP/1.1".encode()}
    seen = b"".join([*tunnel.heads, *tunnel.passed])
    assert len(seen) > 1000
    for secret in case.credential.values():
        assert secret.encode() not in seen
    assert b"/v1/messages" not in seen
    assert b"authorization" not in seen.lower()
    assert b"x-api-key" not in seen.lower()
