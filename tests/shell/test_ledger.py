"""The ledger: a row for each call, from any process and thread, that no kill takes away."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from keybearer import AsyncClient, Client, Ledger, RetryPolicy
from keybearer import errors as e
from keybearer.cli.spending import total
from keybearer.simulator import Simulator
from keybearer.types.hooks import UsageReported
from support.killed_ledger import report
from support.rawserver import Peer, raw_server, streaming
from support.sse import START, frame, frames, text_message
from support.whole import WHOLE

MODEL = "claude-haiku-4-5"
SECRET = "a prompt that nobody else may read"
HELLO: Any = [{"role": "user", "content": SECRET}]
STREAM = frames(*text_message("a", "b"))


def names(ledger: Ledger) -> list[str]:
    """Return the request ids of a ledger's rows."""
    return [row["request_id"] for row in ledger.rows()]


def refused(peer: Peer) -> None:
    """Refuse a request."""
    peer.request()
    body = b'{"type":"error","error":{"type":"permission_error","message":"no"}}'
    peer.reply(body, status="403 Forbidden", headers="content-type: application/json\r\nrequest-id: req_403\r\n")


def test_a_kill_loses_nothing_at_any_step(tmp_path: Path) -> None:
    """A process that is killed while it writes or folds loses no row that was written, and none is there twice."""
    script = Path(__file__).parents[1] / "support" / "killed_ledger.py"
    command = [sys.executable, str(script), str(tmp_path), "1" if WHOLE else "29"]
    done = json.loads(subprocess.run(command, check=True, capture_output=True, timeout=200).stdout)  # noqa: S603
    assert done["kills"] >= 4
    assert done["rows"] >= 3
    assert (done["wrong"], done["files"]) == (0, 0)


def test_each_call_has_a_row_with_what_it_cost(tmp_path: Path) -> None:
    """A stream that was read, one that was left, and a call that was refused have a row each, and none has a prompt."""
    path = tmp_path / "spend.db"
    with raw_server(streaming(STREAM)) as server:
        with Client(api_key="sk-ant-test", base_url=server.url, model=MODEL, max_retries=0, ledger=path) as client:
            list(client.messages.create(max_tokens=5, messages=HELLO, stream=True))
            with client.messages.stream(max_tokens=5, messages=HELLO) as stream:
                next(iter(stream))
    with raw_server(refused) as server:
        with Client(api_key="sk-ant-test", base_url=server.url, model=MODEL, max_retries=0, ledger=path) as client:
            with pytest.raises(e.PermissionDenied):
                client.messages.create(max_tokens=5, messages=HELLO)
    rows = list(Ledger(path).rows())
    assert [(row["usd"], row["error"], row["complete"], row["output_tokens"]) for row in rows] == [
        ("0.000045", None, True, 7),
        (None, None, False, 1),
        ("0", "PermissionDenied", False, None),
    ]
    assert [row["model"] for row in rows] == [MODEL] * 3
    assert rows[2]["request_id"] == "req_403"
    assert all(0 <= row["seconds"] < 60 for row in rows)
    written = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    assert MODEL.encode() in written
    assert SECRET.encode() not in written


def broken_twice() -> Callable[[Peer], None]:
    """Break the first stream before its content, answer with a 500 and a 529, and then with a message."""
    count = itertools.count()
    begun = (
        frame(START) + b'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Busy"}}\n\n'
    )
    refusals = {1: ("500 Internal Server Error", b"{}"), 2: ("529 Overloaded", begun.rpartition(b"data: ")[2])}

    def script(peer: Peer) -> None:
        while peer.request():
            if (number := next(count)) in refusals:
                status, body = refusals[number]
                peer.reply(body, status=status)
            else:
                peer.stream_head()
                peer.chunk(STREAM if number else begun)
                peer.chunk(b"")

    return script


