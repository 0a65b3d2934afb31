"""What a user would write with the resources that are served from the table, for the type checkers; see `user_code.py`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, assert_type

from keybearer import AsyncClient, Client
from keybearer.client.resources.generated import BetaSessions
from keybearer.client.resources.messages import Messages
from keybearer.shell.downloads import Download, Rows
from keybearer.shell.event_streams import AsyncEventStream, EventStream
from keybearer.shell.pages import Page
from keybearer.types.record import Record


def sessions(client: Client) -> str:
    """Make a session, read its events, list what there is."""
    session = client.beta.sessions.create(agent="agent_1", environment_id="env_1", metadata={"team": "a"}, timeout=5)
    assert_type(session, Record)
    client.beta.sessions.create(agent="agent_1")  # type: ignore[call-arg] # pyright: ignore[reportCallIssue]
    client.beta.sessions.create(agent="a", environment_id="e", titel="x")  # type: ignore[call-arg] # pyright: ignore[reportCallIssue]
    with client.beta.sessions.events.stream(session.id) as stream:
        assert_type(stream, EventStream)
        for event in stream:
            print(event.type)
    page = client.beta.sessions.list(created_at_gte=datetime(2026, 1, 1, tzinfo=UTC), order="desc", betas=["x-1"])
    assert_type(page, Page[Record])
    client.beta.sessions.list(order="up")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
    client.beta.sesions  # type: ignore[attr-defined] # pyright: ignore[reportAttributeAccessIssue]
    assert_type(client.beta.messages, Messages)
    name: str = session["agent"]["name"]
    return name + "".join(each.id for each in page)


def later(resource: BetaSessions) -> Record:
    """Take a resource as an argument."""
    return resource.retrieve("sesn_1", max_retries=1)


async def awaited(client: AsyncClient) -> None:
    """Await, and iterate over pages and streams."""
    assert_type(await client.beta.agents.retrieve("agent_1"), Record)
    async for user in client.organization.users.list(limit=10):
        assert_type(user, Record)
    stream = await client.beta.sessions.events.stream("sesn_1")
    assert_type(stream, AsyncEventStream)
    async with stream:
        async for event in stream:
            print(event.type)


def newer(client: Client) -> None:
    """Ask for what has no name yet."""
    assert_type(client.request("GET", "/v1/new", query={"a": [1]}), Record)
    with client.request("GET", "/v1/new", stream=True) as answer:
        assert_type(answer, EventStream | Rows[Any] | Download)
