"""What the agents of the comparison can do: a folder of notes, a search, a calculation, and a report that somebody must allow."""

from __future__ import annotations

import time

__all__ = ["QUESTION", "calculate", "decide", "list_files", "read_file", "search", "write_report"]

QUESTION = "Add up the costs in the notes, and write a report."
NOTES = {"rent.txt": "Rent: 900", "food.txt": "Food: 350", "books.txt": "Books: 75", "ideas.txt": "Learn to sail."}


def _wait() -> None:
    time.sleep(0.2)  # as a disk or a service far away would take


def list_files(folder: str) -> str:
    """List the files of a folder.

    Args:
        folder: The folder.
    """
    _wait()
    return f"{folder}: {', '.join(NOTES)}"


def search(words: str) -> str:
    """Search all files, and return the lines that have the words.

    Args:
        words: The words.
    """
    _wait()
    return "\n".join(f"{name}: {text}" for name, text in NOTES.items() if words in text) or "Nothing has them."


def read_file(path: str) -> str:
    """Read a file.

    Args:
        path: The file.
    """
    _wait()
    if path not in NOTES:
        raise FileNotFoundError(f"/mnt/disk7/{path}")
    return NOTES[path]


def calculate(numbers: list[float]) -> float:
    """Add up numbers.

    Args:
        numbers: The numbers.
    """
    return sum(numbers)


def write_report(text: str) -> str:
    """Write the report.

    Args:
        text: Its text.
    """
    return f"Written: {len(text)} characters."


def decide(name: str, text: str) -> bool:
    """Return what somebody says to a call: a report of more than 1,000 is not to be written."""
    return not (name == "write_report" and "1325" in text)
