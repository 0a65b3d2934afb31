"""Times: texts that came, which can be used as a `datetime`."""

from __future__ import annotations

import copy
import datetime as dt
import json
from typing import Any

import pytest

from keybearer import ModelInfo
from keybearer.types.record import Record
from keybearer.types.timestamp import Timestamp, timestamp
from keybearer.wire.json import dumps, sendable

TEXT = "2026-05-14T08:30:00Z"
TIME = dt.datetime(2026, 5, 14, 8, 30, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("use", "result"),
    [
        (lambda t: t, TEXT),
        (lambda t: f"{t} {t:%d.%m.%Y}", f"{TEXT} 14.05.2026"),
        (lambda t: (t.year, t.tzinfo, t.isoformat()), (2026, dt.UTC, "2026-05-14T08:30:00+00:00")),
        (lambda t: (t.timestamp(), t.strftime("%H"), t.date()), (1778747400.0, "08", dt.date(2026, 5, 14))),
        (lambda t: (t == TIME, t == TIME, t == TEXT, t != TIME), (True, True, True, False)),
        (lambda t: (t < TIME, t <= TIME, t > TIME, t >= TIME), (False, True, False, True)),
        (lambda t: (t < "2027", t < "2027", t < Timestamp("2026-05-14T09:30:00+00:59")), (True, True, True)),
        (lambda t: (t - TIME, TIME - t, t - t), (dt.timedelta(0),) * 3),
        (lambda t: (t + dt.timedelta(days=1), t - dt.timedelta(days=1)), (TIME.replace(day=15), TIME.replace(day=13))),
        (lambda t: (t + "!", t.replace("Z", ""), t.replace(year=2027).year), (TEXT + "!", TEXT[:-1], 2027)),
        (lambda t: ({t: 1}[TEXT], json.dumps(t), sorted([t, "2025"])), (1, f'"{TEXT}"', ["2025", TEXT])),
        (lambda t: (copy.copy(t).year, copy.deepcopy(t).year), (2026, 2026)),
        (lambda t: dumps(sendable({"a": [t]})), f'{{"a":["{TEXT}"]}}'.encode()),
        (lambda t: dumps({"a": t}), f'{{"a":"{TEXT}"}}'.encode()),
    ],
)
def test_it_is_the_text_and_the_time(use: Any, result: Any) -> None:
    """What is done with a text gives a text, and what is done with a `datetime` what that gives."""
    assert use(Timestamp(TEXT)) == result


def test_only_a_time_becomes_one() -> None:
    """Any other text stays as it came; one without a zone is of UTC; an empty one has no year."""
    assert [type(timestamp(each)) for each in (TEXT, "soon", "", "2" * 99, 5, None)] == [
        Timestamp,
        *[str] * 3,
        int,
        type(None),
    ]
    assert timestamp("2026-05-14T08:30:00").datetime == TIME
    with pytest.raises(ValueError, match="Invalid isoformat"):
        assert Timestamp().year
    with pytest.raises(AttributeError, match="'_x'"):
        assert Timestamp(TEXT)._x  # type: ignore[attr-defined] # there is none


def test_the_times_of_values_and_records_are_timestamps() -> None:
    """They are written back as they came, in every way."""
    source = {"id": "m", "created_at": TEXT, "type": "model", "capabilities": {"batch": {"supported": True}}}
    info = ModelInfo.of(source)
    assert (info.created_at.year, info.retires_at, Record.of(source).created_at.year) == (2026, None, 2026)
    assert info.to_dict() == source
    assert json.loads(info.model_dump_json())["created_at"] == TEXT
    assert (
        type(info.model_dump()["created_at"])
        is type(ModelInfo(created_at=info.created_at).to_dict()["created_at"])
        is str
    )
    assert info.capabilities is not None
    assert info.capabilities.batch.supported is info.capabilities["batch"]["supported"] is True
