"""The table of faults: name, stage, and the function that makes it."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, Final, Literal, NamedTuple

import msgspec
from msgspec import Struct, structs

from keybearer.simulator.core.errors import STATUS
from keybearer.simulator.core.outgoing import Outgoing
from keybearer.simulator.core.reply import Event, ServerReply
from keybearer.simulator.faults import events, instead, plans
from keybearer.simulator.faults.chat import CHAT
from keybearer.simulator.faults.phases import place_of
from keybearer.simulator.faults.plain import PLAIN

__all__ = ["FAULTS", "PLACE", "Applied", "FaultKind", "StruckReply"]

PLACE: Final = "after_events"
"""The parameter that says where in a stream a fault strikes; `phase` says it in other words."""

Stage = Literal["instead", "events", "plan"]


class FaultKind(Struct, frozen=True):
    """One way to fail.

    Args:
        name: Its name in a spec.
        stage: It replaces the reply (`instead`), or changes the events of a stream (`events`) or the bytes (`plan`).
        make: The function; its keyword arguments are the fault's parameters.
        fixed: Parameters that the name implies.
        plain: What a fault in the events does to a reply that is no stream; None if it needs a stream.
        chat: What it does to the chunks of a chat completion; None if it has no meaning there.
    """

    name: str
    stage: Stage
    make: Callable[..., Any]
    fixed: dict[str, Any] = msgspec.field(default_factory=dict)
    plain: Callable[..., ServerReply] | None = None
    chat: Callable[..., list[Event]] | None = None

    @property
    def needs_stream(self) -> bool:
        """Whether it has no meaning for a reply that is no stream."""
        return self.stage == "events" and self.plain is None

    @property
    def parameters(self) -> dict[str, Any]:
        """The parameters and their defaults."""
        signature = inspect.signature(self.make)
        own = {
            name: self.fixed.get(name, parameter.default)
            for name, parameter in signature.parameters.items()
            if parameter.kind is parameter.KEYWORD_ONLY
        }
        return own | ({"phase": ""} if PLACE in own else {})

    @property
    def summary(self) -> str:
        """One line for the docs."""
        return (self.make.__doc__ or "").split("\n")[0]


def _kinds(stage: Stage, *makers: Callable[..., Any]) -> list[FaultKind]:
    return [
        FaultKind(maker.__name__, stage, maker, plain=PLAIN.get(maker.__name__), chat=CHAT.get(maker.__name__))
        for maker in makers
    ]


FAULTS: Final[dict[str, FaultKind]] = {
    kind.name: kind
    for kind in (
        *_kinds("instead", instead.error, instead.redirect, instead.html, instead.empty, instead.drop),
        *(FaultKind(name, "instead", instead.error, {"type": name}) for name in STATUS),
        FaultKind("overloaded", "instead", instead.error, {"type": "overloaded_error"}),
        FaultKind("rate_limit", "instead", instead.error, {"type": "rate_limit_error", "retry_after": "1"}),
        *_kinds(
            "events", events.stream_error, events.duplicate_event, events.missing_event, events.unknown_event,
            events.unknown_block, events.unknown_delta, events.unknown_stop_reason, events.huge_event,
            events.broken_event,
        ),
        *_kinds(
            "plan", plans.cut, plans.truncated_json, plans.drop_after, plans.stall, plans.pings, plans.slow,
            plans.content_type, plans.garbage, plans.gzip, plans.not_http,
        ),
        FaultKind("oauth_before_rotation", "instead", instead.drop),
        FaultKind("oauth_after_rotation", "plan", plans.drop_after),
        FaultKind("oauth_truncated", "plan", plans.truncated_json),
        FaultKind("oauth_delay", "plan", plans.slow),
    )
}  # fmt: skip
"""Every fault by name. The table in the docs is made from it."""


class Applied(Struct, frozen=True):
    """A fault with its parameters.

    Args:
        kind: The kind of fault.
        params: Its parameters, converted.
        phase: The phase of a stream in which it strikes, one of `PHASES`; "" for where its parameters say.
    """

    kind: FaultKind
    params: dict[str, Any]
    phase: str = ""

    def placed(self, reply: ServerReply) -> Applied | None:
        """Return the fault with the place of its phase in a reply; None if the reply has no such phase."""
        if not self.phase:
            return self
        place = place_of(self.phase, reply.events)
        return None if place is None else Applied(self.kind, {**self.params, PLACE: place})

    def instead(self, request_id: str, now: float) -> ServerReply | None:
        """Return the reply that replaces the endpoint's, or None if this fault does not replace it."""
        if self.kind.stage != "instead":
            return None
        reply: ServerReply = self.kind.make(request_id, now, **self.params)
        return reply

    def on_reply(self, reply: ServerReply, request_id: str = "") -> ServerReply:
        """Change the events of a stream, or a plain message in the same sense, if this fault is of that stage."""
        if self.kind.stage != "events":
            return reply
        if reply.events:
            make = self.kind.make if reply.events[0].name else self.kind.chat
            struck = reply.events if make is None else make(reply.events, **self.params)
            return reply if struck is reply.events else structs.replace(reply, events=struck)
        return reply if self.kind.plain is None else self.kind.plain(reply, request_id, **self.params)

    def on_plan(self, plan: Outgoing) -> Outgoing:
        """Change the plan, if this fault is of that stage."""
        if self.kind.stage != "plan":
            return plan
        changed: Outgoing = self.kind.make(plan, **self.params)
        return changed


class StruckReply(NamedTuple):
    """A reply, and the fault that is still to strike it: what an endpoint returns when a scenario asks for one."""

    reply: ServerReply
    fault: Applied
