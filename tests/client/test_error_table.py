"""Each row of the table of errors in docs/limits.md, through real HTTP on every transport."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from keybearer import AsyncClient, Client, Message
from keybearer import errors as e
from keybearer.policy.retry import RetryPolicy
from keybearer.shell.transports.httpx_transport import AsyncHttpxTransport, HttpxTransport
from keybearer.simulator import Simulator

MESSAGES: Any = [{"role": "user", "content": 'Say "fine"'}]
QUICK: Any = {"retry": RetryPolicy(min_delay=0.001, max_delay=0.002), "model": "claude-haiku-4-5"}


Create = Callable[..., Message]
SYNC: dict[str, Callable[[], Any]] = {"http.client": lambda: None, "httpx": HttpxTransport}
ASYNC: dict[str, Callable[[], Any]] = {"aiohttp": lambda: None, "httpx-async": AsyncHttpxTransport}


@pytest.fixture(params=[*SYNC, *ASYNC])
def create(request: pytest.FixtureRequest, sim: Simulator) -> Iterator[Create]:
    """`messages.create` on each transport, waited for where it is async; back-offs are of milliseconds."""
    transport = (SYNC | ASYNC)[request.param]()
    options: Any = {"api_key": sim.api_key, "base_url": sim.base_url, "transport": transport, **QUICK}
    if request.param in SYNC:
        with Client(**options) as client:
            yield client.messages.create
        return
    with asyncio.Runner() as loop:
        waiting = AsyncClient(**options)
        yield lambda **asked: loop.run(waiting.messages.create(**asked))
        loop.run(waiting.close())


def ask(create: Create) -> str:
    """Ask and give the answer."""
    return create(max_tokens=50, messages=MESSAGES).text


ROWS: list[tuple[dict[str, Any], type[e.KeybearerError], int]] = [
    # the simulator's fault, the error, how often it is sent
    ({"kind": "error", "status": 429, "retry_after": "0"}, e.RateLimited, 5),
    ({"kind": "error", "status": 429, "error_code": "enforced_spend_limit_reached"}, e.QuotaExceeded, 1),
    ({"kind": "error", "status": 402}, e.QuotaExceeded, 1),
    ({"kind": "error", "status": 400, "error_code": "enforced_spend_limit_reached"}, e.QuotaExceeded, 1),
    (
        {"kind": "error", "status": 400, "message": "prompt is too long: 215000 tokens > 200000 maximum"},
        e.PromptTooLong,
        1,
    ),
    ({"kind": "error", "status": 400}, e.InvalidRequest, 1),
    ({"kind": "error", "status": 409}, e.Conflict, 1),
    ({"kind": "error", "status": 401}, e.AuthenticationFailed, 1),
    ({"kind": "error", "status": 403}, e.PermissionDenied, 1),
    ({"kind": "error", "status": 404}, e.NotFound, 1),
    ({"kind": "error", "status": 413}, e.RequestTooLarge, 1),
    ({"kind": "error", "status": 500}, e.ServerError, 3),
    ({"kind": "error", "status": 529}, e.Overloaded, 3),
    ({"kind": "error", "status": 529, "should_retry": "false"}, e.Overloaded, 1),
    ({"kind": "html", "status": 502}, e.ServerError, 3),
    ({"kind": "html", "status": 200}, e.UnexpectedResponse, 1),
    ({"kind": "garbage"}, e.UnexpectedResponse, 1),
    ({"kind": "empty", "status": 200}, e.UnexpectedResponse, 1),
    ({"kind": "content_type", "value": "text/plain"}, e.UnexpectedResponse, 1),
    ({"kind": "redirect", "location": "http://127.0.0.1:9/"}, e.UnexpectedResponse, 1),
    ({"kind": "drop"}, e.ConnectionFailed, 3),
    ({"kind": "not_http"}, e.ConnectionFailed, 1),
]


@pytest.mark.parametrize(
    "row",
    ROWS,
    ids=[f"{row[0]['kind']}-{row[0].get('status', '')}-{n}" for n, row in enumerate(ROWS)],
)
def test_each_row_through_real_http(
    create: Create, sim: Simulator, row: tuple[dict[str, Any], type[e.KeybearerError], int]
) -> None:
    """Each fault has its error, is sent as often as it is worth, and the next call is fine."""
    fault, error, sent = row
    kind = fault["kind"]
    sim.fail(kind, times=sent, **{name: value for name, value in fault.items() if name != "kind"})
    with pytest.raises(error) as caught:
        ask(create)
    assert type(caught.value) is error or error is e.ConnectionFailed
    assert max(1, len(caught.value.attempts)) == sent
    assert "canary" not in str(caught.value)
    assert ask(create) == "fine"


def test_what_passes_is_survived(create: Create, sim: Simulator) -> None:
    """A call that meets a 529, a dropped connection and then an answer gives the answer."""
    sim.fail("error", status=529, times=1)
    sim.fail("drop", times=1)
    assert ask(create) == "fine"
