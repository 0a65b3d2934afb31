"""Everything that one twin remembers, in one place, so that `reset` is a new one."""

from __future__ import annotations

import secrets
import threading

from keybearer.simulator.auth import API_KEY, OUR_KEY
from keybearer.simulator.caching import PromptCache
from keybearer.simulator.clock import Clock
from keybearer.simulator.connections import Connections
from keybearer.simulator.diagnostics import Diagnostics
from keybearer.simulator.faults import FaultQueue
from keybearer.simulator.grants import Grants
from keybearer.simulator.ids import Ids
from keybearer.simulator.journal import Journal
from keybearer.simulator.limits import RateLimits
from keybearer.simulator.options import Options
from keybearer.simulator.recording import Recording
from keybearer.simulator.rules import check_names
from keybearer.simulator.scenario import Script, load_scenario
from keybearer.simulator.stores import StoredBatch, StoredFile

__all__ = ["State"]


class State:
    """The twin's memory.

    Args:
        options: How it behaves.

    Attributes:
        lock: Held while a request is decided, and by `reset`.
    """

    def __init__(self, options: Options) -> None:
        check_names(options.lenient)
        self.options = options
        self.lock = threading.RLock()
        self.token = options.token or secrets.token_urlsafe(16)
        self.clock = Clock()
        if options.frozen:
            self.clock.freeze()
        self.connections = Connections()
        self.journal = Journal()
        self.faults = FaultQueue()
        self.script = Script()
        self._scenario = load_scenario(options.scenario) if options.scenario else []
        self.recording = Recording(options.replay) if options.replay else None
        self.reset()

    @property
    def required_key(self) -> str | None:
        """The only key that is good, on a host that is not loopback; None where any fake key is."""
        return None if self.options.is_loopback else OUR_KEY + self.token

    @property
    def api_key(self) -> str:
        """A key that is good."""
        return self.required_key or API_KEY

    def reset(self) -> None:
        """Forget everything that requests have left behind; the clock keeps its time.

        A request is decided under the same lock: one that comes meanwhile is wholly before or wholly after.
        """
        with self.lock:
            self._reset()

    def _reset(self) -> None:
        options = self.options
        self.ids = Ids(options.seed)
        self.cache = PromptCache(self.clock)
        self.diagnostics = Diagnostics()
        self.limits = RateLimits(options.tier, self.clock)
        self.grants = Grants(
            self.clock, access_seconds=options.access_token_seconds, grace_seconds=options.refresh_grace_seconds
        )
        self.files: dict[str, StoredFile] = {}
        self.batches: dict[str, StoredBatch] = {}
        self.journal.clear()
        self.faults.clear()
        self.script.clear()
        for turn in self._scenario:
            self.script.add(turn)

    def files_of(self, organization: str) -> frozenset[str]:
        """List the ids of the files that a caller may name."""
        return frozenset(file.id for file in list(self.files.values()) if file.organization in {organization, ""})
