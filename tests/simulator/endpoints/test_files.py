"""Files, as the official SDK sees them."""

from __future__ import annotations

from typing import Any

import anthropic
import pytest

from keybearer.simulator import Simulator

HAIKU = "claude-haiku-4-5"
MESSAGES: Any = [{"role": "user", "content": "Hello"}]


def test_files(sim: Simulator, sdk: anthropic.Anthropic) -> None:
    """A file is uploaded, listed, named in a message, and deleted; its bytes stay here."""
    data = bytes(range(256)) + b"\r\n--x\r\n"
    file = sdk.files.upload(file=("notes.txt", data, "text/plain"))
    assert (file.filename, file.size_bytes, file.mime_type, file.downloadable) == (
        "notes.txt",
        263,
        "text/plain",
        False,
    )
    assert [each.id for each in sdk.files.list()] == [file.id]
    assert sdk.files.retrieve_metadata(file.id) == file
    with pytest.raises(anthropic.BadRequestError, match="not downloadable"):
        sdk.files.download(file.id)
    content: Any = [
        {"type": "document", "source": {"type": "file", "file_id": file.id}},
        {"type": "text", "text": "Say 'seen'"},
    ]
    sdk.messages.create(model=HAIKU, max_tokens=9, messages=[{"role": "user", "content": content}])
    assert sdk.files.delete(file.id).id == file.id
    with pytest.raises(anthropic.NotFoundError):
        sdk.messages.create(model=HAIKU, max_tokens=9, messages=[{"role": "user", "content": content}])
    assert list(sdk.files.list()) == []
    assert len(sim.requests) == 8


@pytest.mark.parametrize("name", ["a<b>.txt", "../notes.txt", "a\\b.txt", "what?.txt", "a|b", "x" * 256, "a*b"])
def test_a_name_that_the_service_refuses(sdk: anthropic.Anthropic, name: str) -> None:
    """A file's name has up to 255 letters, and none that a file system or a shell reads."""
    with pytest.raises(anthropic.BadRequestError, match="the filename has 1 to 255 letters"):
        sdk.files.upload(file=(name, b"x", "text/plain"))


def test_a_file_fits_its_block(sdk: anthropic.Anthropic) -> None:
    """A text file is no image, and an image no document."""
    text = sdk.files.upload(file=("notes.txt", b"x", "text/plain")).id
    image = sdk.files.upload(file=("plot.png", b"x", "image/png")).id
    for kind, good, bad in (("image", image, text), ("document", text, image)):
        for name in (good, bad):
            content: Any = [
                {"type": kind, "source": {"type": "file", "file_id": name}},
                {"type": "text", "text": "Say 'seen'"},
            ]
            ask: Any = [{"role": "user", "content": content}]
            if name == good:
                assert sdk.messages.create(model=HAIKU, max_tokens=9, messages=ask).stop_reason == "end_turn"
            else:
                with pytest.raises(anthropic.BadRequestError, match=f"is no {kind}, which takes"):
                    sdk.messages.create(model=HAIKU, max_tokens=9, messages=ask)


def test_generated_files_can_be_downloaded(sim: Simulator, sdk: anthropic.Anthropic) -> None:
    """A file that a tool made comes back byte for byte."""
    made = sim.add_file("plot.png", b"\x89PNG\r\n", "image/png")
    assert sdk.files.download(made["id"]).read() == b"\x89PNG\r\n"


def test_files_expire(sim: Simulator, sdk: anthropic.Anthropic) -> None:
    """A file with a life of an hour is gone after it, and a shorter life is refused."""
    file = sdk.files.upload(file=("a.txt", b"x"), expires_in_seconds=3600)
    sim.clock.advance(3601)
    with pytest.raises(anthropic.NotFoundError, match="has expired"):
        sdk.files.download(file.id)
    with pytest.raises(anthropic.BadRequestError, match="between 3600 and 7776000"):
        sdk.files.upload(file=("a.txt", b"x"), expires_in_seconds=3599)


def test_files_in_pages(sdk: anthropic.Anthropic) -> None:
    """The list of files walks through every page, newest first, or gives those that were named."""
    made = [sdk.files.upload(file=(f"{number}.txt", b"x")).id for number in range(5)]
    assert [file.id for file in sdk.files.list(limit=2)] == made[::-1]
    assert {file.id for file in sdk.files.list(ids=[made[0], made[3], "file_none"])} == {made[0], made[3]}


def test_organisations_do_not_see_each_other(sim: Simulator, sdk: anthropic.Anthropic) -> None:
    """A key finds its own files and batches, and no other's."""
    file = sdk.files.upload(file=("a.txt", b"x"))
    batch = sdk.messages.batches.create(
        requests=[{"custom_id": "a", "params": {"model": HAIKU, "max_tokens": 9, "messages": MESSAGES}}]
    )
    with anthropic.Anthropic(base_url=sim.base_url, api_key="sk-ant-sim-other") as other:
        assert list(other.files.list()) == []
        with pytest.raises(anthropic.NotFoundError):
            other.files.retrieve_metadata(file.id)
        with pytest.raises(anthropic.NotFoundError):
            other.messages.batches.retrieve(batch.id)
