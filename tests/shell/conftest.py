"""What the tests of transports have: one of each kind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from keybearer.shell.transports.base import TransportOptions
from support.transports import ADAPTERS, Make


@pytest.fixture(params=ADAPTERS)
def make(request: pytest.FixtureRequest) -> Iterator[Make]:
    """Make transports of one kind, closed at the end."""
    made: list[Any] = []

    def build(**options: Any) -> Any:
        made.append(ADAPTERS[request.param](TransportOptions(**options)))
        return made[-1]

    yield build
    for transport in made:
        transport.close()
