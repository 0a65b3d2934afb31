"""The ASGI application: a request's path names its endpoint, `_Served` does what all endpoints share.

It reads the body under limits, adds the request to the journal, checks the Host header and the caller, runs the
endpoint or the fault that replaces it, turns a refusal into the API's error body, lets the fault change the reply,
paces it and sends it. An endpoint is a plain function of the state and the call that returns a reply.
"""

from __future__ import annotations

import hashlib
import logging
from typing import Final
from urllib.parse import parse_qsl

import msgspec
from msgspec import structs

from keybearer.simulator.chaos.fate import Fate
from keybearer.simulator.control.journal import RecordedRequest, safe_headers
from keybearer.simulator.core.errors import ServiceError
from keybearer.simulator.core.outgoing import Outgoing, render
from keybearer.simulator.core.reply import ServerReply, refuse
from keybearer.simulator.core.request import CHAT_PATH, MESSAGES_PATH, FormPart, ServedCall
from keybearer.simulator.core.scrub import scrub
from keybearer.simulator.endpoints import admin
from keybearer.simulator.endpoints.chat_completions import in_chat_shape
from keybearer.simulator.faults import Applied, StruckReply
from keybearer.simulator.faults.queue import HEADER
from keybearer.simulator.http.asgi import ASGIApp, ClientLeftError, Receive, Scope, Send
from keybearer.simulator.http.checks import (
    check_arrival,
    check_encoding,
    check_host,
    check_version,
    header_map,
    identify,
    is_known,
)
from keybearer.simulator.http.connections import Connections
from keybearer.simulator.http.delivery import Delivered, deliver
from keybearer.simulator.http.intake import BodyIntake, Outcome, TakenBody
from keybearer.simulator.http.paths import Paths
from keybearer.simulator.http.routes import (
    FORM_PATHS,
    LARGER,
    LARGEST_BODY,
    MEGABYTE,
    SECRET_PATHS,
    TABLES,
    Access,
    Endpoint,
)
from keybearer.simulator.service.pacing import pace
from keybearer.simulator.state import State

__all__ = ["make_app"]

LARGEST_KEPT: Final = 2 * MEGABYTE
"""The largest body that is kept in the journal."""

log = logging.getLogger("keybearer.simulator")


def _take_fault(state: State, call: ServedCall) -> Applied | None:
    try:
        return state.faults.take(call.path, call.headers, lambda: _wants_stream(call.body), call.test)
    except ValueError as error:
        raise ServiceError("invalid_request_error", f"{HEADER}: {error}", rule="fault") from error


def _wants_stream(body: bytes) -> bool:
    try:
        decoded = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return False
    return isinstance(decoded, dict) and decoded.get("stream") is True


def _entry(state: State, call: ServedCall) -> RecordedRequest:
    secret = call.path.startswith(SECRET_PATHS)
    kept = b"" if secret or len(call.body) > LARGEST_KEPT else scrub(call.body)
    is_as_it_came = not secret and kept is call.body and len(call.query) == len(call.query_pairs)
    digest = "" if is_as_it_came else hashlib.sha256(f"{list(call.query_pairs)}\0".encode() + call.body).hexdigest()
    return RecordedRequest(
        at=state.clock.now(),
        method=call.method,
        path=call.path,
        query={name: "[code]" if secret and name == "code" else value for name, value in call.query.items()},
        headers=safe_headers(call.headers),
        body=kept,
        request_id=call.request_id,
        note={"secret_in_body": True} if kept and kept != call.body else {},
        test=call.test,
        digest=digest,
    )


