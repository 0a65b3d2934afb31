"""The spool of a block: what is finished is known to who carries the block out again, and to the next run of the job."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from keybearer.bulk import spool as module
from keybearer.bulk.journal import BulkJournal
from keybearer.bulk.lines import line_of
from keybearer.bulk.port import BulkRequest, BulkResult, RowError
from keybearer.bulk.spool import Spool, hold_folder, spool_folder, take_spooled
from keybearer.errors import UsageError
from keybearer.prices import Cost

REQUESTS = [BulkRequest(bytes([n]) * 16, {}, f'"id":{n}'.encode(), b"{}") for n in range(4)]
MESSAGE = {"content": [{"type": "text", "text": "yes"}], "usage": {"input_tokens": 2, "output_tokens": 3}}


def answered(request: BulkRequest) -> BulkResult:
    """Return an answer to a request."""
    cost = Cost(parts={"input": Decimal("0.25"), "output": Decimal("0.5")})
    return BulkResult(request.key, request.info, message=MESSAGE, text="yes", cost=cost, request_id="req_1")


def failed(request: BulkRequest) -> BulkResult:
    """Return a request's failure."""
    error = RowError(error_class="InvalidRequest", message="no", request_id="req_2", status=400)
    return BulkResult(request.key, request.info, error=error, source=request.source)


def test_a_block_that_is_carried_out_again(tmp_path: Path) -> None:
    """Its results are those that were written, line for line; one that was cut is not there."""
    first = [answered(REQUESTS[0]), failed(REQUESTS[1])]
    with Spool(tmp_path, "a") as spool:
        assert spool.finished(REQUESTS) == []
        spool.add(first)
    with (tmp_path / "a.jsonl").open("ab") as file:
        file.write(line_of(answered(REQUESTS[2]))[:-9])
    with Spool(tmp_path, "a") as spool:
        again = spool.finished(REQUESTS)
        spool.add([answered(REQUESTS[3])])
        assert [each.key for each in spool.finished(REQUESTS)] == [REQUESTS[n].key for n in (0, 1, 3)]
    assert [line_of(each) for each in again] == [line_of(each) for each in first]
    assert again[1] == first[1]
    assert (again[0].cost.usd, again[0].message) == (Decimal("0.75"), MESSAGE)


def test_a_cost_that_was_unknown_stays_unknown(tmp_path: Path) -> None:
    """It does not become nothing."""
    with Spool(tmp_path, "a") as spool:
        spool.add([answered(REQUESTS[0])._replace(cost=Cost(unknown=("no price",)))])
        assert [each.cost.usd for each in spool.finished(REQUESTS)] == [None]


def test_a_machine_without_the_folder(tmp_path: Path) -> None:
    """Nothing is made there, and nothing is known."""
    gone = tmp_path / "none"
    with Spool(gone, "a") as spool:
        spool.add([answered(REQUESTS[0])])
        assert spool.finished(REQUESTS) == []
    assert hold_folder(gone) is None
    assert not gone.exists()


def test_the_next_run_takes_what_is_finished(tmp_path: Path) -> None:
    """Each row once, also where the journal or two blocks have it already; the files are gone after it."""
    with BulkJournal(tmp_path / "out.jsonl", direct=True) as journal:
        folder = spool_folder(journal)
        with Spool(folder, "a") as spool:
            spool.add([answered(REQUESTS[0]), failed(REQUESTS[1])])
        with Spool(folder, "b") as spool:
            spool.add([failed(REQUESTS[1]), answered(REQUESTS[2])])
        assert take_spooled(journal) == 3
        assert (journal.totals.succeeded, journal.totals.failed, journal.totals.usd) == (2, 1, Decimal("1.50"))
        assert journal.unfinished([each.key for each in REQUESTS]) == {REQUESTS[3].key}
        assert [path.name for path in folder.iterdir()] == ["lock"]
        assert take_spooled(journal) == 0
    expected = [line_of(each) for each in (answered(REQUESTS[0]), failed(REQUESTS[1]), answered(REQUESTS[2]))]
    assert (tmp_path / "out.jsonl").read_bytes() == b"".join(expected)


def test_the_processes_of_an_earlier_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Their blocks are not touched while they live; several may be at work."""
    monkeypatch.setattr(module, "PATIENCE", 0.0)
    with BulkJournal(tmp_path / "out.jsonl", direct=True) as journal:
        folder = spool_folder(journal)
        held = [hold_folder(folder), hold_folder(folder)]
        with Spool(folder, "a") as spool:
            spool.add([answered(REQUESTS[0])])
        with pytest.raises(UsageError, match="still at work"):
            take_spooled(journal)
        for each in held:
            assert each is not None
            each.release()
        assert take_spooled(journal) == 1
