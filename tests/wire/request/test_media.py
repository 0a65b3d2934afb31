"""Images and documents: the type from the bytes, the size from the header."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

import keybearer
from keybearer import Client, Message
from keybearer.api.media import fit
from keybearer.errors import LintError
from keybearer.simulator import Simulator
from keybearer.wire.request.media import detect_media_type, image_header

TEXT_FILE: Any = io.StringIO("text")
FORMATS = {"PNG": "image/png", "JPEG": "image/jpeg", "GIF": "image/gif", "WEBP": "image/webp"}


def drawn(kind: str, width: int, height: int, **options: Any) -> bytes:
    """Draw an image with Pillow."""
    out = io.BytesIO()
    Image.new("RGB", (width, height), (200, 30, 90)).save(out, kind, **options)
    return out.getvalue()


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("size", [(1, 1), (640, 480), (5000, 3)])
def test_type_and_size_are_those_of_pillow(kind: str, size: tuple[int, int]) -> None:
    """The header is read as Pillow wrote it, from bytes and from base64."""
    data = drawn(kind, *size)
    assert detect_media_type(data) == FORMATS[kind]
    assert image_header(data) == (FORMATS[kind], *size)
    assert image_header(base64.b64encode(data).decode()) == (FORMATS[kind], *size)


@pytest.mark.parametrize("options", [{"lossless": True}, {"exact": True, "exif": b"Exif\0\0MM"}])
def test_every_kind_of_webp(options: dict[str, Any]) -> None:
    """Lossless and extended WebP have their size elsewhere."""
    assert image_header(drawn("WEBP", 321, 123, **options)) == ("image/webp", 321, 123)


def test_a_jpeg_with_long_metadata() -> None:
    """The frame is found behind segments of any length."""
    assert image_header(drawn("JPEG", 321, 123, comment=b"x" * 60_000, progressive=True)) == ("image/jpeg", 321, 123)


@given(
    st.binary(max_size=64),
    st.sampled_from([b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF89a", b"RIFF0000WEBPVP8 "]),
)
def test_any_bytes_are_read_without_failing(data: bytes, head: bytes) -> None:
    """A cut or garbled header is no picture, and nothing is raised."""
    image_header(head + data)
    image_header((head + data).hex())


def test_a_block_from_everywhere(tmp_path: Path) -> None:
    """A path, bytes, a file object, a URL and a file id each make a block; the name's ending does not count."""
    data = drawn("PNG", 3, 2)
    path = tmp_path / "picture.jpg"
    path.write_bytes(data)
    wanted = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": data}}
    assert (
        keybearer.image(path)
        == keybearer.image(str(path))
        == keybearer.image(data)
        == keybearer.image(io.BytesIO(data))
        == wanted
    )
    assert keybearer.image("https://a.example/x.png") == {
        "type": "image",
        "source": {"type": "url", "url": "https://a.example/x.png"},
    }
    assert keybearer.image("file_011C") == {"type": "image", "source": {"type": "file", "file_id": "file_011C"}}
    assert keybearer.image(data, cache_control={"type": "ephemeral"})["cache_control"] == {"type": "ephemeral"}


def test_documents(tmp_path: Path) -> None:
    """A PDF goes as bytes, text as text; a title and citations go along."""
    pdf = b"%PDF-1.7\n..."
    assert keybearer.document(pdf)["source"] == {"type": "base64", "media_type": "application/pdf", "data": pdf}
    notes = tmp_path / "notes"
    notes.write_text("Grüße")
    block = keybearer.document(notes, title="Notes", citations={"enabled": True})
    assert block["source"] == {"type": "text", "media_type": "text/plain", "data": "Grüße"}
    assert (block["title"], block["citations"]) == ("Notes", {"enabled": True})


@pytest.mark.parametrize(
    ("make", "match"),
    [
        (lambda: keybearer.image("none.png"), "none.png cannot be read: No such file"),
        (lambda: keybearer.image(b"BM1234"), "not an image that the API takes"),
        (lambda: keybearer.image(b""), "not an image"),
        (lambda: keybearer.image(b"%PDF-1.7"), "not an image"),
        (lambda: keybearer.document(b"\x00\x01\xff"), "neither a PDF nor text"),
        (lambda: keybearer.image(TEXT_FILE), "open it with 'rb'"),
    ],
)
def test_what_cannot_be_sent_is_reported(make: Any, match: str) -> None:
    """A file that is missing or of another kind is an error that names it."""
    with pytest.raises(LintError, match=match):
        make()


