"""`python -m keybearer`: the command line."""

import sys

from keybearer.cli import main

sys.exit(main())
