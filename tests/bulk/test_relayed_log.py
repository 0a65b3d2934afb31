"""What another process logs, as it is logged here."""

from __future__ import annotations

import logging
import subprocess
import sys
import time

import pytest

from keybearer.bulk.relayed_log import LogLine, LogRelay, level_of_log, log_line

OTHER = """
import logging, threading
from keybearer.bulk.relayed_log import LogRelay
log = logging.getLogger("keybearer")
logging.getLogger().addHandler(logging.StreamHandler())
log.addHandler(logging.StreamHandler())
LogRelay(lambda line: print(tuple(line), flush=True)).begin(logging.INFO)
log.debug("too little")
threading.Thread(target=log.info, args=("%s of %d", "one", 2)).start()
"""


def test_a_process_hands_on_what_the_job_wants() -> None:
    """From the level on, in any thread; what the process itself has set up for its log prints none of it a second time."""
    command = [sys.executable, "-c", OTHER]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)  # noqa: S603 - our own
    (line,) = done.stdout.splitlines()
    assert line.startswith(f"({logging.INFO}, 'one of 2', ")
    assert done.stderr == ""


def test_a_traceback_comes_with_its_text() -> None:
    """It cannot be sent as it is."""
    taken: list[LogLine] = []
    try:
        raise ValueError("odd")
    except ValueError:
        record = logging.LogRecord("keybearer", logging.ERROR, "", 0, "it %s", ("failed",), sys.exc_info())
    LogRelay(taken.append).handle(record)
    assert taken[0].text.startswith("it failed\nTraceback")
    assert taken[0].text.endswith("ValueError: odd")


def test_it_is_logged_here_as_it_was_there(caplog: pytest.LogCaptureFixture) -> None:
    """With its time and its process, and a text that is no format."""
    then = time.time() - 5
    with caplog.at_level("WARNING", logger="keybearer"):
        assert level_of_log() == logging.WARNING
        log_line(LogLine(logging.ERROR, "100 %s done", then, 77))
    (record,) = caplog.records
    assert (record.getMessage(), record.levelname, record.created) == ("100 %s done", "ERROR", then)
    assert (record.process, record.name) == (77, "keybearer")


def test_the_logger_of_now_decides(caplog: pytest.LogCaptureFixture) -> None:
    """What it does not take any more is dropped; a level of 0 is that of no logger, and is never asked for."""
    with caplog.at_level("INFO", logger="keybearer"):
        log_line(LogLine(logging.DEBUG, "too little", 0.0, 1))
        logging.disable(logging.WARNING)
        try:
            assert level_of_log() == logging.WARNING + 1
            log_line(LogLine(logging.WARNING, "switched off", 0.0, 1))
        finally:
            logging.disable(logging.NOTSET)
        logger = logging.getLogger("keybearer")
        logger.setLevel(logging.NOTSET)
        root = logging.getLogger().level
        logging.getLogger().setLevel(logging.NOTSET)
        assert level_of_log() == 1
        logging.getLogger().setLevel(root)
    assert not caplog.records


def test_a_text_that_does_not_fit_its_arguments_ends_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """It is said on standard error, as `logging` does everywhere."""
    record = logging.LogRecord("keybearer", logging.ERROR, "", 0, "%d rows", ("x",), None)
    LogRelay(lambda _: None).handle(record)
    assert "TypeError" in capsys.readouterr().err