def test_an_attempt_that_may_have_been_billed_has_a_row_and_is_reported_once(tmp_path: Path) -> None:
    """Of four attempts, one had a usage, of one nobody knows, and one was refused; only the last one counts as a call."""
    path = tmp_path / "spend.db"
    heard: list[UsageReported] = []
    options: Any = {"api_key": "sk-ant-test", "model": MODEL, "ledger": path, "on_usage": heard.append}
    retry = RetryPolicy(min_delay=0.001, max_delay=0.002, server_attempts=4)
    with raw_server(broken_twice()) as server, Client(base_url=server.url, retry=retry, **options) as client:
        with client.messages.stream(max_tokens=5, messages=HELLO) as stream:
            stream.until_done()
        rows = list(Ledger(path).rows())
    assert [(row["retried"], row["error"], row["model"], row["input_tokens"], row["usd"]) for row in rows] == [
        (True, "StreamOverloaded", MODEL, 10, None),
        (True, "ServerError", MODEL, None, None),
        (False, None, MODEL, 10, "0.000045"),
    ]
    assert [(each.retried, each.usage.input_tokens) for each in heard] == [(True, 10), (False, 10)]
    assert (total(rows).calls, total(rows).failed, total(rows).unpriced) == (1, 0, 2)


def test_rows_are_written_before_the_call_returns_and_folded_later(tmp_path: Path) -> None:
    """A row is in this process's file at once, and in the database when the ledger is read; the file goes when it is closed."""
    ledger = Ledger(tmp_path / "spend.db")
    ledger.add(report("one"))
    [file] = (tmp_path / "spend.db.rows").glob("*.jsonl")
    assert json.loads(file.read_text().rstrip("\0"))["request_id"] == "one"
    assert not (tmp_path / "spend.db").exists()
    assert names(ledger) == ["one"]
    ledger.add(report("two"))
    assert names(ledger) == names(Ledger(ledger.path)) == ["one", "two"]
    assert file.exists()
    ledger.close()
    assert not file.exists()
    ledger.add(report("three"))
    assert names(ledger) == ["one", "two", "three"]


def test_threads_and_ledgers_write_side_by_side(tmp_path: Path) -> None:
    """Rows of many threads and of several open ledgers are all there, once, also while they are folded."""
    ledgers = [Ledger(tmp_path / "spend.db") for _ in range(3)]

    def work(number: int) -> None:
        for each in range(20):
            ledgers[number % 3].add(report(f"{number}-{each}"))
            if each == 10:
                ledgers[number % 3].store()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = names(ledgers[0])
    assert len(found) == len(set(found)) == 120


def test_tags_come_from_the_ledger_and_from_the_block_around_a_call(tmp_path: Path) -> None:
    """Tags inside a block are added, and `agent` and `project` replace the ledger's own for as long as it lasts."""
    ledger = Ledger(tmp_path / "spend.db", agent="finder", project="search", tags={"team": "blue"})
    with ledger.tagged(user="u-1", project="other"), ledger.tagged(user="u-2"):
        ledger.add(report("one"))
    ledger.add(report("two"))
    rows = [(row["agent"], row["project"], row["tags"]) for row in ledger.rows()]
    assert rows == [
        ("finder", "other", {"team": "blue", "user": "u-2"}),
        ("finder", "search", {"team": "blue"}),
    ]


def test_every_file_is_its_owners_alone(tmp_path: Path) -> None:
    """The database, its log, and the files of rows can be read by nobody else, whatever the umask."""
    before = os.umask(0)
    try:
        ledger = Ledger(tmp_path / "spend.db", durable=True)
        ledger.add(report("one"))
        ledger.store()
    finally:
        os.umask(before)
    for file in tmp_path.rglob("*"):
        assert file.stat().st_mode & 0o077 == 0, file


