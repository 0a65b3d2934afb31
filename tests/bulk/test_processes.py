"""The engine *local* in several processes: the same results as in one, whatever happens to the processes."""

from __future__ import annotations

import asyncio
import os
import pickle
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from keybearer import AsyncClient, UsageError, bulk
from keybearer.bulk.elsewhere import pickled
from keybearer.bulk.engines import EngineSetup
from keybearer.bulk.journal import BulkJournal
from keybearer.bulk.port import BulkRequest, failed_result
from keybearer.bulk.processes import ProcessesEngine
from keybearer.errors import ConfigError, KeybearerError, SpendLimitExceeded
from keybearer.simulator import Simulator

ROWS = [{"id": n, "text": f"row {n}"} for n in range(90)]


def options(sim: Simulator, **more: Any) -> dict[str, Any]:
    """Return the options of a job."""
    make = partial(AsyncClient, api_key=sim.api_key, base_url=sim.base_url, max_retries=0)
    made: dict[str, Any] = {"client": make(), "make_client": make, "processes": 2, "concurrency": 8}
    return {"template": "{text}", "params": {"model": "claude-haiku-4-5", "max_tokens": 20}, **made, **more}


def prompts(sim: Simulator) -> list[str]:
    """Return what was asked, in the order of the texts."""
    return sorted(each.json["messages"][0]["content"] for each in sim.requests if each.path == "/v1/messages")


def test_the_same_results_as_in_one_process(sim: Simulator, tmp_path: Path) -> None:
    """Each row is sent once, rows that fail say why, and the budget is one for all."""
    rows = [*ROWS, {"id": "long", "text": ""}]
    summary = bulk.run(rows, tmp_path / "o", **options(sim, max_budget_usd=5))
    assert (summary.succeeded, summary.failed, summary.under_way) == (90, 1, 0)
    assert [each for each in prompts(sim) if each] == sorted(str(row["text"]) for row in ROWS)
    assert "LintError" in (tmp_path / "o").read_text()
    assert bulk.run(rows, tmp_path / "o", **options(sim)).passed == 91


