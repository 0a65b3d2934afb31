"""The knobs: what has no meaning is refused in words, before anything listens."""

from __future__ import annotations

import datetime as dt
import math
from pathlib import Path
from typing import Any

import pytest

from keybearer.simulator import Simulator


@pytest.mark.parametrize(
    ("knobs", "words"),
    [
        ({"tokens_per_second": -1}, "tokens_per_second is a number from 0 to 1,000,000,000, not -1"),
        ({"tokens_per_second": math.nan}, "tokens_per_second is a number from 0 to 1,000,000,000, not nan"),
        ({"time_to_first_token": math.inf}, "time_to_first_token is a number from 0 to 1,000,000,000, not inf"),
        ({"time_to_first_token": "soon"}, "time_to_first_token is a number from 0 to 1,000,000,000, not 'soon'"),
        ({"ping_interval": 0}, "ping_interval is a number from 0.001 to 1,000,000,000, not 0"),
        ({"batch_seconds": True}, "batch_seconds is a number from 0 to 1,000,000,000, not True"),
        ({"access_token_seconds": 0}, "access_token_seconds is a number from 1 to 1,000,000,000, not 0"),
        ({"refresh_grace_seconds": -0.5}, "refresh_grace_seconds is a number from 0 to 1,000,000,000, not -0.5"),
        ({"chunking": "0"}, "chunking is 'burst', 'event' or a number of bytes, not '0'"),
        ({"token": "a\udcff"}, "the token is printable ASCII without spaces, for a header carries it"),
        ({"token": "a b"}, "the token is printable ASCII without spaces, for a header carries it"),
        ({"host": "\x1b[2J"}, "listening on '\\x1b[2J' opens the simulator to the network: give a token as well"),
        ({"scenario": Path("/dev/zero")}, "/dev/zero: a scenario is at most 4,194,304 bytes"),
        ({"replay": Path("/dev/zero")}, "/dev/zero: it is not a file"),
        ({"on": dt.date(1999, 12, 31)}, "on is a day from 2000-01-01 to 2999-12-31, not 1999-12-31"),
        ({"port": 65536}, "port is a number from 0 to 65535, not 65536"),
    ],
)
def test_a_knob_that_has_no_meaning_is_refused(knobs: dict[str, Any], words: str) -> None:
    """The knob, what it takes and what it got are in the message."""
    with pytest.raises(ValueError, match=r"is|opens") as caught:
        Simulator(**knobs)
    assert str(caught.value) == words


def test_the_least_that_has_a_meaning_is_taken() -> None:
    """Zero is as fast as can be where that makes sense."""
    Simulator(tokens_per_second=0, time_to_first_token=0.0, ping_interval=0.001, batch_seconds=0, chunking="1", port=0)