class _Served:
    """One endpoint as an ASGI application."""

    def __init__(
        self,
        state: State,
        connections: Connections,
        intake: BodyIntake,
        *,
        endpoint: Endpoint,
        access: Access = "open",
        path: str = "",
    ) -> None:
        self.state = state
        self.connections = connections
        self.intake = intake
        self.endpoint = endpoint
        self.access = access
        self.largest = LARGER.get(path, LARGEST_BODY)
        self.takes_form = path in FORM_PATHS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            taken = await self.intake.take(scope, receive, largest=self.largest, is_known=lambda: self._is_known(scope))
        except ClientLeftError:
            return
        await self._reply(scope, taken, send)

    def _is_known(self, scope: Scope) -> bool:
        return is_known(self.state, scope["path"], header_map(scope), self.access)

    async def _reply(self, scope: Scope, taken: TakenBody, send: Send) -> None:
        state = self.state
        form = await self._form(scope, taken.data) if self.takes_form and taken.data else None
        with state.lock:
            call, entry, plan = self._decide(scope, taken, form)
        client, delivered = call.client, Delivered()
        del taken, call, form  # a reply may take hours, and needs no body
        try:
            await deliver(
                plan, send, clock=state.clock, connections=self.connections, client=client, delivered=delivered
            )
        finally:
            state.threads.delivered(entry.request_id)
            entry.delivered = delivered.as_dict()
            state.bills.reply_ended(entry, plan, ended=delivered.end, written=delivered.bytes)
            if self.access != "admin":
                state.journal.done(entry, state.clock.now())

    async def _form(self, scope: Scope, body: bytes) -> list[FormPart] | None:
        from keybearer.simulator.http.forms import (
            read_form,
        )  # the packages that read forms take as long to load as msgspec

        return await read_form(body, header_map(scope).get("content-type", ""))

    def _decide(
        self, scope: Scope, taken: TakenBody, form: list[FormPart] | None
    ) -> tuple[ServedCall, RecordedRequest, Outgoing]:
        """Add a request to the journal, and decide its reply."""
        state = self.state
        query = scope["query_string"]
        pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True) if query else []
        call = ServedCall(
            method=scope["method"],
            path=scope["path"],
            query=dict(pairs),
            query_pairs=pairs,
            headers=header_map(scope),
            body=taken.data,
            request_id=state.ids.new("req_"),
            client=tuple(scope["client"]) if scope.get("client") else None,
            path_params=scope.get("path_params", {}),
            form=form,
        )
        entry = _entry(state, call)
        if self.access != "admin":
            state.journal.add(entry)
        try:
            plan = self.plan(call, entry, taken.outcome)
        except Exception:  # a fault that does not fit a scripted reply
            log.exception("the simulator failed to make its reply to %s %s", call.method, call.path)
            plan = render(refuse(ServiceError("api_error", "Internal server error"), call.request_id), call.request_id)
        state.bills.add_reply(entry, plan)
        return call, entry, plan

    def plan(self, call: ServedCall, entry: RecordedRequest, arrival: Outcome) -> Outgoing:
        """Decide the whole reply before its first byte is sent."""
        reply, fault, fate = self.answer(call, arrival)
        if fault is not None:
            placed = fault.placed(reply)
            struck = reply if placed is None else placed.on_reply(reply, call.request_id)
            if placed is None or (fault.kind.stage == "events" and struck is reply):  # a refusal has no events
                struck = structs.replace(reply, note={**reply.note, "fault_without_effect": fault.kind.name})
                placed = None
            reply, fault = struck, placed
        if call.path == CHAT_PATH:
            reply = in_chat_shape(reply)
        plan = render(reply, call.request_id)
        if fault is not None:
            plan = fault.on_plan(plan)
        entry.record_reply(plan.status, reply.note, fault.kind.name if fault else None)
        options = self.state.options
        return pace(
            plan,
            speed=fate.tokens_per_second or options.tokens_per_second,
            first=fate.first_byte + (options.time_to_first_token if call.path in {MESSAGES_PATH, CHAT_PATH} else 0.0),
            ping_interval=options.ping_interval,
            chunking=options.chunking,
        )

    def answer(self, call: ServedCall, arrival: Outcome) -> tuple[ServerReply, Applied | None, Fate]:
        """Run the endpoint, or the fault that replaces it; refusals and crashes become replies too.

        Returns:
            The reply, the fault that is still to strike it, and what a chaos profile does beside; a fault for the request wins
            over one of the profile, and that over a scenario's.
        """
        fault: Applied | None = None
        fate = Fate()
        try:
            if arrival != "stranger":
                check_arrival(arrival)
            check_host(self.state, call, self.access)
            if self.access == "admin":
                admin.check_admin(self.state, call)
            else:
                fault = _take_fault(self.state, call)
                if self.state.chaos is not None:
                    fate = self.state.chaos.decide(call, may_strike=fault is None)
                    fault = fault or fate.fault
            if fault and (reply := fault.instead(call.request_id, self.state.clock.now())):
                return reply, fault, fate
            answered = self._endpoint_reply(call, arrival)
        except ServiceError as error:
            refusal = error
        except RecursionError:
            refusal = ServiceError("invalid_request_error", "The request body is nested too deeply", rule="json")
        except Exception:
            log.exception("the simulator failed on %s %s", call.method, call.path)
            refusal = ServiceError("api_error", "Internal server error")
        else:
            if isinstance(answered, StruckReply):
                return answered.reply, fault or answered.fault, fate
            return answered, fault, fate
        return refuse(refusal, call.request_id), fault, fate

    def _endpoint_reply(self, call: ServedCall, arrival: Outcome) -> ServerReply | StruckReply:
        state = self.state
        if self.access == "key":
            call.caller = identify(state, call)
        if self.access != "open":
            check_arrival(arrival)
            check_encoding(call)
        if self.access != "key":
            return self.endpoint(state, call)
        if call.path != CHAT_PATH:
            check_version(call)
        return self.endpoint(state, call) if state.recording is None else state.recording.answer(call)


def _missing(_state: State, call: ServedCall) -> ServerReply:
    raise ServiceError("not_found_error", f"Not found: {call.method} {call.path}", rule="path")


def _not_allowed(_state: State, _call: ServedCall) -> ServerReply:
    raise ServiceError("invalid_request_error", "Method Not Allowed", status=405, rule="method")


def make_app(state: State, connections: Connections, intake: BodyIntake | None = None) -> ASGIApp:
    """Build the application.

    Args:
        state: The simulator's state.
        connections: The open connections, for faults that cut them.
        intake: Reads the bodies; one with the default limits when omitted.

    Returns:
        An ASGI application.
    """
    intake = intake or BodyIntake()
    served = {
        (method, path): _Served(state, connections, intake, endpoint=endpoint, access=access, path=path)
        for access, table in TABLES
        for method, path, endpoint in table
    }
    paths = Paths(served)
    missing = _Served(state, connections, intake, endpoint=_missing)
    not_allowed = _Served(state, connections, intake, endpoint=_not_allowed)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            endpoint, params = paths.find(scope["method"], scope["path"], missing=missing, not_allowed=not_allowed)
            scope["path_params"] = params
            await endpoint(scope, receive, send)

    return app
