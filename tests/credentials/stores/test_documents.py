"""JSON objects with odd members: no member costs another, and what is changed leaves the others as they came."""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable
from typing import Any

import pytest

from keybearer.credentials.stores.documents import MAX_FILE, changed, inner_object, parse_object
from keybearer.types.secret import Secret
from support.odd import ODD, with_odd


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_an_odd_member_costs_no_other(odd: bytes) -> None:
    """The members around it are read, whatever it is."""
    problem, document = parse_object(with_odd(odd, access_token="a", expires_in=3600, scopes=["x"], inner={"b": [1]}))
    assert problem == ""
    assert (document["access_token"], document["expires_in"], document["scopes"]) == ("a", 3600, ["x"])
    assert inner_object(document, "inner") == {"b": [1]}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_an_odd_member_is_given_back_as_it_came(odd: bytes) -> None:
    """A change among the others keeps its text, and the result is read as before; only a NUL becomes its escape."""
    after = changed(
        with_odd(odd, access_token="a", mine={"x": [1.50, None]}), {"access_token": "b", "expires_at": None}
    )
    assert odd.decode(errors="replace").partition(", ")[0].replace("\0", "\\u0000") in after.reveal()
    assert "\0" not in after.reveal()
    document = parse_object(after)[1]
    assert (document["access_token"], document["mine"]) == ("b", {"x": [1.5, None]})


@pytest.mark.parametrize("around", ["\ufeff", "\0", " \n\ufeff"])
def test_what_stands_around_an_object_does_not_matter(around: str) -> None:
    """Byte order marks, NULs and white space before it, and anything after its end, are no part of it."""
    assert parse_object(Secret(around + '{"a": 1}' + around + "trailing"))[1] == {"a": 1}


@pytest.mark.parametrize("size", range(1, 30))
def test_an_object_that_is_cut_short_is_none(size: int) -> None:
    """Whatever is missing at the end, it is no object: a token may be cut as well."""
    whole = '{"b": NaN, "a": {"c": "d\\"}"}}'
    assert len(whole) == 30
    assert parse_object(Secret(whole[:size]))[0] == "not_json"
    assert parse_object(Secret(whole))[0] == ""


def test_an_object_that_cannot_be_read_whole_can_be_opened() -> None:
    """An inner object with an odd member is there for whoever asks for it by name, and masks itself until then."""
    document = parse_object(Secret('{"login": {"token": "t", "odd": 1e999, "deep": {"x": NaN, "y": 2}}}'))[1]
    login = inner_object(document, "login")
    assert login is not None
    assert login["token"] == "t"
    assert inner_object(login, "deep") == {"y": 2}
    assert "'t'" not in repr(document) + repr(login)


def test_no_local_of_a_reader_shows_a_value(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever interrupts the reading of an odd object, a traceback with locals shows nothing of what it holds."""

    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    text = with_odd(ODD["NaN"], access_token="sk-ant-oat01-canary", inner={"token": "canary"})
    acts: dict[str, Callable[[], object]] = {
        "loads": lambda: parse_object(text),
        "dumps": lambda: changed(text, {"access_token": "b"}),
    }
    for name, act in acts.items():
        with monkeypatch.context() as patch:
            patch.setattr(f"keybearer.credentials.stores.documents.json.{name}", interrupt)
            with pytest.raises(KeyboardInterrupt) as caught:
                act()
        shown = "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format())
        assert "members = ***" in shown
        assert "sk-ant-oat01-canary" not in shown


def test_a_document_that_would_be_too_large_to_read_back_loses_its_largest_part() -> None:
    """What is changed and what must stay is kept; the largest of the rest goes first."""
    before = Secret(json.dumps({"refresh_token": "r" * 1000, "big": "x" * (MAX_FILE - 1200), "small": "y"}))
    after = changed(before, {"access_token": "a" * 1000}, keep=("refresh_token",))
    assert len(after) <= MAX_FILE
    assert parse_object(after)[1] == {"refresh_token": "r" * 1000, "small": "y", "access_token": "a" * 1000}


@pytest.mark.parametrize("value", [{"a": object()}, float, {"a": {1j: 2}}])
def test_a_value_that_cannot_be_written_is_left_out(value: Any) -> None:
    """The other changes are made all the same."""
    assert parse_object(changed(Secret("{}"), {"odd": value, "good": "\ud83d"}))[1] == {"good": "\ud83d"}
