"""The table of methods is the official SDK's, and a call's arguments go where they belong."""

from __future__ import annotations

import inspect
from datetime import UTC, date, datetime
from typing import Any

import anthropic
import pytest

from keybearer.api.methods import Method, methods, query_of
from keybearer.errors import UsageError
from tools.generate import made, wheel
from tools.wheel import HELPERS, OPTIONS, read_wheel

EVERY = methods()
OFFICIAL = anthropic.Anthropic(api_key="sk-ant-test")
POST = Method(http="POST", path="/v1/a/{a_id}/b/{b_id}", args=("b_id",), required=("name",), body=("name", "note"))
LIST = Method(http="GET", path="/v1/a", query={"at_gte": "at[gte]", "limit": "limit"}, headers={"place": "x-place"})


def test_the_generated_files_are_those_of_the_locked_sdk() -> None:
    """`make methods` would change nothing, and nothing of the SDK could not be read."""
    files, problems = made()
    assert problems == []
    for path, text in files.items():
        assert path.read_text(encoding="utf-8") == text, f"{path.name}: run `make methods`"


def test_every_method_of_the_sdk_is_in_the_table_or_has_its_reason() -> None:
    """The 397 methods with 286 pairs of HTTP method and path; the rest are helpers that make no call of their own."""
    assert {*EVERY, *HELPERS} == set(_names(OFFICIAL))
    assert len(EVERY) == 397
    assert len({(each.http, each.path) for each in EVERY.values()}) == 286


def _names(resource: Any, prefix: str = "") -> list[str]:
    """Return the dotted names of the methods of a client's resources, found as a user finds them."""
    found = []
    for name in dir(type(resource)):
        member = inspect.getattr_static(type(resource), name)
        if name.startswith(("_", "with_")):
            continue
        if type(member).__name__ == "cached_property" and hasattr(member, "func"):
            value = getattr(resource, name)
            if type(value).__module__.startswith("anthropic.resources"):
                found += _names(value, f"{prefix}{name}.")
        elif prefix and inspect.isfunction(member):
            found.append(f"{prefix}{name}")
    return found


def test_names_and_required_parameters_are_the_sdk_s() -> None:
    """The SDK's own signature, as `inspect` gives it, has each row's parameters and needs the same ones."""
    for name, method in EVERY.items():
        function: Any = OFFICIAL
        for part in name.split("."):
            function = getattr(function, part)
        theirs = {key: each for key, each in inspect.signature(function).parameters.items() if key not in OPTIONS}
        if name.endswith(("messages.create", "messages.count_tokens")):
            theirs.pop("output_format", None)  # which the SDK turns into output_config
        assert set(method.parameters) - {"output_format"} == set(theirs), name
        needed = {key for key, each in theirs.items() if each.default is inspect.Parameter.empty}
        assert set(method.needed) == needed, name
        by_place = [key for key, each in theirs.items() if each.kind is each.POSITIONAL_OR_KEYWORD]
        assert list(method.args) == by_place, name


def test_nothing_of_the_sdk_is_passed_over_in_silence() -> None:
    """What the script does not know is a problem with its place: a row that it cannot read is not a row that is left out."""
    rows, problems = read_wheel(wheel())
    assert len(rows) + len(problems) + len(HELPERS) == len(_names(OFFICIAL))


def test_arguments_go_where_they_belong() -> None:
    """Path, body, query and headers; what is not given is not sent, and None is null in a body and nothing elsewhere."""
    made = POST.arguments("a.b", ["b/1"], {"a_id": "ä b", "name": None, "extra_body": {"new": 1}, "timeout": 5})
    assert (made.path, made.body) == ("/v1/a/%C3%A4%20b/b/b%2F1", {"name": None, "new": 1})
    assert made.options == {"extra_body": {"new": 1}, "timeout": 5}
    made = LIST.arguments("a.list", [], {"at_gte": datetime(2026, 1, 2, tzinfo=UTC), "limit": None, "place": "here"})
    assert made.query == {"at[gte]": "2026-01-02T00:00:00+00:00"}
    assert (made.headers, made.body) == ({"x-place": "here"}, None)


@pytest.mark.parametrize(
    ("method", "args", "given", "words"),
    [
        (POST, [], {"a_id": "a", "name": "n"}, r"x\(\) needs b_id\."),
        (POST, ["b"], {}, r"x\(\) needs a_id, name\."),
        (POST, ["b", "c"], {}, r"was given 2 arguments by position; it takes 1 by position \(b_id\)"),
        (LIST, ["b"], {}, "it takes none by position"),
        (POST, ["b"], {"b_id": "b"}, "was given b_id twice"),
        (POST, ["b"], {"a_id": "a", "nmae": "n"}, "no parameter 'nmae'. Did you mean name?.*extra_body="),
        (LIST, [], {"limits": 1}, "no parameter 'limits'. Did you mean limit?.*extra_query="),
        (LIST, [], {"timeouts": 1}, "no parameter 'timeouts'. Did you mean timeout?"),
        (POST, [date(2026, 1, 1)], {"a_id": "a", "name": "n"}, r"x\(\): b_id takes the id as text; it is of type date"),
        (POST, [None], {"a_id": "a", "name": "n"}, r"x\(\): b_id takes the id as text; it is of type NoneType"),
    ],
)
def test_an_argument_that_is_missing_or_not_known_is_a_type_error(
    method: Method, args: list[Any], given: dict[str, Any], words: str
) -> None:
    """As of a function, with the nearest name."""
    with pytest.raises(TypeError, match=words):
        method.arguments("x", args, given)


def test_a_get_takes_no_body() -> None:
    """What would be dropped is refused."""
    with pytest.raises(UsageError, match="sends no body"):
        LIST.arguments("x", [], {"extra_body": {"a": 1}})


def test_a_parameter_that_is_the_whole_body_is_a_mapping() -> None:
    """Such as the target of `beta.organization.claude_tag.bundles.targets.create`."""
    method = EVERY["beta.organization.claude_tag.bundles.targets.create"]
    made = method.arguments("create", ["capp_1"], {"target": {"type": "x"}, "extra_body": {"y": 1}})
    assert made.body == {"type": "x", "y": 1}
    with pytest.raises(TypeError, match="takes target as a mapping; it is of type str"):
        method.arguments("create", ["capp_1"], {"target": "x"})


def test_a_query_is_written_as_the_service_reads_it() -> None:
    """Lists, mappings, times and truth values have a form; None has none."""
    given = {"a": [1, True, None], "b": {"gte": date(2026, 1, 2), "in": ["x"]}, "c": None, "d": False, "e": "ü"}
    assert query_of(given) == {"a[]": ["1", "true"], "b[gte]": "2026-01-02", "b[in][]": ["x"], "d": "false", "e": "ü"}
