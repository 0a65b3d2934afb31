"""Pictures: as base64 from a file, by address, several with labels, and a PDF, with the types' TypedDicts."""
import base64
import mimetypes
from pathlib import Path

from anthropic import Anthropic
from anthropic.types import ImageBlockParam, MessageParam, TextBlockParam
from anthropic.types.image_block_param import Source
from anthropic.types.base64_image_source_param import Base64ImageSourceParam

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
Path("dot.png").write_bytes(base64.b64decode(PIXEL))


def image(path: str) -> ImageBlockParam:
    kind, _ = mimetypes.guess_type(path)
    data = base64.standard_b64encode(Path(path).read_bytes()).decode("utf-8")
    return ImageBlockParam(type="image", source=Base64ImageSourceParam(type="base64", media_type=kind, data=data))


client = Anthropic()
content = []
for number in (1, 2):
    content.append(TextBlockParam(type="text", text=f"Image {number}:"))
    content.append(image("dot.png"))
content.append({"type": "text", "text": "How do they differ?"})
message = client.messages.create(
    model="claude-3-opus-20240229", max_tokens=1024, messages=[MessageParam(role="user", content=content)]
)
assert message.content[0].text
counted = client.messages.count_tokens(model="claude-sonnet-4-5", messages=[MessageParam(role="user", content=content)])
assert counted.input_tokens > 10
