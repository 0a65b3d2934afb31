"""Jobs, over an engine that answers from a script: what is written, what is sent again, and how a job ends."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from collections.abc import Set as AbstractSet
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from keybearer import AsyncClient, bulk
from keybearer.bulk.engines import EngineSetup
from keybearer.bulk.feeding import RowFeeder
from keybearer.bulk.journal import BulkJournal
from keybearer.bulk.keys import SeenRows
from keybearer.bulk.local import LocalEngine
from keybearer.bulk.port import BulkRequest, BulkResult, row_error
from keybearer.bulk.requests import RequestMaker
from keybearer.bulk.template import Template
from keybearer.errors import AuthenticationFailed, InvalidRequest, KeybearerError, UsageError
from keybearer.prices import Cost

ROWS: list[dict[str, Any]] = [{"id": n, "text": f"row {n}"} for n in range(10)]


class ScriptedEngine:
    """Answers each prompt with itself, or fails as a function says; keeps the prompts that it was given."""

    keeps_track = False

    def __init__(self, fails: Callable[[str], Exception | None] = lambda _: None) -> None:
        self.fails = fails
        self.asked: list[str] = []
        self.stopped = False
        self.between: Callable[[], None] = lambda: None

    def __call__(self, setup: EngineSetup) -> ScriptedEngine:
        """Be the engine of a job."""
        self.stopped = False
        self.setup = setup
        return self

    async def results(self, work: AsyncIterator[Sequence[BulkRequest]]) -> AsyncGenerator[Sequence[BulkResult], None]:
        """Answer, a list for a list."""
        async for requests in work:
            if self.stopped:
                return
            yield [self._result(each) for each in reversed(requests)]
            self.between()

    def _result(self, request: BulkRequest) -> BulkResult:
        text = str(request.params["messages"][0]["content"])
        self.asked.append(text)
        if (error := self.fails(text)) is not None:
            return BulkResult(request.key, request.info, error=row_error(error), raised=error, source=request.source)
        message = {"content": [{"type": "text", "text": text}], "usage": {"input_tokens": 3, "output_tokens": 1}}
        return BulkResult(request.key, request.info, message=message, text=text, cost=Cost(parts={}))

    def stop(self) -> None:
        """Answer nothing more."""
        self.stopped = True

    def unsent(self) -> Sequence[bytes]:
        """Return none."""
        return []

    def under_way(self) -> int:
        """Return none."""
        return 0

    def taken(self, keys: AbstractSet[bytes]) -> AbstractSet[bytes]:
        """Return none."""
        return keys - keys


def run(engine: Any, output: Path, rows: Any = ROWS, **options: Any) -> bulk.BulkSummary:
    """Run a job."""
    client = AsyncClient(api_key="sk-ant-example", model="claude-haiku-4-5")
    return bulk.run(
        rows,
        output,
        **{"template": "{text}", "params": {"max_tokens": 9}, "client": client, "engine": engine, **options},
    )


def lines(output: Path) -> list[dict[str, Any]]:
    """Return the results."""
    return [json.loads(line) for line in output.read_text().splitlines()]


def refuse(*texts: str) -> Callable[[str], Exception | None]:
    """Return what fails for these prompts."""
    return lambda text: InvalidRequest("no", request_id="req_9", http_status=400) if text in texts else None


def test_a_job_and_the_same_again(tmp_path: Path) -> None:
    """Every row has its result, and a second run sends nothing; rows that are new, or that changed, are sent."""
    engine, output = ScriptedEngine(), tmp_path / "o.jsonl"
    summary = run(engine, output)
    assert (summary.rows, summary.succeeded, summary.failed, summary.stopped) == (10, 10, 0, "")
    assert {row["id"]: row["text"] for row in lines(output)} == {n: f"row {n}" for n in range(10)}
    assert engine.asked == [f"row {n}" for n in range(9, -1, -1)]
    engine.asked.clear()
    again = run(engine, output, [*reversed(ROWS), {"id": 3, "text": "other"}, ROWS[0]])
    assert (engine.asked, again.passed, again.succeeded, again.others) == (["row 0", "other"], 10, 12, 0)


def test_results_of_other_rows(tmp_path: Path) -> None:
    """Those of another template, and of rows that are gone, are none of this run's; they are said, and what to do."""
    engine, output, notes = ScriptedEngine(refuse("row 3")), tmp_path / "o.jsonl", list[str]()
    run(engine, output)
    same = run(engine, output, on_note=notes.append)
    assert (str(same), notes) == ("10 rows were done before, 1 of them with an error: nothing to send; $0.00", [])
    other = run(engine, output, template="again {text}", on_note=notes.append)
    assert (other.succeeded, other.failed, other.others, len(lines(output))) == (10, 0, 10, 20)
    assert str(other) == "10 succeeded; 10 results are of other rows; $0.00"
    assert notes[0].startswith("The run before asked with another template, model or other parameters")
    assert notes[1].startswith(f"{output} has 10 results besides, of rows that this run did not ask for")
    assert all(f"remove {output} and {output}.journal" in each for each in notes)
    fewer = run(engine, output, ROWS[:4])
    assert (fewer.succeeded, fewer.failed, fewer.others) == (3, 1, 16)
    ordered = run(engine, tmp_path / "p", ordered=True)
    again = run(engine, tmp_path / "p", ROWS[:2], ordered=True)
    assert (ordered.others, again.others, len(lines(tmp_path / "p"))) == (0, 0, 2)


