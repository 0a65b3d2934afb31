"""What one stream may hold."""

from __future__ import annotations

import pytest

from keybearer.wire.response.limits import MAX_EVENT_BYTES, StreamLimits


def test_an_event_may_be_as_large_as_a_whole_reply() -> None:
    """By default one event may have what a reply may that comes whole: 64 MiB."""
    from keybearer.shell.transports.base import MAX_BODY

    assert StreamLimits().event_bytes == MAX_BODY == 64 << 20
    assert StreamLimits(event_bytes=MAX_EVENT_BYTES).event_bytes == 1 << 30


@pytest.mark.parametrize(
    "limits",
    [{"event_bytes": 0}, {"event_bytes": (1 << 30) + 1}, {"text_bytes": 0}, {"blocks": 0}],
)
def test_a_limit_that_cannot_work_is_refused_by_name(limits: dict[str, int]) -> None:
    """A limit of nothing, or of more than can be held, is a mistake."""
    with pytest.raises(ValueError, match=next(iter(limits))):
        StreamLimits(**limits)
