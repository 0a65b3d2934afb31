"""The folder of the tables that `tests/simulator/tools/make_tables.py` makes from the newest `anthropic` wheel."""

from pathlib import Path
from typing import Final

__all__ = ["DATA"]

DATA: Final = Path(__file__).parent
