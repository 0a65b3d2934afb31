"""What a program sees of the default transports: no warning, and an event loop that goes on."""

from __future__ import annotations

import subprocess
import sys

from support.rawserver import Peer, raw_server

PLAINEST = """
import asyncio
from keybearer import AsyncClient
client = AsyncClient(api_key="sk-ant-x", base_url={url!r}, model="m")
async def main():
    asyncio.get_running_loop().slow_callback_duration = 60  # asyncio's debug mode complains of slow machines too
    await client.messages.create(max_tokens=1, messages=[{{"role": "user", "content": "hi"}}])
asyncio.run(main())
"""


def test_the_plainest_script_prints_nothing() -> None:
    """A program that closes nothing is not complained of, warnings shown."""

    def script(peer: Peer) -> None:
        while peer.request():
            peer.reply(
                b'{"type": "message", "role": "assistant", "content": [], "stop_reason": "end_turn", "usage": {}}'
            )

    with raw_server(script) as server:
        code = PLAINEST.format(url=server.url)
        run = subprocess.run([sys.executable, "-X", "dev", "-c", code], capture_output=True, text=True, check=True)  # noqa: S603 - our own interpreter
    assert (run.stdout, run.stderr) == ("", "")


def test_the_event_loop_does_not_stand_still_for_an_import() -> None:
    """While the first call loads its HTTP library, in a thread, other tasks of the loop go on."""
    code = """
import asyncio, sys, threading
from keybearer import AsyncClient
main_thread, loaded_in = threading.main_thread(), []
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == "aiohttp":
            loaded_in.append(threading.current_thread() is main_thread)
sys.meta_path.insert(0, Finder())
async def main():
    async with AsyncClient(api_key="sk-ant-x", base_url="http://127.0.0.1:9", model="m", max_retries=0) as client:
        try:
            await client.messages.create(max_tokens=1, messages=[{"role": "user", "content": "hi"}])
        except Exception as error:
            print(type(error).__name__)
asyncio.run(main())
print(loaded_in)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603 - our own interpreter
    assert run.stdout.split() == ["ConnectionFailed", "[False]"]
