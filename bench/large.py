"""What large files cost in memory: a 500 MB upload, and 1,000,000 rows of results, over each transport and with the official SDK.

    make large                      write bench/large.json
    python -m bench.large --rows 1000 --megabytes 5     a quick look; nothing is written

Each subject runs in a process of its own. A figure is how far its resident memory rose above what it was after a first small call,
in MB: what the library holds, and not what its import costs.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any, Final

from bench.memory import peak_mb, reset_peak, resident_mb

ROOT: Final = Path(__file__).parent.parent
SUBJECTS: Final = ("http.client", "httpx", "aiohttp", "httpx-async", "anthropic", "anthropic-async")
PER_CHUNK: Final = 500
"""How many rows the server sends at a time."""

ROW: Final = json.dumps(
    {
        "custom_id": "row-0000000",
        "result": {
            "type": "succeeded",
            "message": {
                "id": "msg_1",
                "type": "message",
                "role": "assistant",
                "model": "claude-haiku-4-5",
                "content": [{"type": "text", "text": "A short answer, as most rows of a batch have."}],
                "stop_reason": "end_turn",
                "stop_sequence": None,
                "usage": {"input_tokens": 20, "output_tokens": 10},
            },
        },
    }
).encode()


def serve(connection: socket.socket, rows: int) -> None:
    """Answer an upload, a batch or its results, one after another."""
    with connection:
        while head := _head(connection):
            line, _, rest = head.partition(b"\r\n")
            if line.startswith(b"POST"):
                connection.sendall(_json(b'{"type": "file", "id": "file_1", "filename": "x", "size_bytes": 1}'))
            elif b"/results" in line:
                _results(connection, rows if b"big" in line else 1)
            else:
                name = b"big" if b"big" in line else b"small"
                url = b"http://" + rest.lower().partition(b"host: ")[2].partition(b"\r\n")[0]
                path = b"/v1/messages/batches/msgbatch_%s" % name
                batch = b'{"type": "message_batch", "id": "msgbatch_%s", "processing_status": "ended", "results_url": "%s%s/results"}'
                connection.sendall(_json(batch % (name, url, path)))


def _head(connection: socket.socket) -> bytes:
    """Read a request, and leave its body out; nothing when the client has gone."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            return b""
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
    left = length - len(body)
    while left > 0:
        left -= len(connection.recv(1 << 20)) or left
    return head + b"\r\n"


def _json(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body) + body


def _results(connection: socket.socket, rows: int) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: application/x-jsonl\r\ntransfer-encoding: chunked\r\n\r\n")
    for first in range(0, rows, PER_CHUNK):
        lines = b"".join(
            ROW.replace(b"0000000", b"%07d" % n) + b"\n" for n in range(first, min(rows, first + PER_CHUNK))
        )
        connection.sendall(b"%x\r\n%s\r\n" % (len(lines), lines))
    connection.sendall(b"0\r\n\r\n")


def client_of(subject: str, url: str) -> Any:
    """Make a subject's client."""
    if subject.startswith("anthropic"):
        import anthropic

        kind: Any = anthropic.AsyncAnthropic if subject.endswith("async") else anthropic.Anthropic
        return kind(api_key="sk-ant-test", base_url=url, max_retries=0, timeout=600)
    from keybearer import AsyncClient, Client
    from keybearer.shell.transports.httpx_transport import AsyncHttpxTransport, HttpxTransport

    made: Any = {
        "http.client": (Client, None),
        "httpx": (Client, HttpxTransport),
        "aiohttp": (AsyncClient, None),
        "httpx-async": (AsyncClient, AsyncHttpxTransport),
    }[subject]
    return made[0](api_key="sk-ant-test", base_url=url, max_retries=0, transport=made[1] and made[1]())


async def work(subject: str, url: str, path: str, rows: int) -> dict[str, float]:
    """Upload the file and read the rows; return how far the memory rose for each, in MB, and the CPU time in seconds."""
    client = client_of(subject, url)
    awaited = subject in {"aiohttp", "httpx-async", "anthropic-async"}

    async def upload(file: Any) -> None:
        made = client.files.upload(file=file)
        if awaited:
            await made

    async def read(name: str) -> int:
        opened = client.messages.batches.results(f"msgbatch_{name}")
        count = 0
        if awaited:
            async for row in await opened:
                count += row.custom_id.startswith("row-")
        else:
            for row in opened:
                count += row.custom_id.startswith("row-")
        return count

    await upload(("x.bin", b"x" * 100))
    assert await read("small") == 1
    figures: dict[str, float] = {}
    for name, do in (("upload", lambda: upload(Path(path))), ("rows", lambda: read("big"))):
        reset_peak()
        before, cpu = resident_mb(), time.process_time()
        done = await do()
        assert name == "upload" or done == rows
        figures |= {f"{name}_mb": round(peak_mb() - before, 1), f"{name}_cpu_s": round(time.process_time() - cpu, 1)}
    return figures


def main() -> None:
    """Run every subject in a process of its own, or one in this."""
    parser = argparse.ArgumentParser(prog="python -m bench.large")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--megabytes", type=int, default=500)
    parser.add_argument("--write", action="store_true", help="write bench/large.json")
    parser.add_argument("--work", nargs=3, metavar=("SUBJECT", "URL", "FILE"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        subject, url, path = options.work
        print(json.dumps(asyncio.run(work(subject, url, path, options.rows))))
        return
    results: dict[str, Any] = {"rows": options.rows, "megabytes": options.megabytes}
    with tempfile.NamedTemporaryFile() as file, socket.create_server(("127.0.0.1", 0)) as listener:
        file.truncate(options.megabytes << 20)

        def accept() -> None:
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=serve, args=(connection, options.rows), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        for subject in SUBJECTS:
            command = [
                sys.executable,
                "-m",
                "bench.large",
                "--rows",
                str(options.rows),
                "--work",
                subject,
                url,
                file.name,
            ]
            done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True)
            results[subject] = json.loads(done.stdout)
            print(f"{subject:16}", results[subject], flush=True)
    if options.write:
        (ROOT / "bench" / "large.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
