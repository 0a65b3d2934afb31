"""Holds an application that reads bodies without limits (the recorder, the pre-rendered replies) to those of `BodyIntake`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from keybearer.simulator.core.errors import ServiceError
from keybearer.simulator.core.outgoing import render
from keybearer.simulator.core.reply import refuse
from keybearer.simulator.http.asgi import ASGIApp, ClientLeftError, Receive, Scope, Send
from keybearer.simulator.http.checks import check_arrival
from keybearer.simulator.http.intake import BodyIntake, hand_on
from keybearer.simulator.http.routes import LARGER

__all__ = ["LARGEST", "Bounded"]

LARGEST: Final = max(LARGER.values())
"""The most bytes of a body, of whatever path."""


class Bounded:
    """An application behind the limits of bodies.

    Args:
        app: The application.
        intake: Reads the bodies.
        is_known: Whether the head of a request shows a caller that may send a large body.
        largest: The most bytes of the body that a head announces.
    """

    def __init__(
        self,
        app: ASGIApp,
        intake: BodyIntake,
        is_known: Callable[[Scope], bool],
        largest: Callable[[Scope], int] = lambda _: LARGEST,
    ) -> None:
        self._app = app
        self._intake = intake
        self._is_known = is_known
        self._largest = largest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read a request's body and pass it on whole, or refuse it."""
        if scope["type"] != "http":
            return
        try:
            taken = await self._intake.take(
                scope, receive, largest=self._largest(scope), is_known=lambda: self._is_known(scope)
            )
            if scope.get("whole_body") is not None:
                await receive()  # it is here: what comes after it is the next
            check_arrival(taken.outcome)
        except ClientLeftError:
            return
        except ServiceError as error:
            plan = render(refuse(error, ""), "")
            headers = [(name.encode(), value.encode()) for name, value in plan.headers.items()]
            await send({"type": "http.response.start", "status": plan.status, "headers": headers})
            await send({"type": "http.response.body", "body": b"".join(part.data for part in plan.parts)})
            return
        await self._app(scope, hand_on(taken.data, receive), send)
