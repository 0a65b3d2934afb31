"""`python -m keybearer.simulator`: the same as `keybearer simulate`."""

from __future__ import annotations

import sys

from keybearer.simulator.command import main

sys.exit(main())
