"""The ASGI application: Starlette routes a request to its endpoint, `_Served` does what all endpoints share.

It reads the body under a limit, adds the request to the journal, checks the Host header and the caller, runs the
endpoint or the fault that replaces it, turns a refusal into the API's error body, lets the fault change the reply,
paces it and sends it. An endpoint is a plain function of the state and the call that returns a reply.
"""

from __future__ import annotations

import dataclasses
import hashlib
import ipaddress
import logging
from collections.abc import Callable, Iterable, MutableMapping
from typing import Any, Final, Literal

from starlette.requests import ClientDisconnect, Request
from starlette.routing import Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from keybearer.simulator.control.journal import RecordedRequest, safe_headers
from keybearer.simulator.core.errors import ServiceError
from keybearer.simulator.core.outgoing import Outgoing, render
from keybearer.simulator.core.reply import ServerReply, refuse
from keybearer.simulator.core.request import FormPart, ServedCall
from keybearer.simulator.core.scrub import scrub
from keybearer.simulator.endpoints import admin, batches, files, models, oauth
from keybearer.simulator.endpoints.messages import count_tokens, create_message
from keybearer.simulator.faults import Applied, StruckReply
from keybearer.simulator.faults.queue import HEADER
from keybearer.simulator.http.connections import Connections
from keybearer.simulator.http.delivery import deliver
from keybearer.simulator.http.forms import read_form
from keybearer.simulator.service.auth import authenticate
from keybearer.simulator.service.pacing import pace
from keybearer.simulator.state import State

__all__ = ["make_app"]

Endpoint = Callable[[State, ServedCall], ServerReply | StruckReply]
Access = Literal["key", "admin", "login", "open"]

VERSIONS: Final = ("2023-06-01", "2026-10-21")
MEGABYTE: Final = 1024 * 1024
LARGEST_BODY: Final = 32 * MEGABYTE
LARGER: Final = {"/v1/messages/batches": 256 * MEGABYTE, "/v1/files": 500 * MEGABYTE}
"""The paths with a higher limit (the API's "Request size limits")."""
FORM_PATHS: Final = ("/v1/files",)
"""The paths whose body is a form (`multipart/form-data`)."""
SECRET_PATHS: Final = ("/v1/oauth/", "/oauth/", "/_sim/login")
"""Paths whose bodies contain credentials, and are not kept in the journal."""
LARGEST_KEPT: Final = 2 * MEGABYTE

log = logging.getLogger("keybearer.simulator")


def health(_state: State, _call: ServedCall) -> ServerReply:
    """Answer `GET /healthz`."""
    return ServerReply.json({"status": "ok"})


def greet(_state: State, _call: ServedCall) -> ServerReply:
    """Answer `GET /`, with which agents check that the server is up."""
    return ServerReply.json({"name": "keybearer simulator"})


API: Final[tuple[tuple[str, str, Endpoint], ...]] = (
    ("POST", "/v1/messages", create_message),
    ("POST", "/v1/messages/count_tokens", count_tokens),
    ("POST", "/v1/messages/batches", batches.create_batch),
    ("GET", "/v1/messages/batches", batches.list_batches),
    ("GET", "/v1/messages/batches/{id}", batches.retrieve_batch),
    ("DELETE", "/v1/messages/batches/{id}", batches.delete_batch),
    ("POST", "/v1/messages/batches/{id}/cancel", batches.cancel_batch),
    ("GET", "/v1/messages/batches/{id}/results", batches.batch_results),
    ("GET", "/v1/models", models.list_models),
    ("GET", "/v1/models/{id}", models.retrieve_model),
    ("POST", "/v1/files", files.upload_file),
    ("GET", "/v1/files", files.list_files),
    ("GET", "/v1/files/{id}", files.retrieve_file),
    ("DELETE", "/v1/files/{id}", files.delete_file),
    ("GET", "/v1/files/{id}/content", files.download_file),
)
"""The endpoints of the API, which require a key and a version."""
TABLES: Final[tuple[tuple[Access, Iterable[tuple[str, str, Endpoint]]], ...]] = (
    ("key", API),
    ("admin", admin.ENDPOINTS),
    ("login", oauth.ENDPOINTS),
    (
        "open",
        (
            ("GET", "/healthz", health),
            ("HEAD", "/healthz", health),
            ("GET", "/", greet),
            ("HEAD", "/", greet),
        ),
    ),
)
"""All endpoints, by who may call them."""


