"""One host of `bench/fleet.py`: a loopback interface of its own, whose connections go to the simulator and to Redis outside.

python -m bench.fleet_relay FOLDER PORT PORT    in a namespace; prints "ready", and ends with its standard input
"""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
from functools import partial
from pathlib import Path


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
    with contextlib.suppress(OSError, RuntimeError):
        writer.close()


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, to: str) -> None:
    """Carry one connection to an address, or to a socket's path."""
    try:
        if ":" in to:
            host, _, port = to.rpartition(":")
            there = await asyncio.open_connection(host, int(port))
        else:
            there = await asyncio.open_unix_connection(to)
    except OSError:
        writer.transport.abort()
        return
    await asyncio.gather(_copy(reader, there[1]), _copy(there[0], writer))


def relay(path: Path, to: str) -> None:
    """Take connections to a socket's path to an address, for ever."""

    async def serve() -> None:
        server = await asyncio.start_unix_server(lambda reader, writer: _carry(reader, writer, to), str(path))
        await server.serve_forever()

    asyncio.run(serve())


async def main(folder: Path, ports: list[str]) -> None:
    """Take the connections of a namespace out of it."""
    subprocess.run(["ip", "link", "set", "lo", "up"], check=False, capture_output=True)  # noqa: S607, ASYNC221 - at its start
    for name, port in zip(("sim.sock", "redis.sock"), ports, strict=True):
        await asyncio.start_server(partial(_carry, to=str(folder / name)), "127.0.0.1", int(port))
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2:]))
