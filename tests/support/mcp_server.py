"""An MCP server for tests: `python mcp_server.py` over standard input and output, `python mcp_server.py http` over HTTP.

Over HTTP it prints its port, and ends when its standard input closes.
"""

from __future__ import annotations

import asyncio
import base64
import os
import signal
import subprocess
import sys
import threading
import time
from typing import Any

from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp_types import (
    AudioContent,
    BlobResourceContents,
    CallToolResult,
    EmbeddedResource,
    ImageContent,
    ResourceLink,
    SamplingMessage,
    TextContent,
    TextResourceContents,
    ToolAnnotations,
)

PIXEL = base64.b64encode(
    bytes.fromhex(
        "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001"
        "a5f645400000000049454e44ae426082"
    )
).decode()

server = MCPServer("odd server")


@server.tool(annotations=ToolAnnotations(read_only_hint=True))
def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


@server.tool()
async def wait(seconds: float) -> str:
    """Wait, and say in a file if that was cancelled."""
    try:
        await asyncio.sleep(seconds)
    except BaseException:
        with open(os.environ["NOTES"], "a") as notes:  # noqa: ASYNC230, PTH123 - a test's server
            notes.write("cancelled\n")
        raise
    return "waited"


@server.tool()
def fail() -> str:
    """Fail."""
    raise ValueError("the disk is full")


@server.tool()
def leave() -> str:
    """End the server's process."""
    os._exit(3)


@server.tool()
def spawn() -> str:
    """Start a process that ignores the end of this one, and say its number."""
    program = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
    return str(subprocess.Popen([sys.executable, "-c", program]).pid)  # noqa: S603 - our own Python


@server.tool()
def environment(name: str) -> str:
    """Say a variable, and the process's number."""
    return f"{os.environ.get(name)} {os.getpid()}"


@server.tool()
def everything() -> CallToolResult:
    """Return each kind of content."""
    content: list[Any] = [
        TextContent(type="text", text="hello"),
        ImageContent(type="image", data=PIXEL, mime_type="image/png"),
        EmbeddedResource(
            type="resource", resource=TextResourceContents(uri="file:///a.txt", mime_type="text/plain", text="A text.")
        ),
        EmbeddedResource(
            type="resource", resource=BlobResourceContents(uri="file:///b.png", mime_type="image/png", blob=PIXEL)
        ),
        ResourceLink(type="resource_link", uri="file:///c.txt", name="c"),
        AudioContent(type="audio", data="AAAA", mime_type="audio/wav"),
    ]
    return CallToolResult(content=content, structured_content={"kinds": 6})


@server.tool(name="a name that is far too long for the API, " + "x" * 60)
def long_name() -> str:
    """Have a long name."""
    return "long"


@server.tool()
async def grow(ctx: Context) -> str:
    """Have one tool more, and say so."""

    def grown() -> str:
        """Be there since."""
        return "grown"

    server.add_tool(grown)
    await ctx.session.send_tool_list_changed()
    await ctx.notify_tools_changed()
    return "more"


@server.tool()
async def think(question: str, kind: str, ctx: Context) -> str:
    """Ask the client's model."""
    content: Any = TextContent(type="text", text=question)
    if kind == "audio":
        content = AudioContent(type="audio", data="AAAA", mime_type="audio/wav")
    asked = SamplingMessage(role="user", content=content)
    try:
        said = await ctx.session.create_message([asked], max_tokens=50, system_prompt="Be short.")
    except Exception as error:  # noqa: BLE001 - what the server reads is what is tested
        return f"refused: {error}"
    return f"{said.model} said {said.content.text}, {said.stop_reason}"


def main() -> None:
    """Serve."""
    if sys.argv[1:] == ["silent"]:
        sys.stdin.read()
    elif sys.argv[1:] == ["http"]:
        _serve_http()
    else:
        if "STUBBORN" in os.environ:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        server.run()
        if "STUBBORN" in os.environ:
            time.sleep(600)


def _serve_http() -> None:
    import socket

    import uvicorn

    listener = socket.create_server(("127.0.0.1", 0))
    serving = uvicorn.Server(uvicorn.Config(server.streamable_http_app(), log_level="error"))
    print(listener.getsockname()[1], flush=True)  # noqa: T201 - for the test

    def end() -> None:
        sys.stdin.read()
        serving.should_exit = serving.force_exit = True

    threading.Thread(target=end, daemon=True).start()
    serving.run([listener])


if __name__ == "__main__":
    main()