def _check_size(*, is_too_large: bool) -> None:
    if is_too_large:
        raise ServiceError("request_too_large", "Request exceeds the maximum size", rule="request-size")


def _check_version(call: ServedCall) -> None:
    if not call.version:
        raise ServiceError("invalid_request_error", "anthropic-version: header is required", rule="version")
    if call.version not in VERSIONS:
        raise ServiceError(
            "invalid_request_error", f'anthropic-version: "{call.version}" is not a valid version', rule="version"
        )


def _check_host(state: State, call: ServedCall, access: Access) -> None:
    """Refuse a request for another host name, as a page in a browser sends after DNS rebinding.

    On a host that is not loopback the key is a secret, so this check is not needed; but nobody can log in there.
    """
    if access == "login" and not state.options.is_loopback:
        raise ServiceError("permission_error", "The OAuth pages are served on loopback only", rule="host")
    name = call.headers.get("host", "").rsplit(":", 1)[0].strip("[]").lower()
    try:
        local = ipaddress.ip_address(name).is_loopback
    except ValueError:
        local = name == "localhost" or name.endswith(".localhost")
    if not local and state.options.is_loopback:
        raise ServiceError("permission_error", "The Host header does not name this simulator", rule="host")


def _take_fault(state: State, call: ServedCall) -> Applied | None:
    try:
        return state.faults.take(call.path, call.headers)
    except ValueError as error:
        raise ServiceError("invalid_request_error", f"{HEADER}: {error}", rule="fault") from error


async def _read(request: Request, largest: int) -> bytes | None:
    """Read the body to its end; None if it is larger than the service accepts."""
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size <= largest:
            chunks.append(chunk)
    return b"".join(chunks) if size <= largest else None


def _entry(state: State, call: ServedCall) -> RecordedRequest:
    secret = call.path.startswith(SECRET_PATHS)
    kept = b"" if secret or len(call.body) > LARGEST_KEPT else scrub(call.body)
    target = f"{call.method} {call.path} {list(call.query_pairs)}".encode()
    digest = hashlib.sha256(target + b"\0" + call.body)
    return RecordedRequest(
        at=state.clock.now(),
        method=call.method,
        path=call.path,
        query={name: "[code]" if secret and name == "code" else value for name, value in call.query.items()},
        headers=safe_headers(call.headers),
        body=kept,
        request_id=call.request_id,
        note={"secret_in_body": True} if kept and kept != call.body else {},
        fingerprint=digest.hexdigest()[:16],
    )


