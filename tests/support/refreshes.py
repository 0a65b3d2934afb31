"""One refresh of a login's file, and what it leaves beside the file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from keybearer.credentials.oauth.bundle_codec import BUNDLE
from keybearer.credentials.oauth.refresh import Refreshed, refresh
from keybearer.credentials.stores.file import FileStore
from support.logins import (
    Endpoint,
    HandClock,
    run,
)

OLD = "https://console.anthropic.com/v1/oauth/token"


PLATFORM = "https://platform.claude.com/v1/oauth/token"


def spend(path: Path, endpoint: Endpoint, clock: HandClock | None = None, **changes: Any) -> Refreshed:
    """Refresh the bundle of a file."""
    clock = clock or HandClock()
    store = FileStore(path, BUNDLE)
    rules = clock.rules(**changes.pop("rules", {}))
    return run(refresh(store, store.load().token_id, rules, **changes), endpoint, clock)


def leftovers(path: Path) -> list[str]:
    """What lies beside the bundle; the lock file and the notes belong there."""
    mine = {path.name, *(f".{path.name}.{ending}" for ending in ("lock", "rest", "spent"))}
    return sorted(p.name for p in path.parent.iterdir() if p.name not in mine)