def body(*blocks: Any) -> dict[str, Any]:
    """Return a request with these blocks."""
    return {"model": "claude-opus-4-6", "max_tokens": 9, "messages": [{"role": "user", "content": list(blocks)}]}


def test_fit_makes_large_images_smaller_and_leaves_the_others() -> None:
    """An image over the longest side is resized in proportion; one that fits is the same object."""
    large, small = keybearer.image(drawn("PNG", 9000, 450)), keybearer.image(drawn("JPEG", 100, 50))
    given = body(large, small)
    first, second = fit(given)["messages"][0]["content"]
    assert image_header(first["source"]["data"]) == ("image/png", 8000, 400)
    assert second == small
    assert given == body(large, small)
    assert fit(body(small))["messages"][0]["content"][0] is small


def test_fit_makes_heavy_images_lighter() -> None:
    """An image over 10 MiB of base64 is made smaller until it is not."""
    noise = Image.effect_noise((1800, 1600), 100).convert("RGB")
    out = io.BytesIO()
    noise.save(out, "PNG", compress_level=0)
    [block] = fit(body(keybearer.image(out.getvalue())))["messages"][0]["content"]
    assert len(block["source"]["data"]) * 4 // 3 <= 10 << 20


def test_fit_among_many() -> None:
    """With more than twenty images the shorter limit holds."""
    blocks = [keybearer.image(drawn("PNG", 2500, 10)) for _ in range(21)]
    fitted = fit(body(*blocks))["messages"][0]["content"]
    assert {image_header(block["source"]["data"]) for block in fitted} == {("image/png", 2000, 8)}


def test_fit_of_what_is_no_image() -> None:
    """An image that Pillow cannot read is reported with its place."""
    source = {"type": "base64", "media_type": "image/png", "data": drawn("PNG", 9000, 1)[:60]}
    with pytest.raises(LintError, match=r"messages\[0\].content\[0\]"):
        fit(body({"type": "image", "source": source}))


def test_end_to_end(sim: Simulator) -> None:
    """An image from bytes arrives whole; one that is too large is refused here, and goes through fitted."""
    with Client(api_key=sim.api_key, base_url=sim.base_url, model="claude-opus-4-6") as client:

        def ask(block: Any, **options: Any) -> str:
            content = [block, {"type": "text", "text": "What is in this image?"}]
            answer: Message = client.messages.create(
                max_tokens=99, messages=[{"role": "user", "content": content}], **options
            )
            return answer.text

        assert "320" in ask(keybearer.image(drawn("WEBP", 320, 200)))
        large = keybearer.image(drawn("PNG", 9000, 90))
        with pytest.raises(LintError, match="9000 x 90"):
            ask(large)
        assert "8000" in ask(large, media="fit").replace(",", "")


def test_a_body_over_the_limit_is_refused_before_it_is_sent() -> None:
    """More than 32 MB in all is refused before sending."""
    with Client(api_key="sk-ant-test", base_url="http://127.0.0.1:1", model="m") as client:
        with pytest.raises(LintError, match="more than the API's 33,554,432"):
            client.messages.create(max_tokens=1, messages=[{"role": "user", "content": "x" * (33 << 20)}])


@pytest.mark.parametrize("make", [keybearer.image, keybearer.document])
def test_bytes_that_are_base64_already_are_refused(make: Any) -> None:
    """What `base64.b64encode` gives is no image and no document: it would be encoded twice, or sent as text."""
    data = drawn("PNG", 4, 4) if make is keybearer.image else b"%PDF-1.4 x"
    with pytest.raises(LintError, match="base64 already.*b64decode"):
        make(base64.b64encode(data))
    assert make(data)["source"]["data"] == data


def test_citations_are_turned_on_by_true(tmp_path: Path) -> None:
    """`document(..., citations=True)` makes the block's own form, wherever the document is; a mapping goes through."""
    (tmp_path / "a.txt").write_text("text")
    for source in (tmp_path / "a.txt", b"text", "https://example.com/a.pdf"):
        assert keybearer.document(source, citations=True)["citations"] == {"enabled": True}
        assert keybearer.document(source, citations=False)["citations"] == {"enabled": False}
        assert keybearer.document(source, citations={"enabled": True})["citations"] == {"enabled": True}
    assert "citations" not in keybearer.document(b"text")
