"""The ASGI application: Starlette finds the endpoint, `serve` does for every endpoint what they have in common.

Read the body under a limit, check the Host header and the caller, run the endpoint, turn a refusal into the API's
error body, pace, deliver, note in the journal. An endpoint itself is a plain function from the twin and a call to a
reply.
"""

from __future__ import annotations

import inspect
import ipaddress
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

from starlette.requests import Request
from starlette.routing import Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from keybearer.simulator.auth import authenticate
from keybearer.simulator.delivery import deliver
from keybearer.simulator.errors import APIError
from keybearer.simulator.journal import RecordedRequest, safe_headers
from keybearer.simulator.messages import count_tokens, create_message
from keybearer.simulator.outgoing import render
from keybearer.simulator.pacing import pace
from keybearer.simulator.reply import Reply, refuse
from keybearer.simulator.request import Call
from keybearer.simulator.state import State

__all__ = ["make_app"]

Endpoint = Callable[[State, Call], Reply | Awaitable[Reply]]
VERSIONS: Final = ("2023-06-01", "2026-10-21")
LARGEST_BODY: Final = 32 * 1024 * 1024
log = logging.getLogger("keybearer.simulator")


def health(_state: State, _call: Call) -> Reply:
    """Answer `GET /healthz`."""
    return Reply.json({"status": "ok"})


API: Final[tuple[tuple[str, str, Endpoint], ...]] = (
    ("POST", "/v1/messages", create_message),
    ("POST", "/v1/messages/count_tokens", count_tokens),
)
"""The endpoints that need a key and a version."""
OPEN: Final[tuple[tuple[str, str, Endpoint], ...]] = (("GET", "/healthz", health),)
"""The endpoints that need neither."""


def _check_size(*, is_too_large: bool) -> None:
    if is_too_large:
        raise APIError("request_too_large", "Request exceeds the maximum size", rule="request-size")


def _check_version(call: Call) -> None:
    if not call.version:
        raise APIError("invalid_request_error", "anthropic-version: header is required", rule="version")
    if call.version not in VERSIONS:
        raise APIError(
            "invalid_request_error", f'anthropic-version: "{call.version}" is not a valid version', rule="version"
        )


def _check_host(call: Call, host: str) -> None:
    """Refuse a request that was aimed at another name, as a page in a browser that rebinds DNS would send."""
    name = call.headers.get("host", "").rsplit(":", 1)[0].strip("[]").lower()
    try:
        local = ipaddress.ip_address(name).is_loopback
    except ValueError:
        local = name == "localhost" or name.endswith(".localhost")
    if not local and name != host:
        raise APIError("permission_error", "The Host header does not name this simulator", rule="host")


async def _read(request: Request) -> bytes | None:
    """Read the body to its end; None when it is larger than the service takes, whatever it holds."""
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size <= LARGEST_BODY:
            chunks.append(chunk)
    return b"".join(chunks) if size <= LARGEST_BODY else None


class _Served:
    """One endpoint as an ASGI application."""

    def __init__(self, state: State, endpoint: Endpoint, *, is_open: bool) -> None:
        self.state = state
        self.endpoint = endpoint
        self.is_open = is_open

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        state = self.state
        body = await _read(request)
        call = Call(
            method=request.method,
            path=request.url.path,
            query=dict(request.query_params),
            headers={name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]},
            body=body or b"",
            request_id=state.ids.new("req_"),
            client=tuple(scope["client"]) if scope.get("client") else None,
            path_params=request.path_params,
        )
        started = state.clock.now()
        entry = RecordedRequest(
            at=started,
            method=call.method,
            path=call.path,
            query=dict(call.query),
            headers=safe_headers(call.headers),
            body=call.body,
            request_id=call.request_id,
        )
        state.journal.add(entry)
        reply = await self.answer(call, is_too_large=body is None)
        entry.status, entry.error, entry.note = reply.status, reply.note.get("error"), reply.note
        options = state.options
        plan = pace(
            render(reply, call.request_id),
            speed=options.tokens_per_second,
            first=options.time_to_first_token,
            ping_interval=options.ping_interval,
            chunking=options.chunking,
        )
        try:
            await deliver(plan, send, clock=state.clock, connections=state.connections, client=call.client)
        finally:
            entry.seconds = state.clock.now() - started
            state.journal.done(entry)

    async def answer(self, call: Call, *, is_too_large: bool) -> Reply:
        """Run the endpoint; every refusal and every crash is a reply."""
        try:
            _check_size(is_too_large=is_too_large)
            _check_host(call, self.state.options.host)
            if not self.is_open:
                call.credential = authenticate(call, lambda _token: None)
                _check_version(call)
            result = self.endpoint(self.state, call)
            return await result if inspect.isawaitable(result) else result
        except APIError as error:
            return refuse(error, call.request_id)
        except Exception:
            log.exception("the simulator failed on %s %s", call.method, call.path)
            return refuse(APIError("api_error", "Internal server error"), call.request_id)


async def _no_route(state: State, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer what no route matches: 404, in the API's shape."""

    def missing(_state: State, call: Call) -> Reply:
        raise APIError("not_found_error", f"Not found: {call.method} {call.path}")

    if scope["type"] == "http":
        await _Served(state, missing, is_open=True)(scope, receive, send)


def make_app(state: State) -> ASGIApp:
    """Build the application.

    Args:
        state: The twin that it serves.

    Returns:
        An ASGI application.
    """
    routes = [
        Route(path, _Served(state, endpoint, is_open=is_open), methods=[method])
        for table, is_open in ((API, False), (OPEN, True))
        for method, path, endpoint in table
    ]

    async def default(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        await _no_route(state, scope, receive, send)

    return Router(routes, redirect_slashes=False, default=default)
