"""What a process that holds reservations leaves behind when it dies."""

from __future__ import annotations

from pathlib import Path

import pytest

from keybearer.policy.spend_amounts import NOTHING, Amount
from keybearer.shell.spend_owner import DeadOwner, Owner

HELD = Amount(10, 5)


def left(folder: Path, text: str | None, name: str | None = None) -> DeadOwner:
    """Return a process that has died and left this text; None for no file at all."""
    owner = Owner(folder)
    assert DeadOwner.find(folder, owner.name) is None  # it lives
    owner.close()
    name = name or owner.name
    if text is not None:
        (folder / f"{name}.held").write_text(text)
    found = DeadOwner.find(folder, name)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("", NOTHING),
        ("\nsent 7 .\n", HELD),
        ("\nsent 8 .\n", NOTHING),
        ("\nsent 7 .\n\nended 7 3 2 .\n", Amount(3, 2)),
        ("\nsent 7 .\n\nended 7 3 2", HELD),  # cut by a full disk
        ("\nsent 7", NOTHING),  # cut, so it was not sent
        ("\nended 7 0 0 .\n", NOTHING),
        (None, HELD),  # nobody knows
    ],
)
def test_only_what_is_certain_is_given_back(tmp_path: Path, text: str | None, amount: Amount) -> None:
    """What was not said to be sent is given back; what has an end is booked with it; all else counts whole."""
    dead = left(tmp_path, text)
    assert dead.amount(7, HELD) == amount
    dead.close(remove=True)
    assert list(tmp_path.iterdir()) == []


def test_before_another_boot_nothing_is_certain(tmp_path: Path) -> None:
    """A power cut may have taken the last lines, so what has no end counts."""
    dead = left(tmp_path, "", "0123456789abcdef-aa")
    assert dead.amount(7, HELD) == HELD
    dead.close(remove=False)


def test_a_large_file_is_emptied(tmp_path: Path) -> None:
    """A process that goes on for long does not fill the disk."""
    owner = Owner(tmp_path)
    owner.mark_sent(1)
    [file] = tmp_path.iterdir()
    owner.trim()
    assert file.stat().st_size == len("\nsent 1 .\n")
    with file.open("ab") as more:
        more.write(bytes(1 << 20))
    owner.trim()
    assert file.stat().st_size == 0
    owner.mark_ended(1, HELD)
    assert file.read_text() == "\nended 1 10 5 .\n"
    owner.close()
