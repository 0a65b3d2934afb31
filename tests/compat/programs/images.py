"""An image as base64 and by URL, and a PDF."""

import base64
import zlib

import anthropic
from anthropic.types import Base64ImageSourceParam, ImageBlockParam, MessageParam, TextBlockParam


def png() -> bytes:
    """Return one red pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    head = chunk(b"IHDR", (1).to_bytes(4, "big") * 2 + bytes([8, 2, 0, 0, 0]))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0\xff\0\0")) + chunk(b"IEND", b"")


source = Base64ImageSourceParam(type="base64", media_type="image/png", data=base64.b64encode(png()).decode())
turn: MessageParam = {
    "role": "user",
    "content": [ImageBlockParam(type="image", source=source), TextBlockParam(type="text", text="What colour is it?")],
}
client = anthropic.Client()
message = client.messages.create(model="claude-haiku-4-5", max_tokens=50, messages=[turn])
print(message.stop_reason, message.usage.input_tokens, message.content[0].type)
print(client.messages.count_tokens(model="claude-haiku-4-5", messages=[turn]).input_tokens)
try:
    source["data"] = "bm8gaW1hZ2U="
    client.messages.create(model="claude-haiku-4-5", max_tokens=50, messages=[turn])
except anthropic.BadRequestError as error:
    print(error.status_code, type(error.message).__name__)
