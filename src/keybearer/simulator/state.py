"""Everything that one twin remembers, in one place, so that `reset` is a new one."""

from __future__ import annotations

from keybearer.simulator.caching import PromptCache
from keybearer.simulator.clock import Clock
from keybearer.simulator.connections import Connections
from keybearer.simulator.ids import Ids
from keybearer.simulator.journal import Journal
from keybearer.simulator.options import Options
from keybearer.simulator.rules import check_names

__all__ = ["State"]


class State:
    """The twin's memory.

    Args:
        options: How it behaves.
    """

    def __init__(self, options: Options) -> None:
        check_names(options.lenient)
        self.options = options
        self.clock = Clock()
        if options.frozen:
            self.clock.freeze()
        self.connections = Connections()
        self.journal = Journal()
        self.reset()

    def reset(self) -> None:
        """Forget everything that requests have left behind; the clock keeps its time."""
        self.ids = Ids(self.options.seed)
        self.cache = PromptCache(self.clock)
        self.journal.clear()
