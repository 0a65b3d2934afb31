"""Ids in paths: each stays in its place, and none is sent that would lead to another path or that no service has given."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keybearer import errors as e
from keybearer.api.methods import methods
from keybearer.api.paths import path_to

LEADS_AWAY = [".", "..", "../models", "a/../../b", "..;x", ";x", "/etc", "a//b", "a/", "..\\models"]
ENCODED = ["%2e%2e", "%2E%2e/models", "%252e%252e", "%2f..%2fmodels", "a/%2e%2e", "%5c..", "%25252525252e%2e"]
NO_ID = ["a\nb", "a\r\nx-api-key: b", "a\0", "\x1b[2J", "a\u2028b", "\ud800"]


@pytest.mark.parametrize("value", [*LEADS_AWAY, *ENCODED, *NO_ID, "", " ", "\t"])
def test_an_id_that_leads_elsewhere_is_refused(value: str) -> None:
    """However often it is encoded: a proxy may decode a path before it resolves it. The error is a ValueError that names it."""
    with pytest.raises(e.UsageError, match="^(file_id is |Expected a non-empty value for `file_id`)") as caught:
        path_to("/v1/files/{file_id}", file_id=value)
    assert "\n" not in str(caught.value)
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize("value", [None, 5, True, b"file_1", ["file_1"], {"id": "file_1"}])
def test_an_id_is_text(value: Any) -> None:
    """The error says what it was given."""
    with pytest.raises(TypeError, match=f"file_id takes the id as text; it is of type {type(value).__name__}"):
        path_to("/v1/files/{file_id}", file_id=value)


def test_an_object_in_place_of_its_id_is_named_as_such() -> None:
    """The commonest slip: a file where its id is due."""

    class File:
        id = "file_1"

    file: Any = File()
    with pytest.raises(TypeError, match=r"it is of type File\. Give its \.id"):
        path_to("/v1/files/{file_id}", file_id=file)


def test_an_id_stays_in_its_place() -> None:
    """Slashes inside, question marks, percent signs and letters of every script are quoted."""
    assert path_to("/v1/files/{file_id}/content", file_id="a/b?c#d%41") == "/v1/files/a%2Fb%3Fc%23d%2541/content"
    assert path_to("/v1/models/{model_id}", model_id="größe x") == "/v1/models/gr%C3%B6%C3%9Fe%20x"


TAKES_IDS = sorted(name for name, method in methods().items() if "{" in method.path)


@given(
    name=st.sampled_from(TAKES_IDS),
    place=st.integers(0, 3),
    wrong=st.one_of(st.sampled_from([*LEADS_AWAY, *ENCODED, *NO_ID, "", None, 1.5, True, b"x", []])),
)
def test_no_method_of_the_table_takes_an_id_that_is_none(name: str, place: int, wrong: Any) -> None:
    """Whichever of its path parameters is wrong, it is refused and named, before there is anything to send."""
    method = methods()[name]
    given: dict[str, Any] = dict.fromkeys(method.needed, "x")
    places = [each for each in method.needed if "{" + each + "}" in method.path]
    bad = places[place % len(places)]
    with pytest.raises((TypeError, e.UsageError)) as caught:
        method.arguments(name, [], given | {bad: wrong})
    assert str(caught.value).startswith((f"{name}(): {bad} ", f"{name}(): Expected a non-empty value for `{bad}` "))


@given(name=st.sampled_from(sorted(methods())), which=st.integers(0, 9))
def test_every_method_of_the_table_names_what_is_missing_or_unknown(name: str, which: int) -> None:
    """A parameter that is left out, a misspelt one with the nearest name, and one too many by position."""
    method = methods()[name]
    given: dict[str, Any] = dict.fromkeys(method.needed, "x")
    if method.needed:
        left_out = method.needed[which % len(method.needed)]
        del given[left_out]
        with pytest.raises(TypeError, match=f"needs {left_out}"):
            method.arguments(name, [], given)
        given[left_out] = "x"
    meant = (*method.parameters, "timeout")[which % (len(method.parameters) + 1)]
    with pytest.raises(TypeError, match=f"{meant}z'.*Did you mean {meant}"):
        method.arguments(name, [], given | {f"{meant}z": 1})
    with pytest.raises(TypeError, match="by position"):
        method.arguments(name, ["x"] * (len(method.args) + 1), {})
