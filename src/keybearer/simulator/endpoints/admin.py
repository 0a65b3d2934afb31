"""`/_sim`: the simulator's own pages, for clients in any language. Each needs the token that is printed at the start."""

from __future__ import annotations

import dataclasses
import hmac
from typing import Any, Final

from keybearer.simulator.control.client_findings import client_findings, simulator_gaps
from keybearer.simulator.control.scenario import make_turn
from keybearer.simulator.control.scope import SimulatorScope
from keybearer.simulator.core.errors import ServiceError
from keybearer.simulator.core.reply import ServerReply
from keybearer.simulator.core.request import ServedCall
from keybearer.simulator.endpoints.messages import read_body
from keybearer.simulator.faults import FAULTS
from keybearer.simulator.faults.spec import parse_fault
from keybearer.simulator.rules import RULES
from keybearer.simulator.state import State

__all__ = ["ENDPOINTS", "TOKEN_HEADER", "check_admin"]

TOKEN_HEADER: Final = "x-sim-token"  # noqa: S105  # a header's name


def check_admin(state: State, call: ServedCall) -> None:
    """Refuse a caller without the token.

    Raises:
        ServiceError: 401.
    """
    given = call.headers.get(TOKEN_HEADER, "")
    if not hmac.compare_digest(given.encode(), state.token.encode()):
        raise ServiceError(
            "authentication_error", f"{TOKEN_HEADER}: the simulator's pages need the token that it printed"
        )


def _wrong(error: Exception) -> ServiceError:
    return ServiceError("invalid_request_error", str(error), rule="admin")


def requests(state: State, call: ServedCall) -> ServerReply:
    """Answer `GET /_sim/requests`: the journal."""
    return ServerReply.json({"data": [entry.as_dict() for entry in state.journal.all(call.test)]})


def forget(state: State, call: ServedCall) -> ServerReply:
    """Answer `DELETE /_sim/requests`."""
    state.journal.clear(call.test)
    return ServerReply.json({"data": []})


def verdict(state: State, call: ServedCall) -> ServerReply:
    """Answer `GET /_sim/verdict`: what the client did wrong, and apart from it what the simulator does not know."""
    journal = state.journal.all(call.test)
    findings, gaps = (
        [each._asdict() for each in listed] for listed in (client_findings(journal), simulator_gaps(journal))
    )
    return ServerReply.json({"ok": not findings, "data": findings, "gaps": gaps})


def add_fault(state: State, call: ServedCall) -> ServerReply:
    """Answer `POST /_sim/faults`: `{"fault": "cut; after_events=3"}`, or `fault` with parameters beside it."""
    body = read_body(call)
    try:
        name = str(body.pop("fault", ""))
        fault = parse_fault(name, **body)
    except (ValueError, TypeError) as error:
        raise _wrong(error) from error
    state.faults.add(fault, call.test)
    return ServerReply.json({"fault": fault.name, "params": fault.applied.params, "times": fault.times})


def list_faults(_state: State, _call: ServedCall) -> ServerReply:
    """Answer `GET /_sim/faults`: the table of faults."""
    return ServerReply.json(
        {
            "data": [
                {
                    "name": kind.name,
                    "stage": kind.stage,
                    "summary": kind.summary,
                    "parameters": kind.parameters,
                    "needs_stream": kind.needs_stream,
                }
                for kind in FAULTS.values()
            ]
        }
    )


def clear_faults(state: State, call: ServedCall) -> ServerReply:
    """Answer `DELETE /_sim/faults`."""
    state.faults.clear(call.test)
    return ServerReply.json({"data": []})


def add_turn(state: State, call: ServedCall) -> ServerReply:
    """Answer `POST /_sim/script`: one turn, as in a scenario file."""
    try:
        state.script.add(make_turn(read_body(call)), call.test)
    except (ValueError, TypeError) as error:
        raise _wrong(error) from error
    return ServerReply.json({"ok": True})


def list_script(state: State, call: ServedCall) -> ServerReply:
    """Answer `GET /_sim/script`: the turns that may still answer."""
    return ServerReply.json({"data": state.script.waiting(call.test)})


def unused(state: State, call: ServedCall) -> ServerReply:
    """Answer `GET /_sim/unused`: the turns and faults that no request has got yet."""
    return ServerReply.json({"data": SimulatorScope(call.test, state.script, state.faults, state.journal).unused})


def clear_script(state: State, call: ServedCall) -> ServerReply:
    """Answer `DELETE /_sim/script`."""
    state.script.clear(call.test)
    return ServerReply.json({"ok": True})


def read_clock(state: State, _call: ServedCall) -> ServerReply:
    """Answer `GET /_sim/clock`."""
    return ServerReply.json({"now": state.clock.now()})


def turn_clock(state: State, call: ServedCall) -> ServerReply:
    """Answer `POST /_sim/clock`: `{"advance": 300}`, and `{"freeze": true}`."""
    body = read_body(call)
    if body.get("freeze"):
        state.clock.freeze()
    try:
        state.clock.advance(float(body.get("advance", 0)))
    except (ValueError, TypeError) as error:
        raise _wrong(error) from error
    return ServerReply.json({"now": state.clock.now()})


def reset(state: State, _call: ServedCall) -> ServerReply:
    """Answer `POST /_sim/reset`."""
    state.reset()
    return ServerReply.json({"ok": True})


def rules(state: State, _call: ServedCall) -> ServerReply:
    """Answer `GET /_sim/rules`: every rule, and whether it is on."""
    table: list[dict[str, Any]] = [
        {
            "name": rule.name,
            "summary": rule.summary,
            "source": rule.source,
            "sure": rule.sure,
            "on": rule.name not in state.options.lenient,
        }
        for rule in RULES
    ]
    return ServerReply.json({"data": table})


def login(state: State, call: ServedCall) -> ServerReply:
    """Answer `POST /_sim/login`: tokens without a browser; `{"expires_in": 60}` for short-lived ones."""
    body = read_body(call) if call.body else {}
    expires = body.get("expires_in")
    return ServerReply.json(state.grants.login(expires_in=expires if isinstance(expires, int) else None))


def options(state: State, _call: ServedCall) -> ServerReply:
    """Answer `GET /_sim/options`: the simulator's options, without its token."""
    shown = {**dataclasses.asdict(state.options), "token": None, "lenient": sorted(state.options.lenient)}
    shown |= {name: str(shown[name] or "") for name in ("scenario", "replay", "record")}
    return ServerReply.json(shown)


ENDPOINTS: Final = (
    ("GET", "/_sim/requests", requests),
    ("DELETE", "/_sim/requests", forget),
    ("GET", "/_sim/verdict", verdict),
    ("GET", "/_sim/faults", list_faults),
    ("POST", "/_sim/faults", add_fault),
    ("DELETE", "/_sim/faults", clear_faults),
    ("GET", "/_sim/script", list_script),
    ("POST", "/_sim/script", add_turn),
    ("DELETE", "/_sim/script", clear_script),
    ("GET", "/_sim/unused", unused),
    ("GET", "/_sim/clock", read_clock),
    ("POST", "/_sim/clock", turn_clock),
    ("POST", "/_sim/reset", reset),
    ("GET", "/_sim/rules", rules),
    ("POST", "/_sim/login", login),
    ("GET", "/_sim/options", options),
)
"""Method, path and function of each."""
