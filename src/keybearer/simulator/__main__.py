"""`python -m keybearer.simulator`: the same as `keybearer simulate`."""

from __future__ import annotations

import sys

from keybearer.simulator.extra import loading, need_extra

try:
    need_extra()
except ImportError as error:
    sys.exit(f"python -m keybearer.simulator: {error}")

with loading():
    from keybearer.simulator.process.command import main

sys.exit(main())
