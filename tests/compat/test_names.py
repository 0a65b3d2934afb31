"""Each name of the official SDK is here, or is missing for a reason."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import anthropic
import anthropic.lib
import anthropic.lib.streaming
import pytest
from anthropic import types
from anthropic.types import beta

from keybearer import compat
from keybearer.compat import _types as own_types
from keybearer.compat import unavailable
from keybearer.compat.lib import async_files_from_dir, files_from_dir
from keybearer.compat.missing import MISSING
from keybearer.errors import UsageError

MODULES = {"TypeAlias", "annotations"}
"""What the SDK's modules have of Python's."""


def public(module: Any) -> set[str]:
    """Return the names that a module of the SDK is imported for."""
    given = {name for name in vars(module) if name[0].isupper() and "[" not in name}
    return (given | set(getattr(module, "__all__", ()))) - MODULES


def test_every_name_of_the_sdk_is_here_or_missing_for_a_reason() -> None:
    """Neither list has a name of the other."""
    theirs = public(anthropic)
    assert len(theirs) > 140
    assert sorted(name for name in theirs if not hasattr(compat, name) and name not in MISSING) == []
    assert [name for name in MISSING if hasattr(compat, name)] == []


def test_a_missing_name_says_why() -> None:
    """The reason stands in the error; an unknown name has none."""
    with pytest.raises(AttributeError, match="no attribute 'Middleware': on_request=..., on_response=..."):
        compat.Middleware  # noqa: B018 - the access is the test
    with pytest.raises(AttributeError, match="no attribute 'Anthropc'$"):
        compat.Anthropc  # noqa: B018 - as above


@pytest.mark.parametrize(
    ("theirs", "ours"), [(types, compat.types), (beta, __import__("keybearer.compat.types.beta", fromlist=["x"]))]
)
def test_every_type_resolves(theirs: Any, ours: Any) -> None:
    """What `types` and `types.beta` export is here."""
    exported = {name for name in vars(theirs) if not name.startswith("_") and name not in MODULES}
    exported = {name for name in exported if name[0].isupper()}
    assert len(exported) > 500
    assert {name for name in exported if not hasattr(ours, name)} == set()


def test_the_types_of_arguments_are_the_sdks() -> None:
    """What programs import from `_types` and the submodules that they reach by attribute are the SDK's names."""
    assert [name for name in own_types.__all__ if not hasattr(anthropic._types, name)] == []
    assert compat.resources.messages.Messages is compat.resources.Messages
    assert compat._types.Omit is compat.Omit


def test_every_name_of_the_streams_is_here() -> None:
    """`anthropic.lib.streaming` too."""
    from keybearer.compat.lib import streaming

    assert public(anthropic.lib.streaming) <= set(streaming.__all__)


@pytest.mark.parametrize("name", unavailable.__all__)
def test_what_has_no_counterpart_can_be_imported_and_refuses_to_be_used(name: str) -> None:
    """One clear error, with what to do instead."""
    with pytest.raises(UsageError) as caught:
        getattr(unavailable, name)(anything=1)
    assert name in caught.value.message
    assert caught.value.hint


def test_the_refusal_of_an_http_client_names_the_transport() -> None:
    """Both of the SDK's ways of giving one."""
    with pytest.raises(UsageError, match="transport="):
        compat.DefaultHttpxClient(proxy="http://127.0.0.1:1")
    with pytest.raises(UsageError, match=r"Anthropic\(http_client=...\).*transport="):
        compat.Anthropic(api_key="sk-ant-test", http_client=object())
    compat.Anthropic(api_key="sk-ant-test", http_client=None).close()


def test_files_are_read_as_the_sdk_reads_them(tmp_path: Path) -> None:
    """A file, and a folder with its name before each file's."""
    folder = tmp_path / "skill"
    (folder / "more").mkdir(parents=True)
    (folder / "SKILL.md").write_bytes(b"one")
    (folder / "more" / "a.py").write_bytes(b"two")
    path = str(folder / "SKILL.md")
    assert compat.file_from_path(path) == anthropic.file_from_path(path)
    theirs: list[Any] = anthropic.lib.files_from_dir(folder)
    assert sorted(files_from_dir(folder)) == sorted(theirs)
    assert asyncio.run(async_files_from_dir(folder)) == files_from_dir(folder)
