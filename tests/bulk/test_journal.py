"""The journal: finished rows stay finished, rows under way are known, whatever is cut when."""

from __future__ import annotations

import errno
import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from keybearer.bulk import journal as module
from keybearer.bulk.journal import BulkJournal
from keybearer.bulk.port import NewLine
from keybearer.errors import UsageError

KEYS = [bytes([n]) * 16 for n in range(8)]


def line(key: bytes, *, good: bool = True) -> NewLine:
    """Return a result."""
    rest = (
        '"message":{"usage":{"input_tokens":2,"output_tokens":3}},"cost_usd":"0.5"' if good else '"error":{"class":"X"}'
    )
    text = f'{{"key":"{key.hex()}",{rest}}}\n'.encode()
    usage = {"input_tokens": 2, "output_tokens": 3} if good else None
    return NewLine(key, good, text, usage, Decimal("0.5") if good else None)


def killed(journal: BulkJournal) -> None:
    """Let a journal go as a kill would: nothing is folded, and the kernel frees the lock."""
    journal._is_open = False
    journal.close()


@pytest.mark.parametrize("direct", [True, False])
@pytest.mark.parametrize("fold", [1, 2, 100])
def test_a_run_that_was_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, direct: bool, fold: int) -> None:
    """What was written is finished, also what the index lacks; what was begun and is not finished was under way."""
    monkeypatch.setattr(module, "FOLD", fold)
    output = tmp_path / "out.jsonl"
    first = BulkJournal(output, direct=direct)
    first.begin(KEYS[:6])
    first.add([line(KEYS[0]), line(KEYS[1], good=False)])
    first.add([line(KEYS[2])])
    first.give_back([KEYS[5]])
    os.write(first._results, b'{"key":"0303')  # cut
    killed(first)
    with BulkJournal(output, direct=direct) as second:
        assert second.unfinished(KEYS) == set(KEYS[3:])
        assert second.in_doubt == 2
        totals = second.totals
        assert (totals.succeeded, totals.failed, totals.usd, totals.read, totals.written) == (2, 1, Decimal(1), 4, 6)
        second.add([line(KEYS[3])])
        assert [each[8:40] for each in second.lines()] == [key.hex().encode() for key in KEYS[:4]]
        assert list(second.lines(lambda: iter(KEYS[::-1]))) == [
            line(key, good=key != KEYS[1]).line for key in KEYS[3::-1]
        ]
    with BulkJournal(output, direct=direct) as third:
        assert (third.in_doubt, third.unfinished(KEYS)) == (1, set(KEYS[4:]))


def test_failed_rows_are_taken_out_to_be_sent_again(tmp_path: Path) -> None:
    """The others keep their lines; a process that is killed in between leaves either file, and a true index."""
    output = tmp_path / "out.jsonl"
    with BulkJournal(output, direct=True) as journal:
        journal.add([line(KEYS[0]), line(KEYS[1], good=False), line(KEYS[2])])
        assert journal.drop_failed() == 1
        assert journal.unfinished(KEYS[:3]) == {KEYS[1]}
        assert (journal.totals.succeeded, journal.totals.failed) == (2, 0)
        journal.add([line(KEYS[1])])
        journal.index.begin_rebuilding()
        output.write_bytes(line(KEYS[2]).line)  # as a kill after the file was replaced
        killed(journal)
    with BulkJournal(output, direct=True) as journal:
        assert journal.unfinished(KEYS[:3]) == {KEYS[0], KEYS[1]}


def test_one_process_at_a_time(tmp_path: Path) -> None:
    """A second one is refused, and the first is left alone."""
    with BulkJournal(tmp_path / "o", direct=True):
        with pytest.raises(UsageError, match="Another process is at this job"):
            BulkJournal(tmp_path / "o", direct=True)
    BulkJournal(tmp_path / "o", direct=True).close()


def test_an_output_that_is_of_no_job(tmp_path: Path) -> None:
    """It is not appended to."""
    (tmp_path / "o").write_text("mine\n")
    with pytest.raises(UsageError, match="no job has written it"):
        BulkJournal(tmp_path / "o", direct=True)


def test_an_output_that_is_gone_or_of_another_form(tmp_path: Path) -> None:
    """Its rows were paid for: they are not sent again in silence."""
    output = tmp_path / "o"
    with BulkJournal(output, direct=True) as journal:
        journal.add([line(KEYS[0])])
    with pytest.raises(UsageError, match="another order or form"):
        BulkJournal(output, direct=False)
    output.unlink()
    with pytest.raises(UsageError, match="1 rows of it were finished and paid for"):
        BulkJournal(output, direct=True)


def test_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers that still come are written into the reserve; a half of a line is taken back; nothing more is begun."""
    real, room = os.write, [60]

    def write(descriptor: int, data: Any) -> int:
        if (tmp_path / "o.journal" / "reserve").exists():
            if not room[0]:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            data = data[: room[0]]
            room[0] -= len(data)
        return real(descriptor, data)

    journal = BulkJournal(tmp_path / "o", direct=True)
    monkeypatch.setattr(os, "write", write)
    journal.add([line(KEYS[0])])
    assert "No space left" in journal.trouble
    monkeypatch.undo()
    journal.close()
    assert (tmp_path / "o").read_bytes() == line(KEYS[0]).line
    with BulkJournal(tmp_path / "o", direct=True) as again:
        assert (again.trouble, again.unfinished(KEYS[:2])) == ("", {KEYS[1]})


def test_a_line_that_a_person_has_put_there(tmp_path: Path) -> None:
    """It is left alone."""
    output = tmp_path / "o"
    with BulkJournal(output, direct=True) as journal:
        journal.add([line(KEYS[0])])
    with output.open("ab") as file:
        file.write(b"a note\n")
    with BulkJournal(output, direct=True) as journal:
        assert journal.unfinished(KEYS[:2]) == {KEYS[1]}
