"""The platforms as an application around the API's: a request below `/<platform>` is checked, read and handed on as the API's own.

Contract: the API's endpoints, faults, scripts and journal see a native request with the header `x-sim-platform`; what they answer is
put into the platform's form here. The journal keeps no key of a platform.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from keybearer.simulator.core.errors import ServiceError
from keybearer.simulator.http.asgi import ASGIApp, ClientLeftError, Message, Receive, Scope, Send
from keybearer.simulator.http.checks import check_arrival, header_map
from keybearer.simulator.http.intake import BodyIntake
from keybearer.simulator.http.routes import LARGEST_BODY
from keybearer.simulator.platforms.callers import identify
from keybearer.simulator.platforms.forms import PLATFORMS, NativeForm, SimulatedPlatform
from keybearer.simulator.platforms.frames import Reframed
from keybearer.simulator.platforms.refusal import PlatformRefusal, aws_name, body_of
from keybearer.simulator.state import State

__all__ = ["on_platforms", "shows_platform_credential"]

HEADER: Final = "x-sim-platform"
CREDENTIALS: Final = (
    "authorization",
    "x-api-key",
    "api-key",
    "x-amz-security-token",
    "content-length",
    "transfer-encoding",
)
_SHOWN: Final = frozenset({b"authorization", b"x-api-key", b"api-key"})
EVENT_STREAM: Final = b"application/vnd.amazon.eventstream"


def on_platforms(app: ASGIApp, state: State) -> ASGIApp:
    """Return the application with the platforms of the options around it.

    Args:
        app: The API's.
        state: The simulator's state.
    """
    served = {kind: PLATFORMS[kind] for kind in state.options.provider}
    intake = BodyIntake()

    async def around(scope: Scope, receive: Receive, send: Send) -> None:
        kind, _, _ = scope["path"][1:].partition("/")
        platform = served.get(kind) if scope["type"] == "http" else None
        if platform is None:
            await app(scope, receive, send)
            return
        answer = _PlatformAnswer(platform, send)
        try:
            taken = await intake.take(
                scope, receive, largest=LARGEST_BODY, is_known=lambda: shows_platform_credential(scope)
            )
            check_arrival(taken.outcome)
            native = _native(state, platform, scope, taken.data)
        except ClientLeftError:
            return
        except ServiceError as error:
            await answer.refuse(PlatformRefusal(error.status, error.message))
            return
        except PlatformRefusal as refusal:
            await answer.refuse(refusal)
            return
        headers = {
            **{name: value for name, value in native.headers.items() if name not in CREDENTIALS},
            "x-api-key": state.api_key,
            HEADER: kind,
        }
        inner = {
            **scope,
            "path": native.path,
            "raw_path": native.path.encode(),
            "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()],
            "whole_body": native.body,
        }
        await app(inner, receive, answer.send)

    return around


def shows_platform_credential(scope: Scope) -> bool:
    """Return whether a head has a credential, good or not: most of a platform's sign the body, so they are checked after it."""
    return any(name in _SHOWN for name, _ in scope["headers"])


def _native(state: State, platform: SimulatedPlatform, scope: Scope, body: bytes) -> NativeForm:
    headers = header_map(scope)
    raw = scope["raw_path"].decode()
    query = scope["query_string"].decode()
    ends_with = "" if state.options.is_loopback else state.token
    identify(
        platform.cloud,
        platform.service,
        method=scope["method"],
        url=f"http://{headers.get('host', '')}{raw}{'?' if query else ''}{query}",
        headers=headers,
        body=body,
        now=state.clock.now(),
        ends_with=ends_with,
        tokens=state.cloud_tokens,
    )
    below = "/" + raw[1:].partition("/")[2]
    if not below.startswith(platform.below + "/"):
        raise PlatformRefusal(404, f"Not found: {below}")
    return platform.read(below.removeprefix(platform.below), headers, body)


class _PlatformAnswer:
    """Puts what the API answers into the platform's form, and sends it.

    Args:
        platform: The platform.
        send: ASGI's send.
    """

    def __init__(self, platform: SimulatedPlatform, send: Send) -> None:
        self._platform, self._send = platform, send
        self._frames: Reframed | None = None
        self._refused: dict[str, Any] | None = None
        self._body = b""

    async def refuse(self, refusal: PlatformRefusal) -> None:
        """Send a refusal of the platform itself."""
        status, name = (refusal.status, refusal.name)
        if self._platform.cloud == "aws" and not name:
            status, name = aws_name(status)
        await self._send_error(status, refusal.message, name, {})

    async def _send_error(self, status: int, message: str, name: str, headers: dict[bytes, bytes]) -> None:
        body, more = body_of(self._platform.cloud, status, message, name)
        kept = {name: value for name, value in headers.items() if name not in {b"content-length", b"content-type"}}
        kept |= {b"content-type": b"application/json", b"content-length": str(len(body)).encode()}
        kept |= {name.encode(): value.encode() for name, value in more.items()}
        await self._send({"type": "http.response.start", "status": status, "headers": list(kept.items())})
        await self._send({"type": "http.response.body", "body": body, "more_body": False})

    async def send(self, message: Message) -> None:
        """Take a message of the API's answer."""
        if message["type"] == "http.response.start":
            await self._begin(message)
            return
        data, more = message.get("body", b""), message.get("more_body", False)
        if self._refused is not None:
            self._body += data
            if not more:
                await self._end_refused(self._refused)
            return
        if self._frames is not None:
            data = self._frames.feed(data)
            if not more:
                data += self._frames.rest()
        await self._send({**message, "body": data})

    async def _begin(self, message: Message) -> None:
        headers = dict(message.get("headers", ()))
        if message["status"] >= 400 and self._platform.own_errors:
            self._refused = {"status": message["status"], "headers": headers}
            return
        if self._platform.framed:
            request_id = headers.pop(b"request-id", b"")
            headers[b"x-amzn-requestid"] = request_id
            if headers.get(b"content-type", b"").startswith(b"text/event-stream"):
                self._frames = Reframed()
                headers[b"content-type"] = EVENT_STREAM
        await self._send({**message, "headers": list(headers.items())})

    async def _end_refused(self, refused: dict[str, Any]) -> None:
        try:
            text = msgspec.json.decode(self._body)["error"]["message"]
        except (msgspec.DecodeError, KeyError, TypeError):
            text = self._body.decode(errors="replace")
        status, name = aws_name(refused["status"])
        await self._send_error(status, text, name, refused["headers"])
