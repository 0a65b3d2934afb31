"""One attempt: what reads a large body does so apart from an event loop."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
from msgspec import structs

from keybearer.credentials.credential import Credential, FixedCredential
from keybearer.credentials.signers.sigv4 import AWSKey, SigV4Signer
from keybearer.exchange.attempt import LARGE
from keybearer.flow import Blocking
from keybearer.shell.drivers import AsyncDriver
from keybearer.types.http import Draft, Reply, Request
from keybearer.types.secret import Secret
from support.platforms import destination
from support.world import World, reply

TO = destination("aws")
SIGNER = SigV4Signer(AWSKey("AKIA1", Secret("secret")), "us-east-1", "aws-external-anthropic", TO.host)


def draft(size: int) -> Draft:
    """Return a request of so many bytes."""
    head, tail = b'{"model":"claude-haiku-4-5","system":"', b'"}'
    body = head + b"x" * (size - len(head) - len(tail)) + tail
    return Draft(method="POST", url=TO.base + "/v1/messages", headers={"content-type": "application/json"}, body=body)


@pytest.mark.parametrize(("size", "apart"), [(LARGE, 0), (LARGE + 1, 2)])
def test_a_large_body_is_read_in_a_thread(size: int, apart: int) -> None:
    """What a platform lacks is looked for, the form changed and the signature made in a thread, of a body above a megabyte."""
    threads: list[str] = []

    class Signer(SigV4Signer, frozen=True):
        def sign(self, draft: Draft, source: str) -> Request:
            threads.append(threading.current_thread().name)
            return super().sign(draft, source)

    class Kept:
        async def send(self, request: Request) -> Reply:
            self.request = request
            return reply(200)

        async def close(self) -> None:
            pass

    signer = Signer(**{name: getattr(SIGNER, name) for name in structs.asdict(SIGNER)})
    transport = Kept()
    exchange = World().exchange(credentials=FixedCredential(Credential(signer, "a test")), destination=TO)
    flow, effects = exchange.send(draft(size)), 0

    def counted() -> Any:
        nonlocal effects
        answer = None
        try:
            while True:
                effect = flow.send(answer)
                effects += isinstance(effect, Blocking)
                answer = yield effect
        except StopIteration as end:
            return end.value

    assert asyncio.run(AsyncDriver(transport).run(counted())).status == 200
    assert effects == apart
    assert (threads[0] == threading.main_thread().name) is not bool(apart)
    assert transport.request.headers["authorization"].startswith("AWS4-HMAC-SHA256 Credential=AKIA1/")
