"""`/_sim`: the simulator's own pages, for clients in any language. Each needs the token that is printed at the start.

Their table is in admin_pages.py.
"""

from __future__ import annotations

import hmac
from typing import Any, Final

from msgspec import structs

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
from keybearer.simulator.service.rate_card import rate_card
from keybearer.simulator.state import State

__all__ = ["TOKEN_HEADER", "check_admin", "read_admin_body"]

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


def read_admin_body(call: ServedCall) -> dict[str, Any]:
    """Read a body; none is an empty one."""
    return read_body(call) if call.body else {}


def requests(state: State, call: ServedCall) -> ServerReply:
    """Answer `GET /_sim/requests`."""
    return ServerReply.json({"data": [entry.as_dict() for entry in state.journal.all(call.test)]})


def forget(state: State, call: ServedCall) -> ServerReply:
    """Answer `DELETE /_sim/requests`."""
    state.journal.clear(call.test)
    return ServerReply.json({"data": []})


def bill(state: State, call: ServedCall) -> ServerReply:
    """Answer `GET /_sim/bill`."""
    book, test = state.bills, call.test
    tests = {name: each for name, each in book.by_test().items() if test in {None, name}}
    return ServerReply.json(
        {
            "prices_read": rate_card().read,
            **book.total(test).as_dict(),
            "models": [{"model": model, **each.as_dict()} for model, each in book.by_model(test).items()],
            "tests": [{"test": name, **each.as_dict()} for name, each in tests.items()],
        }
    )


def chaos(state: State, _call: ServedCall) -> ServerReply:
    """Answer `GET /_sim/chaos`."""
    report = state.report()
    return ServerReply.json(
        {
            "profile": report.profile,
            "seeds": report.seeds,
            "requests": report.requests,
            "ok": report.is_ok,
            "data": [
                {**structs.asdict(each), "ok": not report.is_bad(each), "words": report.words(each)}
                for each in report.outcomes
            ],
        }
    )


def verdict(state: State, call: ServedCall) -> ServerReply:
    """Answer `GET /_sim/verdict`."""
    journal = state.journal.all(call.test)
    findings, gaps = (
        [each._asdict() for each in listed] for listed in (client_findings(journal), simulator_gaps(journal))
    )
    return ServerReply.json({"ok": not findings, "data": findings, "gaps": gaps})


def add_fault(state: State, call: ServedCall) -> ServerReply:
    """Answer `POST /_sim/faults`."""
    body = read_admin_body(call)
    try:
        name = str(body.pop("fault", ""))
        fault = parse_fault(name, **body)
    except (ValueError, TypeError) as error:
        raise _wrong(error) from error
    state.faults.add(fault, call.test)
    return ServerReply.json({"fault": fault.name, "params": fault.applied.params, "times": fault.times})


def list_faults(_state: State, _call: ServedCall) -> ServerReply:
    """Answer `GET /_sim/faults`."""
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
    """Answer `POST /_sim/script`."""
    try:
        state.script.add(make_turn(read_admin_body(call)), call.test)
    except (ValueError, TypeError) as error:
        raise _wrong(error) from error
    return ServerReply.json({"ok": True})


def list_script(state: State, call: ServedCall) -> ServerReply:
    """Answer `GET /_sim/script`."""
    return ServerReply.json({"data": state.script.waiting(call.test)})


def unused(state: State, call: ServedCall) -> ServerReply:
    """Answer `GET /_sim/unused`."""
    scope = SimulatorScope(call.test, state.script, state.faults, state.journal, state.bills)
    return ServerReply.json({"data": scope.unused})


def clear_script(state: State, call: ServedCall) -> ServerReply:
    """Answer `DELETE /_sim/script`."""
    state.script.clear(call.test)
    return ServerReply.json({"ok": True})


def read_clock(state: State, _call: ServedCall) -> ServerReply:
    """Answer `GET /_sim/clock`."""
    return ServerReply.json({"now": state.clock.now()})


def turn_clock(state: State, call: ServedCall) -> ServerReply:
    """Answer `POST /_sim/clock`."""
    body = read_admin_body(call)
    if not body:
        raise ServiceError("invalid_request_error", "it takes advance, freeze or both", rule="admin")
    if body.get("freeze"):
        state.clock.freeze()
    try:
        state.clock.advance(float(body.get("advance", 0)))
    except ValueError as error:
        raise _wrong(error) from error
    return ServerReply.json({"now": state.clock.now()})


def reset(state: State, call: ServedCall) -> ServerReply:
    """Answer `POST /_sim/reset`."""
    state.reset(clock=read_admin_body(call).get("clock", False))
    return ServerReply.json({"ok": True, "now": state.clock.now()})


def rules(state: State, _call: ServedCall) -> ServerReply:
    """Answer `GET /_sim/rules`."""
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
    """Answer `POST /_sim/login`."""
    return ServerReply.json(state.grants.login(expires_in=read_admin_body(call).get("expires_in")))


def options(state: State, _call: ServedCall) -> ServerReply:
    """Answer `GET /_sim/options`."""
    return ServerReply.json({**state.options.shown(), "token": None})
