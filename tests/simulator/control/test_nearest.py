"""How a request differs from the nearest recorded one, in a few words."""

from __future__ import annotations

from keybearer.simulator.control.nearest import differences, nearest_body


def test_the_fields_that_differ_are_named_from_where_they_differ() -> None:
    """Up to three fields, with an excerpt from where each begins to differ, and the number of the others."""
    recorded = {
        "system": "a" * 100 + "one" + "b" * 100,
        "max_tokens": 5,
        "messages": [{"role": "user", "content": "x\ny"}],
    }
    sent = {
        "system": "a" * 100 + "two" + "b" * 100,
        "messages": [{"role": "user", "content": "x\nz"}, {"role": "user"}],
    }
    assert differences(sent, recorded) == (
        f'system: recorded "…{"a" * 16}one{"b" * 29}…", sent "…{"a" * 16}two{"b" * 29}…"; '
        'max_tokens: recorded "5", sent nothing; '
        'the length of messages: recorded "1", sent "2"; and 2 more'
    )
    assert differences("x", "x") == ""


def test_the_nearest_has_the_fewest_differences() -> None:
    """The number of the recorded request comes with it; without any there is none."""
    bodies = [(1, {"a": 1, "b": 1}), (2, {"a": 2, "b": 1}), (3, {"c": 1})]
    assert nearest_body({"a": 2, "b": 1, "d": 1}, bodies) == (2, {"a": 2, "b": 1})
    assert nearest_body({}, []) is None
