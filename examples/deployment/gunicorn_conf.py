"""gunicorn's configuration for a service that calls Claude; docs/deployment.md says why each line is there."""

from typing import Any

from keybearer import defer_signals

workers = 4
preload_app = False
"""Each worker makes its own client, with its own connections."""
timeout = 620
"""A worker that is silent for longer is killed: more than the longest call of a sync worker."""
graceful_timeout = 80
"""How long calls under way have after SIGTERM: less than `TimeoutStopSec` and `terminationGracePeriodSeconds`."""


def post_worker_init(_worker: Any) -> None:
    """Let a token refresh finish before a signal ends the worker: called after gunicorn has set its own handlers."""
    defer_signals()
