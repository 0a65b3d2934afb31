"""A record gives what came, at any depth, as attributes and as items."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import pytest

from keybearer.types.api_object import APIObject
from keybearer.types.record import Record
from keybearer.wire.json import dumps_strict, sendable

SOURCE: dict[str, Any] = {
    "id": "sesn_1",
    "agent": {"id": "agent_1", "tools": [{"type": "bash", "config": {"on": True}}]},
    "metadata": {"team": "a b", "class": "x", "items": "3"},
    "tags": [["a"], [{"n": 1}]],
    "archived_at": None,
}


def session() -> Record:
    """Return a record of a copy of SOURCE."""
    return Record.of(copy.deepcopy(SOURCE))


def test_each_field_is_an_attribute_and_an_item_at_any_depth() -> None:
    """Objects in objects and in lists of lists are records."""
    record = session()
    assert isinstance(record, APIObject)
    assert record.agent.tools[0].config.on is True
    assert record["agent"]["tools"][0]["type"] == "bash"
    assert record.tags[1][0].n == 1
    assert record.archived_at is None
    assert record.agent is record.agent


def test_an_object_with_the_callers_own_keys_reads_like_a_mapping() -> None:
    """`metadata` has a mapping's methods, and its keys need not be names."""
    metadata = session().metadata
    assert dict(metadata) == {"team": "a b", "class": "x", "items": "3"} == metadata
    assert metadata["class"] == "x"
    assert next(iter(metadata.items())) == ("team", "a b")
    assert metadata["items"] == "3"
    assert metadata.get("none", 5) == 5
    assert "team" in metadata
    assert (len(metadata), list(metadata), list(metadata.values())) == (
        3,
        ["team", "class", "items"],
        ["a b", "x", "3"],
    )


def test_a_field_that_did_not_come_is_an_error_with_the_nearest_name() -> None:
    """Both ways of reading name what was meant."""
    with pytest.raises(AttributeError, match="no field 'agnet'; did you mean 'agent'"):
        session().agnet  # noqa: B018 - the access is the test
    with pytest.raises(KeyError, match="no field 'zzz'; it has id, agent"):
        session()["zzz"]
    assert not hasattr(session(), "nothing")
    with pytest.raises(AttributeError, match=r"it has k0, .*cut: it has") as caught:
        Record.of({f"k{n}": n for n in range(1000)}).other  # noqa: B018 - the access is the test
    assert len(str(caught.value)) < 400


def test_what_came_is_given_back_whole() -> None:
    """As a dict, as JSON, in a copy, in a pickle, in a request."""
    record = session()
    assert record.agent.id == "agent_1"  # read once, so that copies have something to leave behind
    assert record.to_dict() == record.to_param() == json.loads(record.to_json()) == SOURCE
    for same in (
        copy.copy(record),
        copy.deepcopy(record),
        pickle.loads(pickle.dumps(record)),  # noqa: S301 - our own
        Record.from_json(record.to_json()),
    ):
        assert same == record
        assert same.agent.id == "agent_1"
    assert json.loads(dumps_strict(sendable({"again": record.agent, "list": [record]}))) == {
        "again": SOURCE["agent"],
        "list": [SOURCE],
    }
    assert record != Record.of({"id": "sesn_2"})
    assert len({record, session()}) == 1


def test_a_record_is_dumped_under_pydantics_names() -> None:
    """At any depth, with what is to be left out."""
    record = session()
    assert record.model_dump() == SOURCE
    assert json.loads(record.model_dump_json()) == SOURCE
    made = Record.of({"type": "t", "a": {"b": None, "c": 1}, "d": [{"e": None}]})
    assert made.model_dump(exclude_none=True) == {"type": "t", "a": {"c": 1}, "d": [{}]}
    assert made.model_dump(include={"a": {"c"}}) == {"a": {"c": 1}}


def test_a_record_shows_what_it_has() -> None:
    """Its repr has the fields, and `dir` their names."""
    assert repr(Record.of({"id": "x", "n": {"a": 1}})) == "Record(id='x', n={'a': 1})"
    assert {"agent", "metadata", "to_dict"} <= set(dir(session()))
