"""`with_options`: one client with other defaults of its calls; and the settings that a program reads."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from keybearer import AsyncClient, Client
from keybearer import errors as e
from keybearer.simulator import Simulator
from support.rawserver import Peer, raw_server

ASK: dict[str, Any] = {"max_tokens": 10, "messages": [{"role": "user", "content": "Say 'hi'"}]}


def test_the_other_client_shares_all_but_the_defaults(sim: Simulator) -> None:
    """Its own model, limits and headers; one pool of connections, one limit, one end."""
    with Client(api_key=sim.api_key, base_url=sim.base_url, model="claude-haiku-4-5", concurrency=3) as client:
        other = client.with_options(model="claude-opus-5", timeout=7, max_retries=0, default_headers={"x-team": "blue"})
        assert client.messages.create(**ASK).model.startswith("claude-haiku-4-5")
        assert other.messages.create(**ASK).model == "claude-opus-5"
        assert (other.base_url, other.timeout.total, other.max_retries, other.model) == (
            sim.base_url,
            7.0,
            0,
            "claude-opus-5",
        )
        assert (client.timeout.total, client.max_retries, client.model) == (600.0, None, "claude-haiku-4-5")
        assert other.limits == client.limits
        sent = [entry.headers.get("x-team") for entry in sim.requests]
        assert sent == [None, "blue"]
    with pytest.raises(e.UsageError, match="closed"):
        other.messages.create(**ASK)


def test_a_request_of_the_other_goes_on_the_same_connection() -> None:
    """No second connection is made for it; headers are added to those of the client, and one name is one header."""
    heads: list[bytes] = []

    def script(peer: Peer) -> None:
        while head := peer.request():
            heads.append(head.lower())
            peer.reply(b'{"data": []}')

    with raw_server(script) as server:
        first = {"x-one": "1", "x-two": "1"}
        with Client(api_key="sk-ant-test", base_url=server.url, default_headers=first, betas=["b-1"]) as client:
            client.models.list()
            client.copy(default_headers={"X-Two": "2"}, betas=["b-2"]).models.list()
            client.copy(default_headers={"Anthropic-Beta": "b-3"}, betas=["b-4"]).models.list()
            client.copy(betas=[]).models.list()
        assert server.connections == 1
    assert b"x-two: 1" in heads[0]
    assert (heads[1].count(b"x-two"), b"x-two: 2" in heads[1], b"x-one: 1" in heads[1]) == (1, True, True)
    assert (b"anthropic-beta: b-1\r" in heads[0], b"anthropic-beta: b-2\r" in heads[1]) == (True, True)
    assert (b"anthropic-beta: b-3,b-4\r" in heads[2], b"anthropic-beta" in heads[3]) == (True, False)


def test_what_is_decided_where_the_client_is_made_is_refused() -> None:
    """A proxy or a key cannot change under open connections; a wrong value is refused as it is of a client."""
    client = AsyncClient(api_key="sk-ant-test")
    with pytest.raises(TypeError, match="proxy is decided where the client is made"):
        client.with_options(proxy="http://p.example:1")
    wrong: Any = {"timeot": 3}
    with pytest.raises(TypeError, match="Did you mean timeout"):
        client.with_options(**wrong)
    with pytest.raises(e.ConfigError, match="timeout"):
        client.with_options(timeout=-1)
    asyncio.run(client.close())


@pytest.mark.parametrize(
    ("token", "betas"),
    [("sk-ant-oat01-" + "a" * 80, b"oauth-2025-04-20"), ("gateway-token", b"")],
)
def test_a_bearer_token_as_an_argument(token: str, betas: bytes) -> None:
    """An OAuth token has its beta tag; a gateway's own has none, and goes to that gateway. No key goes with it."""
    heads: list[bytes] = []

    def script(peer: Peer) -> None:
        heads.append(peer.request())
        peer.reply(b'{"data": []}')

    with raw_server(script) as server, Client(auth_token=token, base_url=server.url) as client:
        client.models.list()
        assert token not in repr(client)
    assert b"authorization: bearer " + token.encode() in heads[0].lower().replace(b"Bearer", b"bearer")
    assert b"x-api-key" not in heads[0].lower()
    assert betas in heads[0]


def test_a_garbled_token_is_refused_without_being_shown() -> None:
    """In words that name the argument."""
    with pytest.raises(e.CredentialError, match="the auth_token argument is garbled") as caught:
        Client(auth_token="se cret")
    assert "se cret" not in str(caught.value)
