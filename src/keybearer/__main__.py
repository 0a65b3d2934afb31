"""`python -m keybearer`: the command line."""

import sys

from keybearer.cli import program

sys.exit(program())