def test_a_row_that_fails_is_a_row(tmp_path: Path) -> None:
    """It has its error, and stands in the dead-letter file; it is sent again when that is asked for."""
    output, letter = tmp_path / "o.jsonl", tmp_path / "dead.jsonl"
    engine = ScriptedEngine(refuse("row 3", "row 4"))
    rows: list[dict[str, Any]] = [*ROWS, {"id": "none"}]
    assert run(engine, output, rows, dead_letter=letter).failed == 3
    failed = {row["id"]: row["error"] for row in lines(output) if "error" in row}
    assert failed[3] == {"class": "InvalidRequest", "message": "no", "request_id": "req_9", "status": 400}
    assert failed["none"]["class"] == "MissingColumn"
    assert {json.dumps(row["row"]) for row in lines(letter)} == {json.dumps(rows[n]) for n in (3, 4, 10)}
    assert (letter.stat().st_mode & 0o777, output.stat().st_mode & 0o777) == (0o600, 0o600)
    engine.asked.clear()
    assert run(engine, output, rows, dead_letter=letter).failed == 3
    assert engine.asked == []
    engine.fails = refuse("row 4")
    again = run(engine, output, rows, dead_letter=letter, retry_failed=True)
    assert (again.succeeded, again.failed, sorted(engine.asked)) == (9, 2, ["row 3", "row 4"])
    assert sorted(str(row["id"]) for row in lines(output)) == sorted(str(row["id"]) for row in rows)
    assert {json.dumps(row["row"]) for row in lines(letter)} == {json.dumps(rows[n]) for n in (4, 10)}


@pytest.mark.parametrize("again", [False, True])
def test_the_order_of_the_rows(tmp_path: Path, *, again: bool) -> None:
    """It is kept on request, also over runs, and equal rows stand where they stood."""
    output, rows = tmp_path / "o.jsonl", [*ROWS, ROWS[2]]
    if again:
        run(ScriptedEngine(), output, rows[4:7], ordered=True)
    run(ScriptedEngine(), output, rows, ordered=True)
    assert [row["id"] for row in lines(output)] == [row["id"] for row in rows]


def test_an_error_of_every_row_ends_the_job(tmp_path: Path) -> None:
    """The row is given back, not failed: the next run sends it."""
    output = tmp_path / "o.jsonl"
    rows = [{"id": n, "text": f"row {n}"} for n in range(2_000)]
    engine = ScriptedEngine(lambda text: AuthenticationFailed("the key is refused") if text == "row 700" else None)
    with pytest.raises(AuthenticationFailed, match="the key is refused") as caught:
        run(engine, output, rows)
    assert len(engine.asked) < 1_100
    assert caught.value.run.succeeded == len(lines(output)) == len(engine.asked) - 1
    engine.fails = lambda _: None
    assert run(engine, output, rows).succeeded == 2_000


@pytest.mark.parametrize(("most", "asked"), [(20, 256), (0, 600)])
def test_too_many_failures_in_a_row_end_the_job(tmp_path: Path, most: int, asked: int) -> None:
    """Unless any number may fail."""
    engine = ScriptedEngine(lambda _: InvalidRequest("model: not found"))
    rows = [{"id": n, "text": f"row {n}"} for n in range(600)]
    try:
        run(engine, tmp_path / "o", rows, give_up_after=most)
        ended = ""
    except UsageError as error:
        ended = error.message
    assert len(engine.asked) == asked
    assert ended == ("20 rows in a row failed, the last with InvalidRequest: model: not found" if most else "")


