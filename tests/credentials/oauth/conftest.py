"""A login's file for the tests of refreshes."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.logins import (
    NOW,
    bundle,
    write_private,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """An expired bundle in a folder of its own."""
    return write_private(tmp_path / "logins" / "oauth.json", bundle(expires_at=NOW - 1, mine={"a": 1}))
