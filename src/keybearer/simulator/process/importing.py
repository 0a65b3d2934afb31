"""`keybearer simulate --import FILE --record OUT`: makes a recording from what other tools have written, and ends."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from keybearer.simulator.control.imports import import_file
from keybearer.simulator.control.recording import write_recording

__all__ = ["import_files"]


def import_files(files: Sequence[Path], out: Path | None, say: Callable[[str], None]) -> int:
    """Append the exchanges of files to a recording.

    Args:
        files: HAR files, cassettes and transcripts, in the order in which they are written.
        out: The recording.
        say: Takes each line about what was done, or why not.

    Returns:
        0; 2 if a file is none of these, a file cannot be read or written, or there was nothing to import.
    """
    if out is None:
        say("--import needs --record OUT, the recording to write")
        return 2
    try:
        found = [import_file(path) for path in files]
        exchanges = [each for imported in found for each in imported.exchanges]
        if exchanges:
            write_recording(out, exchanges)
    except (OSError, ValueError) as error:
        say(str(error))
        return 2
    for path, imported in zip(files, found, strict=True):
        say(f"{path}: {len(imported.exchanges)} exchanges of {imported.format} written to {out}")
        for line in imported.left_out:
            say(f"{path}: left out {line}")
    if not exchanges:
        say("there was nothing to import")
    return 0 if exchanges else 2
