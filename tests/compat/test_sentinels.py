"""The SDK's sentinels."""

from __future__ import annotations

from pathlib import Path

from keybearer.compat.sentinels import NOT_GIVEN, NotGiven, Omit, not_given, omit, stripped, without_sentinels


def test_sentinels_are_false_and_say_their_name() -> None:
    """As the SDK's."""
    assert not NOT_GIVEN
    assert not omit
    assert (repr(NOT_GIVEN), repr(Omit())) == ("NOT_GIVEN", "Omit")
    assert isinstance(not_given, NotGiven)


def test_they_are_taken_out_wherever_they_stand() -> None:
    """Beside arguments, in mappings, lists and tuples, however deep; None stays."""
    given = {
        "system": NOT_GIVEN,
        "stop_sequences": ["a", omit, "b"],
        "messages": [{"role": "user", "content": ({"type": "text", "text": "hi", "cache_control": Omit()}, None)}],
        "metadata": None,
    }
    assert without_sentinels(given) == {
        "stop_sequences": ["a", "b"],
        "messages": [{"role": "user", "content": ({"type": "text", "text": "hi"}, None)}],
        "metadata": None,
    }


def test_what_has_none_is_not_copied() -> None:
    """A long conversation stays the list that it was, so that what was encoded before is found again."""
    turns = [{"role": "user", "content": [{"type": "text", "text": "hi"}]}] * 3
    assert stripped(turns) is turns
    assert without_sentinels({"messages": turns})["messages"] is turns


def test_a_file_as_data_is_sent_as_base64(tmp_path: Path) -> None:
    """By its path or open, in a base64 source alone, as the SDK does; a file elsewhere is left for whoever takes it."""
    path = tmp_path / "a.png"
    path.write_bytes(b"\x89PNG")
    source = {"type": "base64", "media_type": "image/png", "data": path}
    sent = {"type": "base64", "media_type": "image/png", "data": "iVBORw=="}
    with path.open("rb") as file:
        asked = {"messages": [{"content": [{"source": source}, {"source": {**source, "data": file}}]}], "file": path}
        assert without_sentinels(asked) == {
            "messages": [{"content": [{"source": sent}, {"source": sent}]}],
            "file": path,
        }
    assert stripped([("name", path)]) == [("name", path)]
