"""Client and AsyncClient are counterparts: the same methods, parameters and words."""

from __future__ import annotations

import inspect
from functools import cached_property
from typing import Any

import pytest

from keybearer.client import aio, sync
from keybearer.client.resources import batches, files, messages, models, parsed, skills, stream_managers
from keybearer.shell import downloads, pages, parsed_streams, streams

COUNTERPARTS = [
    (sync.Client, aio.AsyncClient),
    (messages.Messages, messages.AsyncMessages),
    (stream_managers.MessageStreamManager, stream_managers.AsyncMessageStreamManager),
    (parsed.ParsedStreamManager, parsed.AsyncParsedStreamManager),
    (batches.Batches, batches.AsyncBatches),
    (files.Files, files.AsyncFiles),
    (models.Models, models.AsyncModels),
    (skills.Skills, skills.AsyncSkills),
    (skills.SkillVersions, skills.AsyncSkillVersions),
    (downloads.Download, downloads.AsyncDownload),
    (downloads.Rows, downloads.AsyncRows),
    (pages.Page, pages.AsyncPage),
    (streams.MessageStream, streams.AsyncMessageStream),
    (parsed_streams.ParsedStream, parsed_streams.AsyncParsedStream),
    (streams.RawStream, streams.AsyncRawStream),
]
DUNDERS = {"__enter__": "__aenter__", "__exit__": "__aexit__", "__iter__": "__aiter__", "__next__": "__anext__"}


def public(cls: type) -> dict[str, Any]:
    """Return the members that a caller uses."""
    members = {name: inspect.getattr_static(cls, name) for name in dir(cls) if not name.startswith("_")}
    return members | {n: inspect.getattr_static(cls, n) for n in [*DUNDERS, *DUNDERS.values()] if hasattr(cls, n)}


def parameters(member: Any) -> list[tuple[str, Any, Any]]:
    """Return names, kinds and defaults."""
    if isinstance(member, cached_property):
        function: Any = member.func
    elif isinstance(member, property):
        function = member.fget
    else:
        function = member.__func__ if isinstance(member, classmethod) else member
    return [(p.name, p.kind, p.default) for p in inspect.signature(function).parameters.values()]


def words(text: str | None) -> str:
    """Return a docstring without what says how one waits."""
    text = (text or "").replace("AsyncClient", "Client").replace("AsyncTransport", "Transport")
    for word in ("async with", "async for", "await "):
        text = text.replace(word, word.removeprefix("async ").replace("await ", ""))
    return text


@pytest.mark.parametrize(("one", "other"), COUNTERPARTS, ids=[pair[0].__name__ for pair in COUNTERPARTS])
def test_counterparts_have_the_same_members_parameters_and_words(one: type, other: type) -> None:
    """Each public member of one is a member of the other, with the same parameters and docstring."""
    first, second = public(one), public(other)
    more = {"aclose", "__enter__", "__exit__"}  # what awaits is closed by either name, and refuses `with` in words
    assert {DUNDERS.get(name, name) for name in first} == set(second) - more
    for name, member in first.items():
        counterpart = second[DUNDERS.get(name, name)]
        assert parameters(member) == parameters(counterpart), name
        if not name.startswith("__"):
            assert words(inspect.getdoc(member)) == words(inspect.getdoc(counterpart)), name