class _Served:
    """One endpoint as an ASGI application."""

    def __init__(
        self, state: State, connections: Connections, endpoint: Endpoint, access: Access, path: str = ""
    ) -> None:
        self.state = state
        self.connections = connections
        self.endpoint = endpoint
        self.access = access
        self.largest = LARGER.get(path, LARGEST_BODY)
        self.takes_form = path in FORM_PATHS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        state = self.state
        try:
            body = await _read(request, self.largest)
        except ClientDisconnect:
            return
        form = await read_form(body, request.headers) if self.takes_form and body else None
        with state.lock:
            call, entry, plan = self._decide(scope, request, body, form)
        try:
            await deliver(plan, send, clock=state.clock, connections=self.connections, client=call.client)
        finally:
            if self.access != "admin":
                state.journal.done(entry, state.clock.now())

    def _decide(
        self, scope: Scope, request: Request, body: bytes | None, form: list[FormPart] | None
    ) -> tuple[ServedCall, RecordedRequest, Outgoing]:
        """Add a request to the journal, and decide its reply."""
        state = self.state
        call = ServedCall(
            method=request.method,
            path=request.url.path,
            query=dict(request.query_params),
            query_pairs=request.query_params.multi_items(),
            headers={name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]},
            body=body or b"",
            request_id=state.ids.new("req_"),
            client=tuple(scope["client"]) if scope.get("client") else None,
            path_params=request.path_params,
            form=form,
        )
        entry = _entry(state, call)
        if self.access != "admin":
            state.journal.add(entry)
        try:
            plan = self.plan(call, entry, is_too_large=body is None)
        except Exception:  # a fault that does not fit a scripted reply
            log.exception("the simulator failed to make its reply to %s %s", call.method, call.path)
            plan = render(refuse(ServiceError("api_error", "Internal server error"), call.request_id), call.request_id)
        return call, entry, plan

    def plan(self, call: ServedCall, entry: RecordedRequest, *, is_too_large: bool) -> Outgoing:
        """Decide the whole reply before its first byte is sent."""
        reply, fault = self.answer(call, is_too_large=is_too_large)
        if fault is not None:
            reply = fault.on_reply(reply)
        plan = render(reply, call.request_id)
        if fault is not None:
            plan = fault.on_plan(plan)
        entry.record_reply(plan.status, reply.note, fault.kind.name if fault else None)
        options = self.state.options
        return pace(
            plan,
            speed=options.tokens_per_second,
            first=options.time_to_first_token if call.path == "/v1/messages" else 0.0,
            ping_interval=options.ping_interval,
            chunking=options.chunking,
        )

    def answer(self, call: ServedCall, *, is_too_large: bool) -> tuple[ServerReply, Applied | None]:
        """Run the endpoint, or the fault that replaces it; refusals and crashes become replies too.

        Returns:
            The reply, and the fault that is still to strike it; one for the request wins over a scenario's.
        """
        fault: Applied | None = None
        try:
            _check_size(is_too_large=is_too_large)
            _check_host(self.state, call, self.access)
            if self.access == "admin":
                admin.check_admin(self.state, call)
            else:
                fault = _take_fault(self.state, call)
            if fault and (reply := fault.instead(call.request_id, self.state.clock.now())):
                return reply, fault
            answered = self._endpoint_reply(call)
        except ServiceError as error:
            refusal = error
        except RecursionError:
            refusal = ServiceError("invalid_request_error", "The request body is nested too deeply", rule="json")
        except Exception:
            log.exception("the simulator failed on %s %s", call.method, call.path)
            refusal = ServiceError("api_error", "Internal server error")
        else:
            if isinstance(answered, StruckReply):
                return answered.reply, fault or answered.fault
            return answered, fault
        return refuse(refusal, call.request_id), fault

    def _endpoint_reply(self, call: ServedCall) -> ServerReply | StruckReply:
        state = self.state
        if self.access != "key":
            return self.endpoint(state, call)
        call = dataclasses.replace(call, caller=authenticate(call, state.grants.check, state.required_key))
        _check_version(call)
        return self.endpoint(state, call) if state.recording is None else state.recording.answer(call)


def _missing(_state: State, call: ServedCall) -> ServerReply:
    raise ServiceError("not_found_error", f"Not found: {call.method} {call.path}", rule="path")


def _not_allowed(_state: State, _call: ServedCall) -> ServerReply:
    raise ServiceError("invalid_request_error", "Method Not Allowed", status=405, rule="method")


def make_app(state: State, connections: Connections) -> ASGIApp:
    """Build the application.

    Args:
        state: The simulator's state.
        connections: The open connections, for faults that cut them.

    Returns:
        An ASGI application.
    """
    routes = [
        Route(path, _Served(state, connections, endpoint, access, path), methods=[method])
        for access, table in TABLES
        for method, path, endpoint in table
    ]
    missing = _Served(state, connections, _missing, "open")
    other = _Served(state, connections, _not_allowed, "open")
    routes += [Route(path, other) for path in dict.fromkeys(route.path for route in routes)]

    async def default(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await missing(scope, receive, send)

    return Router(routes, redirect_slashes=False, default=default)