def test_a_process_that_dies_ends_the_job_and_a_stop_loses_nothing(
    sim: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Finished rows are kept; the next run sends the others once more. A job that is stopped lets what is under way finish."""
    sim.fail("slow", path="/v1/messages", seconds=0.05, times=1000)
    real = ProcessesEngine._feed
    happens: list[Any] = []

    async def feed(self: ProcessesEngine, work: Any) -> None:
        asyncio.get_running_loop().call_later(0.7, happens.pop(), self)
        await real(self, work)

    monkeypatch.setattr(ProcessesEngine, "_feed", feed)
    happens.append(lambda engine: os.kill(engine._children[0].process.pid, signal.SIGKILL))
    with pytest.raises(KeybearerError, match=r"has ended \(exit code -9\) with .* rows under way"):
        bulk.run(ROWS, tmp_path / "o", **options(sim))
    stop = bulk.BulkStop()
    happens.append(lambda _: stop.request("SIGTERM"))
    stopped = bulk.run(ROWS, tmp_path / "o", stop=stop, **options(sim))
    assert stopped.under_way == 0
    assert 0 < stopped.in_doubt <= 2 * 5  # of 90 rows: what the processes had, which send 4 at once each
    monkeypatch.undo()
    last = bulk.run(ROWS, tmp_path / "o", **options(sim))
    assert (last.succeeded, last.failed) == (90, 0)
    assert len(prompts(sim)) <= 90 + 2 * 5  # only that is sent again


def test_the_rows_that_the_other_processes_have_under_way_finish(
    sim: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only those of the process that died are in doubt; what was handed to none is not."""
    sim.fail("slow", path="/v1/messages", seconds=0.4, times=1000)
    real = ProcessesEngine._feed
    held: list[int] = []

    def kill(engine: ProcessesEngine) -> None:
        held.append(engine._children[0].has)
        os.kill(engine._children[0].process.pid, signal.SIGKILL)

    async def feed(self: ProcessesEngine, work: Any) -> None:
        asyncio.get_running_loop().call_later(1.5, kill, self)
        await real(self, work)

    monkeypatch.setattr(ProcessesEngine, "_feed", feed)
    with pytest.raises(KeybearerError, match=r"has ended \(exit code -9\)") as caught:
        bulk.run(ROWS, tmp_path / "o", **options(sim, concurrency=9))
    assert 0 < caught.value.run.under_way <= held[0] <= 5 + 1
    monkeypatch.undo()
    sim.reset()
    last = bulk.run(ROWS, tmp_path / "o", **options(sim))
    assert (last.succeeded, last.failed) == (90, 0)
    assert last.in_doubt == caught.value.run.under_way


def test_what_the_processes_log_is_logged_by_the_job(
    sim: Simulator, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """As far as the job's logger takes it, with the time and the process."""
    with caplog.at_level("WARNING", logger="keybearer"):
        bulk.run(ROWS[:20], tmp_path / "o", **options(sim))
    assert not caplog.records
    before = time.time()
    with caplog.at_level("DEBUG", logger="keybearer"):
        bulk.run(ROWS[:20], tmp_path / "p", **options(sim))
    sent = [each for each in caplog.records if "POST" in each.getMessage()]
    assert len(sent) == 20
    assert sorted(each.getMessage().partition("[")[2][:-1] for each in sent) == sorted(
        each.request_id for each in sim.requests[-20:]
    )
    assert all(before <= each.created <= time.time() and each.levelname == "DEBUG" for each in sent)
    assert len({each.process for each in sent} - {os.getpid()}) == 2


def test_a_client_that_cannot_be_made_in_a_process_ends_the_job(sim: Simulator, tmp_path: Path) -> None:
    """With its own error; no row has failed, and none is in doubt."""
    more = options(sim, make_client=partial(AsyncClient, base_url="ftp://example.invalid"))
    with pytest.raises(ConfigError) as caught:
        bulk.run(ROWS, tmp_path / "o", **more)
    assert (caught.value.run.failed, caught.value.run.under_way) == (0, 0)
    again = bulk.run(ROWS, tmp_path / "o", **options(sim))
    assert (again.succeeded, again.in_doubt, again.passed) == (90, 0, 0)


def test_what_makes_the_client_is_a_function_of_a_module(sim: Simulator, tmp_path: Path) -> None:
    """One of the program itself is not there in another process: that is said before one is started."""
    script = "from keybearer import AsyncClient\ndef make(): return AsyncClient()\n"
    done = started(tmp_path, sim, script + JOB.format(rows=6, concurrency=4, more=", make_client=make"))
    assert done.stdout.startswith("UsageError make_client is a function of the program itself"), done.stdout
    assert done.stderr == ""
    assert prompts(sim) == []


def test_the_processes_share_the_concurrency(tmp_path: Path) -> None:
    """No more are under way than were asked for, whatever the number divides into."""
    with BulkJournal(tmp_path / "o", direct=True) as journal:
        for concurrency, processes, shares in ((8, 3, [3, 3, 2]), (2, 4, [1, 1]), (1, 2, [1])):
            setup = EngineSetup(client=AsyncClient(api_key="sk-ant-example"), journal=journal, concurrency=concurrency)
            made = ProcessesEngine(setup, processes)
            assert [each.concurrency for each in made._setups] == shares


def test_a_budget_that_is_used(sim: Simulator, tmp_path: Path) -> None:
    """It is said in the job's words, in one process and in several: how many rows are done, and what to do."""
    with pytest.raises(SpendLimitExceeded) as one:
        bulk.run(ROWS, tmp_path / "o", **options(sim, processes=1, max_budget_usd="0.002"))
    done = one.value.run.succeeded
    assert 0 < done < 90
    assert str(one.value).startswith(
        f"The budget of $0.002 is used: {done} of 90 rows are done. The next may cost up to $0.0"
    )
    assert str(one.value).endswith("Run it again with a larger --max-budget-usd (max_budget_usd= in Python).")
    with pytest.raises(SpendLimitExceeded, match=r"The budget of \$0.002 is used: \d+ of 90 rows are done"):
        bulk.run(ROWS, tmp_path / "o", **options(sim, max_budget_usd="0.002"))


def test_what_cannot_be(tmp_path: Path) -> None:
    """More processes than requests under way, another engine, and a client that cannot be made elsewhere are refused in words."""
    for given, words in (
        ({"processes": 0}, "from 1 to 64"),
        ({"processes": 65}, "from 1 to 64"),
        ({"processes": 2, "engine": "batches"}, "engine local"),
        ({"processes": 2, "make_client": lambda: None}, "cannot be sent to another process"),
    ):
        client = AsyncClient(api_key="sk-ant-example", model="claude-haiku-4-5")
        with pytest.raises(UsageError, match=words):
            bulk.run(ROWS, tmp_path / "o", client=client, template="{text}", params={"max_tokens": 9}, **given)


def started(folder: Path, sim: Simulator, script: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a program in a folder of its own, which must end by itself."""
    environ = {"ANTHROPIC_BASE_URL": sim.base_url, "ANTHROPIC_API_KEY": sim.api_key, "HOME": str(folder), **more}
    return subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-P", "-c", script],
        cwd=folder,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


JOB = """
import asyncio, sys
from keybearer import AsyncClient, bulk
rows = [{{"id": n, "text": "row %d" % n}} for n in range({rows})]
try:
    done = bulk.run(rows, "o.jsonl", template="{{text}}", params={{"model": "claude-haiku-4-5", "max_tokens": 20}},
                    client=AsyncClient(), processes=2, concurrency={concurrency}{more})
    print(done.succeeded, done.failed)
except Exception as error:
    print(type(error).__name__, error)
"""


def test_nothing_of_the_working_folder_is_run_in_a_process(sim: Simulator, tmp_path: Path) -> None:
    """A folder that was downloaded may hold a file with the name of any module."""
    for name in ("uvloop", "calendar", "keybearer"):
        (tmp_path / f"{name}.py").write_text("import os; open('owned', 'a').write(os.environ['ANTHROPIC_API_KEY'])")
    done = started(tmp_path, sim, JOB.format(rows=6, concurrency=4, more=""))
    assert done.stdout == "6 0\n", done.stderr
    assert not (tmp_path / "owned").exists()


def test_a_process_that_dies_while_it_has_much_to_say_ends_the_job(sim: Simulator, tmp_path: Path) -> None:
    """What the others still say is read: they would wait for that, and the job for them."""
    sim.script("x" * 100_000, times="always")  # type: ignore[arg-type]
    script = """
import os
from keybearer.bulk import job_loop
from keybearer.bulk.processes import ProcessesEngine
job_loop.TICK = 0.01
made, real = [], ProcessesEngine._started
async def begin(self, asked):
    made.append(await real(self, asked))
    return made[-1]
ProcessesEngine._started = begin
def kill(progress):
    if progress.done >= 8 and made:
        os.kill(made.pop().process.pid, 9)
        made.clear()
"""
    done = started(tmp_path, sim, script + JOB.format(rows=400, concurrency=64, more=", on_progress=kill"))
    assert "A process of the job has ended (exit code -9)" in done.stdout, done.stdout + done.stderr


def test_what_goes_wrong_in_a_process_ends_it(sim: Simulator, tmp_path: Path) -> None:
    """A client that cannot be made, for whatever reason, is no job that waits for ever."""
    (tmp_path / "made.py").write_text("def make():\n    raise ValueError('no such thing')\n")
    script = "import sys; sys.path.insert(0, '.')\nimport made\n" + JOB.format(
        rows=6, concurrency=4, more=", make_client=made.make"
    )
    done = started(tmp_path, sim, script)
    assert "A process of the job has ended (exit code 1)" in done.stdout, done.stdout + done.stderr
    assert "ValueError: no such thing" in done.stderr
    assert "uvloop" not in done.stderr


def test_the_key_of_the_environment_goes_to_no_other_address(sim: Simulator, tmp_path: Path) -> None:
    """A client with an address of its own has to be made by the caller in each process."""
    client = AsyncClient(api_key=sim.api_key, base_url=sim.base_url + "/gateway")
    with pytest.raises(UsageError, match="which does not name http://127.0.0.1:.*/gateway"):
        bulk.run(ROWS, tmp_path / "o", **{**options(sim), "client": client, "make_client": None})
    assert not sim.requests


def test_a_row_that_cannot_be_sent_to_a_process_fails_alone(sim: Simulator, tmp_path: Path) -> None:
    """The others are answered."""
    rows = [
        {"messages": [{"role": "user", "content": f"row {n}"}], "model": "claude-haiku-4-5", "max_tokens": 9}
        for n in range(6)
    ]
    rows[3]["metadata"] = MappingProxyType({"user_id": "u"})
    done = bulk.run(rows, tmp_path / "o", **{**options(sim), "template": None, "params": None})
    assert (done.succeeded, done.failed) in {(5, 1), (6, 0)}  # it is sent where the row was made plain before


class OddError(ValueError):
    """An error that cannot be read again."""

    def __init__(self, one: str, two: str) -> None:
        super().__init__(one + two)


def test_an_error_that_cannot_be_read_again_keeps_its_words() -> None:
    """It pickles, and what comes of that is no error."""
    failed = failed_result(BulkRequest(key=b"k" * 16, params={}, info=b""), OddError("a", "b"))
    sent = pickle.loads(pickled(failed))  # noqa: S301 - made in this line
    assert (sent.raised, sent.error.error_class, sent.error.message) == (None, "OddError", "ab")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
@pytest.mark.parametrize("processes", [1, 2])
def test_a_dead_letter_file_that_is_full_loses_no_answer(sim: Simulator, tmp_path: Path, processes: int) -> None:
    """The job ends in words that name the file, and what was answered is kept."""
    rows = [*ROWS[:20], {"id": "bad", "text": ""}, *ROWS[20:40]]
    with pytest.raises(UsageError, match="The dead-letter file '/dev/full' cannot be written: No space left"):
        bulk.run(rows, tmp_path / "o", **options(sim, dead_letter="/dev/full", processes=processes))
    assert len((tmp_path / "o").read_text().splitlines()) == len(prompts(sim)) + 1
