"""A service that takes every platform's form, and repeats in its refusals whatever it was sent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import Any

from keybearer.simulator.platforms.frames import Reframed
from support.canary import CANARY
from support.served import served

__all__ = ["Service", "running"]

MESSAGE: dict[str, Any] = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "claude-haiku-4-5",
    "content": [],
    "stop_reason": None,
    "stop_sequence": None,
    "usage": {"input_tokens": 3, "output_tokens": 1},
}
EVENTS: tuple[dict[str, Any], ...] = (
    {"type": "message_start", "message": MESSAGE},
    {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hello"}},
    {"type": "content_block_stop", "index": 0},
    {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 2}},
    {"type": "message_stop"},
)
WHOLE_MESSAGE = MESSAGE | {"content": [{"type": "text", "text": "Hello"}], "stop_reason": "end_turn"}


class Service:
    """A service that says what a test wants, repeats in its refusals what it was sent, and keeps what came.

    Attributes:
        says: The outcome: `answer`, `cut`, or a status.
        came: The headers and the body of each request, as text.
    """

    def __init__(self) -> None:
        self.says = "answer"
        self.came: list[str] = []

    def answer(self, handler: Any) -> None:
        """Answer a request."""
        body = handler.rfile.read(int(handler.headers.get("content-length") or 0))
        self.came.append(f"{handler.path}\n{handler.headers}\n{body.decode()}")
        if "oauth/token" in handler.path:
            self._send(
                handler, 200, {"access_token": f"sk-ant-oat01-{CANARY}", "expires_in": 600, "token_type": "Bearer"}
            )
        elif self.says.isdecimal():
            said = {"type": "error", "error": {"type": "api_error", "message": self.came[-1]}, "message": self.came[-1]}
            self._send(handler, int(self.says), said, echo="".join(str(handler.headers).split()))
        elif "stream" in handler.path.lower() or b'"stream":true' in body:
            self._stream(handler)
        else:
            self._send(handler, 200, WHOLE_MESSAGE)

    def give(self, handler: Any, found: dict[str, Any] | None) -> None:
        """Answer a GET with a value, or that there is none."""
        self._send(handler, 404 if found is None else 200, found or {})

    def _stream(self, handler: Any) -> None:
        data = b"".join(f"event: {each['type']}\ndata: {json.dumps(each)}\n\n".encode() for each in EVENTS)
        framed = "invoke-with-response-stream" in handler.path
        data, kind = (
            (Reframed().feed(data), "application/vnd.amazon.eventstream") if framed else (data, "text/event-stream")
        )
        handler.send_response(200)
        handler.send_header("content-type", kind)
        handler.send_header("content-length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data[: len(data) // 2] if self.says == "cut" else data)
        handler.close_connection = True

    @staticmethod
    def _send(handler: Any, status: int, value: dict[str, Any], echo: str = "x") -> None:
        data = json.dumps(value).encode()
        handler.send_response(status)
        handler.send_header("content-type", "application/json")
        handler.send_header("content-length", str(len(data)))
        handler.send_header("request-id", "req_1")
        handler.send_header("x-echo", echo)
        handler.end_headers()
        handler.wfile.write(data)


@contextmanager
def running(found: dict[str, Any] | None = None) -> Iterator[tuple[Service, str]]:
    """Serve a service; give it and its address.

    Args:
        found: What a GET is answered with, such as a token; None where there is none.
    """
    kept = Service()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            kept.answer(self)

        def do_GET(self) -> None:
            kept.give(self, found)

        def log_message(self, *_: Any) -> None:
            pass

    with served(Handler) as port:
        yield kept, f"http://127.0.0.1:{port}"
