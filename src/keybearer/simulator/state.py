"""All state of one simulator, in one place, so that `reset` can replace it.

What only some options need is loaded where they are read: a simulator is started for every test session, and for many tests.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import structs

from keybearer.simulator.control.bill_book import BillBook
from keybearer.simulator.control.client_findings import client_findings
from keybearer.simulator.control.journal import RequestJournal
from keybearer.simulator.control.script import Script
from keybearer.simulator.core.clock import SimulatedClock
from keybearer.simulator.core.ids import Ids
from keybearer.simulator.faults import FaultQueue
from keybearer.simulator.options import Options
from keybearer.simulator.rules import check_names
from keybearer.simulator.service.auth import API_KEY, OUR_KEY
from keybearer.simulator.service.cloud_tokens import CloudTokens
from keybearer.simulator.service.diagnostics import Diagnostics
from keybearer.simulator.service.federation import FederatedGrants, IdentityRule
from keybearer.simulator.service.grants import Grants
from keybearer.simulator.service.identity_provider import IdentityProvider
from keybearer.simulator.service.memory_stores import MemoryStores
from keybearer.simulator.service.prompt_cache import PromptCache
from keybearer.simulator.service.rate_limits import ServiceLimits
from keybearer.simulator.service.skills import SkillStore
from keybearer.simulator.service.stores import BatchStore, UploadStore
from keybearer.simulator.service.threads import MessageThreads

if TYPE_CHECKING:
    from keybearer.simulator.chaos.draws import Chaos
    from keybearer.simulator.chaos.report import RunReport
    from keybearer.simulator.control.replay import Recording
    from keybearer.simulator.control.scenario import ScriptedTurn

__all__ = ["State"]


def _scripted(options: Options) -> Sequence[ScriptedTurn]:
    if not options.scenario:
        return ()
    from keybearer.simulator.control.scenario_file import load_scenario

    return load_scenario(options.scenario)


def _federation_rules(options: Options) -> tuple[IdentityRule, ...]:
    if not options.federation:
        return ()
    from keybearer.simulator.control.federation_file import load_rules

    return load_rules(options.federation)


def _chaos(options: Options, clock: SimulatedClock) -> Chaos | None:
    if not options.chaos:
        return None
    from keybearer.simulator.chaos.draws import Chaos
    from keybearer.simulator.chaos.profile_file import load_profile

    return Chaos(load_profile(options.chaos), clock, options.seed)


def _recording(options: Options) -> Recording | None:
    if not options.replay:
        return None
    from keybearer.simulator.control.replay import Recording

    return Recording(options.replay, options.replay_ignore)


def _check_written(options: Options) -> None:
    """Check that the files can be written that are written at the end, or as requests come.

    Raises:
        OSError: One cannot.
    """
    if options.report:
        from keybearer.simulator.chaos.junit import check_report_file

        check_report_file(Path(options.report))
    if options.record:
        from keybearer.simulator.control.recording import check_record_file

        check_record_file(options.record)


class State:
    """The state of one simulator.

    Args:
        options: Its options.

    Attributes:
        lock: Held while a reply is decided, and by `reset`.
    """

    def __init__(self, options: Options) -> None:
        check_names(options.lenient)
        self.options = options
        self.lock = threading.RLock()
        self.token = options.token or secrets.token_urlsafe(16)
        self.clock = SimulatedClock(running_from=options.starts_at)
        if options.frozen:
            self.clock.freeze()
        self.journal = RequestJournal()
        self.bills = BillBook()
        self.faults = FaultQueue()
        self.script = Script(_scripted(options))
        self.rules_of_federation = _federation_rules(options)
        self.chaos = _chaos(options, self.clock)
        if self.chaos is not None:
            self.journal.listen(lambda entry: self.chaos.tally.done(entry) if self.chaos else None)
        self.recording = _recording(options)
        _check_written(options)
        self.reset()

    @property
    def required_key(self) -> str | None:
        """The only accepted key on a host that is not loopback; None where any fake key is accepted."""
        return None if self.options.is_loopback else OUR_KEY + self.token

    @property
    def api_key(self) -> str:
        """A key that is accepted."""
        return self.required_key or API_KEY

    def report(self) -> RunReport:
        """Return what the run has shown so far."""
        from keybearer.simulator.chaos.report import RunReport

        chaos, requests = self.chaos, self.journal.all()
        profile = None if chaos is None else chaos.profile
        return RunReport(
            profile=profile.name if profile else None,
            seeds=(profile.seed if profile else 0, self.options.seed),
            tolerate=profile.tolerate if profile else 0.0,
            requests=len(requests) if chaos is None else chaos.tally.requests,
            outcomes=[structs.replace(each) for each in chaos.tally.outcomes.values()] if chaos else (),
            findings=client_findings(requests),
            began=self.began,
            seconds=self.clock.now() - self.began,
        )

    def reset(self, *, clock: bool = False) -> None:
        """Forget all state that requests have left.

        A reply is decided under the same lock, so every request falls wholly before the reset or wholly after it.

        Args:
            clock: Set the clock to its start as well; otherwise it keeps its time.
        """
        with self.lock:
            if clock:
                self.clock.restart()
                if self.options.frozen:
                    self.clock.freeze()
            self._reset()

    def _reset(self) -> None:
        options = self.options
        self.began = self.clock.now()
        if self.chaos is not None:
            self.chaos.reset()
        self.ids = Ids(options.seed)
        self.cache = PromptCache(self.clock)
        self.diagnostics = Diagnostics()
        self.limits = ServiceLimits(options.tier, self.clock)
        self.grants = Grants(
            self.clock, access_seconds=options.access_token_seconds, grace_seconds=options.refresh_grace_seconds
        )
        self.identity_provider = IdentityProvider(self.clock)
        self.cloud_tokens = CloudTokens(self.clock)
        self.federation = FederatedGrants(self.clock, self.grants, self.identity_provider, self.rules_of_federation)
        self.files = UploadStore()
        self.batches = BatchStore()
        self.skills = SkillStore(self.clock, self.ids)
        self.memory_stores = MemoryStores(self.clock, self.ids)
        self.threads = MessageThreads(self.clock)
        self.journal.clear()
        self.bills.clear()
        self.faults.reset()
        self.script.reset()
        if self.recording is not None:
            self.recording.reset()
