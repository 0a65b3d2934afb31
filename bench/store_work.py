"""One process of `bench.store`: many clients that use logins in Redis until it is ended; what they got is its output.

    python -m bench.store_work CONFIG LOGINS CLIENTS [HOST PORT OWN_PORT]

With the last three it relays a port of its own loopback interface to the token endpoint on another machine.
"""

from __future__ import annotations

import asyncio
import json
import random
import signal
import sys
from typing import Any

from bench.relay import relay

from keybearer import AsyncClient
from keybearer.client.credentials import chain
from keybearer.config.loader import load_config
from keybearer.credentials.credential import CredentialProvider
from keybearer.errors import KeybearerError, LoginRequired
from keybearer.shell.drivers import AsyncDriver
from keybearer.shell.transports.base import TransportOptions
from keybearer.shell.transports.default import DefaultAsyncTransport

QUESTION: dict[str, Any] = {"model": "claude-haiku-4-5", "messages": [{"role": "user", "content": "Hi"}]}


REFUSALS = {401: "expired", 403: "revoked"}
"""What the simulator says of a token. One may expire on its way where this machine is busy: it lives for two seconds."""


class Crew:
    """The clients, and what they got.

    Attributes:
        counts: How often each thing happened.
    """

    def __init__(self) -> None:
        self.counts = {"signed": 0, "log_in": 0, "failed": 0, "accepted": 0, "expired": 0, "revoked": 0}
        self.failures: dict[str, int] = {}

    async def use(self, login: CredentialProvider, driver: AsyncDriver) -> None:
        """Ask for what a client signs with, again and again."""
        while True:
            try:
                await driver.run(login.current())
                self.counts["signed"] += 1
            except LoginRequired:
                self.counts["log_in"] += 1
            except KeybearerError as error:
                self._failed(error)
            await asyncio.sleep(0.1 + 0.3 * random.random())  # noqa: S311 - no secret

    async def ask(self, client: AsyncClient) -> None:
        """Call the API again and again, which says whether it takes the tokens."""
        while True:
            try:
                await client.messages.count_tokens(**QUESTION)
                self.counts["accepted"] += 1
            except LoginRequired:
                self.counts["log_in"] += 1
            except KeybearerError as error:
                status = getattr(error, "status", None)
                if status in REFUSALS:
                    self.counts[REFUSALS[status]] += 1
                else:
                    self._failed(error)
            await asyncio.sleep(5)

    def _failed(self, error: KeybearerError) -> None:
        self.counts["failed"] += 1
        what = f"{type(error).__name__}: {getattr(error, 'problem', '')}"
        self.failures[what] = self.failures.get(what, 0) + 1


async def main() -> None:
    """Start the clients, and end with SIGTERM."""
    config, logins, clients, *way = sys.argv[1:]
    if way:
        host, port, own = way
        relay("127.0.0.1", int(own), (host, int(port)))
    crew, end = Crew(), asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, end.set)
    names, providers = logins.split(","), load_config(config).providers
    driver = AsyncDriver(DefaultAsyncTransport(TransportOptions()))
    work = []
    for number in range(int(clients)):
        login = chain(providers[names[number % len(names)]].auth).resolve().provider
        work.append(asyncio.create_task(crew.use(login, driver)))
    asking = AsyncClient.from_config(config, provider=random.choice(names), max_retries=0)  # noqa: S311 - no secret
    work.append(asyncio.create_task(crew.ask(asking)))
    await end.wait()
    for each in work:
        each.cancel()
    print(json.dumps(crew.counts | {"failures": crew.failures}), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