def test_a_row_that_cannot_be_written_breaks_no_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A full disk is logged and counted, and the next row takes the place of the half line that it left."""
    ledger = Ledger(tmp_path / "spend.db")
    ledger.add(report("one"))
    real = os.write

    def full(descriptor: int, data: bytes) -> int:
        if data.startswith(b"{"):
            return real(descriptor, data[:20])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    ledger.add(report("two"))
    monkeypatch.setattr(os, "write", real)
    ledger.add(report("three"))
    assert ledger.unwritten == 1
    assert "No space left" in caplog.text
    assert names(ledger) == ["one", "three"]
    assert "is no row" not in caplog.text


def test_a_line_that_is_no_row_and_one_that_is_being_written_are_left(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """What is no row is logged; a row whose middle is not there yet is taken when it is whole."""
    ledger = Ledger(tmp_path / "spend.db")
    ledger.add(report("one"))
    [file] = (tmp_path / "spend.db.rows").glob("*.jsonl")
    row = file.read_bytes().partition(b"\n")[0].replace(b"one", b"two") + b"\n"
    with file.open("r+b") as stream:
        stream.seek(len(row))
        stream.write(b"half a line\n" + row[:9] + bytes(9) + row[18:])
        stream.flush()
        assert names(ledger) == ["one"]
        assert "is no row" in caplog.text
        stream.seek(-len(row), os.SEEK_CUR)
        stream.write(row)
    assert names(ledger) == ["one", "two"]


def test_a_place_that_cannot_be_written_is_said_at_once(tmp_path: Path) -> None:
    """A ledger in a folder that is not there fails where it is made, not in a call."""
    with pytest.raises(e.UsageError, match=r"none.*cannot be made"):
        Ledger(tmp_path / "none" / "spend.db")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_child_writes_though_another_thread_was_writing_at_the_fork(tmp_path: Path) -> None:
    """The lock that a thread of the parent held is free in the child, which has a file of its own."""
    ledger = Ledger(tmp_path / "spend.db")
    ledger.add(report("before"))
    with ledger._writing:
        child = os.fork()
        if not child:
            signal.alarm(10)
            ledger.add(report("in the child"))
            os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    ledger.add(report("after"))
    assert sorted(names(ledger)) == ["after", "before", "in the child"]


def test_the_answers_of_a_batch_have_rows_once(tmp_path: Path, sim: Simulator) -> None:
    """However often they are read, and by whom, each answer is there once, at a batch's price; `on_usage` gets each once a client."""
    params: Any = {"model": "claude-haiku-4-5", "max_tokens": 9, "messages": HELLO}
    seen: list[Any] = []
    path = tmp_path / "spend.db"
    made: Any = {"api_key": sim.api_key, "base_url": sim.base_url}
    with Client(**made, ledger=path, on_usage=seen.append) as client:
        requests: Any = [{"custom_id": name, "params": params} for name in ("one", "two")]
        requests.append({"custom_id": "bad", "params": {**params, "model": "x"}})
        batch = client.messages.batches.create(requests=requests)
        sim.clock.advance(100)
        with client.messages.batches.results(batch.id) as left_early:
            first = next(iter(left_early))
        costs = [row.cost for row in client.messages.batches.results(batch.id)]
        assert [row.batch for row in seen] == [f"{batch.id}/one", f"{batch.id}/two"]
        assert [row.cost for row in seen] == costs[:2] == [first.cost] * 2
    asyncio.run(read_again(made, path, batch.id, seen))
    assert len(seen) == 4
    with Ledger(path) as ledger:
        rows = list(ledger.rows())
        assert [row["batch"] for row in rows] == [f"{batch.id}/one", f"{batch.id}/two"]
        assert [Decimal(row["usd"]) for row in rows] == [cost.usd for cost in costs[:2]]


async def read_again(made: Any, path: Path, batch_id: str, seen: list[Any]) -> None:
    """Read a batch's results with an async client, whose hook is awaited."""

    async def hook(report: Any) -> None:
        seen.append(report)

    async with AsyncClient(**made, ledger=path, on_usage=hook) as client:
        assert len([row async for row in await client.messages.batches.results(batch_id)]) == 3
