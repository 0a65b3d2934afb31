"""The record on its server: changed by compare-and-set, with what could not be written before."""

from __future__ import annotations

import logging

import pytest

from keybearer.credentials.stores.register import RegisterError
from keybearer.credentials.stores.shared_record import SharedRecord
from support.logins import HandClock
from support.registers import MemoryRegister, Server, server_with


@pytest.fixture
def server() -> Server:
    """A server with a login."""
    return server_with(HandClock())


def record_of(server: Server, register: MemoryRegister | None = None) -> SharedRecord:
    """Return one process's way to the record."""
    return SharedRecord(register or MemoryRegister(server), "the login", lambda: server.clock.mono)


def test_a_step_is_taken_again_from_what_another_machine_wrote(server: Server) -> None:
    """Who was second takes its step from the first one's record, so no change is lost."""
    first = record_of(server)
    taken: list[object] = []

    def between(what: str, done: bool) -> None:
        if (what, done) == ("set", False) and not taken:
            taken.append(first.change(lambda record, _: record.note({"rest": {"by": 1}})))

    second = record_of(server, MemoryRegister(server, between))
    after = second.change(lambda record, _: record.note({"spent": {"by": 2}}))
    assert after is not None
    assert after.notes == server.record["notes"] == {"rest": {"by": 1}, "spent": {"by": 2}}


def test_a_note_waits_for_the_next_change(server: Server) -> None:
    """Writing a note asks the server nothing; it is read at once, and goes with the next look."""
    server.down = True
    record = record_of(server)
    record.write("refused", {"generation": "x"})
    record.write("spent", None)
    assert record.read("refused") == {"generation": "x"}
    record.look()
    server.down = False
    record.look()
    assert "notes" not in server.record  # a second look within a second reads nothing
    server.clock.sleep(1)
    record.look()
    assert server.record["notes"] == {"refused": {"generation": "x"}}
    assert record_of(server).read("refused") == {}
    record.write("refused", None)
    record.change(lambda each, _: each)
    assert "notes" not in server.record


def test_a_token_that_was_not_sent_is_settled_once_the_server_is_back(server: Server) -> None:
    """A mark that could not be taken back is taken back with the next change, whatever that is."""
    record = record_of(server)
    held = record.change(lambda each, reading: each.take("host-1", reading.now))
    assert held is not None
    record.change(lambda each, reading: each.spend(held.fence, each.token_id, reading.now))
    server.down = True
    record.unspent(held.fence)
    assert server.record["spending"]["by"] == "host-1"
    server.down = False
    record.change(lambda each, _: each.release(held.fence))
    assert "spending" not in server.record


def test_that_the_server_went_and_came_back_is_a_line_each(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    """However often it is asked meanwhile."""
    record = record_of(server)
    with caplog.at_level(logging.WARNING):
        for down in (False, True, True, True, False, False):
            server.down = down
            server.clock.sleep(2)
            record.look()
    assert [each.message.partition(":")[0] for each in caplog.records] == [
        "the login cannot be used",
        "the login can be used again.",
    ]


def test_a_look_after_a_restart_says_that_the_login_is_still_the_newest(server: Server) -> None:
    """While its token is not due, the first process that looks writes the server's new history down."""
    server.history = "second"
    record_of(server).look()
    assert server.record["history"] == "second"
    server.history = "third"
    server.clock.sleep(3600)  # now it is due
    record_of(server).look()
    assert server.record["history"] == "second"


def test_another_kind_of_value_is_no_login(server: Server) -> None:
    """What somebody else keeps under the key is neither read nor replaced."""
    server.text = "[1, 2]"
    with pytest.raises(RegisterError, match="no login of keybearer"):
        record_of(server).change(lambda record, _: record)
    assert server.text == "[1, 2]"