def test_being_asked_to_end(tmp_path: Path) -> None:
    """No row is read any more, and the summary says who asked."""
    rows = [{"id": n, "text": f"row {n}"} for n in range(2_000)]

    async def asked() -> bulk.BulkSummary:
        stop, engine = bulk.BulkStop(), ScriptedEngine()
        engine.between = lambda: stop.request("SIGTERM")
        async with AsyncClient(api_key="sk-ant-example", model="claude-haiku-4-5") as client:
            return await bulk.run_async(
                rows,
                tmp_path / "o",
                template="{text}",
                client=client,
                engine=engine,
                stop=stop,
                params={"max_tokens": 9},
            )

    summary = asyncio.run(asked())
    assert summary.stopped == "SIGTERM"
    assert 0 < summary.succeeded < 1_000
    assert run(ScriptedEngine(), tmp_path / "o", rows).succeeded == 2_000


def test_only_rows_that_were_sent_are_in_doubt(tmp_path: Path) -> None:
    """After a kill: those that the workers had, and not those that were read ahead."""
    marks: list[int] = []

    async def asked() -> None:
        stop = bulk.BulkStop()

        class Silent:
            async def send(self, _: Any) -> Any:
                marks.append((tmp_path / "o.journal" / "started").stat().st_size // 17)
                if len(marks) == 4:
                    stop.request("SIGTERM")
                await asyncio.Event().wait()

            async def close(self) -> None:
                """Do nothing."""

        client = AsyncClient(api_key="sk-ant-example", transport=Silent(), model="claude-haiku-4-5")
        with BulkJournal(tmp_path / "o", direct=True) as journal, closing(SeenRows()) as seen:
            engine = LocalEngine(client, concurrency=4, mark=journal.begin)
            feeder = RowFeeder(RequestMaker(Template("{text}"), params={"max_tokens": 9}), journal, seen, engine)

            async def work() -> AsyncGenerator[Sequence[BulkRequest], None]:
                yield feeder.next([{"id": n, "text": f"row {n}"} for n in range(600)]).requests

            async def results() -> None:
                async for _ in engine.results(work()):
                    pass

            task = asyncio.create_task(results())
            await stop.asked.wait()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    asyncio.run(asked())
    assert marks == [1, 2, 3, 4]
    assert run(ScriptedEngine(), tmp_path / "o").in_doubt == 4


def test_what_an_engine_raises_ends_the_job(tmp_path: Path) -> None:
    """What was finished stays so."""

    def broken() -> None:
        raise KeybearerError("the cluster is gone")

    engine = ScriptedEngine()
    engine.between = broken
    with pytest.raises(KeybearerError, match="the cluster is gone"):
        run(engine, tmp_path / "o")
    assert len(lines(tmp_path / "o")) == 10


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"engine": "zork"}, "no engine 'zork'"),
        ({"concurrency": 0}, "concurrency"),
        ({"client": object()}, "no AsyncClient"),
        ({"template": "none"}, "no column"),
    ],
)
def test_options_that_cannot_be_used(tmp_path: Path, options: dict[str, Any], says: str) -> None:
    """They are refused before a row is read."""
    with pytest.raises(UsageError, match=says):
        run(options.pop("engine", ScriptedEngine()), tmp_path / "o", **options)
    with pytest.raises(TypeError, match="no argument 'ordred'. Did you mean ordered"):
        run(ScriptedEngine(), tmp_path / "o", ordred=True)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"template": {"modle": "m", "prompt": "{text}"}}, "no parameter 'modle' of a request. Did you mean model?"),
        ({"params": {"max_tokns": 5}}, "'max_tokns'.*Did you mean max_tokens"),
        ({"client": AsyncClient(api_key="sk-ant-example", model="m"), "params": {}}, "No row has max_tokens"),
        ({"client": AsyncClient(api_key="sk-ant-example"), "params": {"max_tokens": 5}}, "No row has model"),
        ({"params": {"max_tokens": 5, "temperature": "hot"}}, "Every row would be refused: temperature"),
        ({"params": {"max_tokens": 5, "system": 5}}, "Every row would be refused: system"),
        ({"params": {"max_tokens": 5, "timeout": "soon"}}, "timeout"),
        ({"template": {"max_tokens": 5}}, "names no column"),
        ({"template": {"system": "{text}"}}, "needs messages"),
    ],
)
def test_what_every_row_would_fail_with(tmp_path: Path, given: dict[str, Any], says: str) -> None:
    """It is refused before a row is sent."""
    engine = ScriptedEngine()
    with pytest.raises(UsageError, match=says):
        run(engine, tmp_path / "o", **given)
    assert (engine.asked, (tmp_path / "o").exists()) == ([], False)


def test_within_an_event_loop() -> None:
    """The call that blocks says what to write instead."""

    async def inside() -> None:
        with pytest.raises(UsageError, match="run_async"):
            bulk.run([], "o")

    asyncio.run(inside())
