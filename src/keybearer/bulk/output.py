"""The output of a job where it is not the results file itself: in the order of the rows, or as Parquet.

Contract: it is written when a run ends, whole and in one step, from the journal. What stands at its place before that is the one
of the run before, or nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from keybearer.shell.targets import writing

__all__ = ["check_output", "is_direct", "is_parquet", "write_output"]

_PARQUET: Final = frozenset({".parquet", ".pq"})


def is_parquet(path: Path) -> bool:
    """Return whether a file is Parquet, by the end of its name."""
    return path.suffix.lower() in _PARQUET


def is_direct(path: Path, *, ordered: bool) -> bool:
    """Return whether the results are written to the output as they come."""
    return not ordered and not is_parquet(path)


def check_output(path: Path) -> None:
    """Check that the output can be written, before anything is paid for.

    Raises:
        UsageError: It is Parquet, and pyarrow is not installed.
    """
    if is_parquet(path):
        from keybearer.bulk.parquet import arrow_module

        arrow_module()


def write_output(path: Path, lines: Iterable[bytes]) -> None:
    """Write results to the output.

    Args:
        path: The output.
        lines: The results' lines, in the order that is wanted.
    """
    with writing(path) as file:
        if is_parquet(path):
            from keybearer.bulk.parquet import write_parquet

            write_parquet(file, lines)
        else:
            file.writelines(lines)
