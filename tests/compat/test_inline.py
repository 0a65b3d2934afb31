"""Files inside a request, held to the SDK's own."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path
from typing import Any

import anthropic
import pytest

from keybearer import compat
from keybearer.compat.inline import with_files_read
from keybearer.errors import UsageError
from keybearer.simulator import Simulator

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def _turns(data: Any) -> list[dict[str, Any]]:
    source = {"type": "base64", "media_type": "image/png", "data": data}
    return [{"role": "user", "content": [{"type": "image", "source": source}, {"type": "text", "text": "What is it?"}]}]


@pytest.mark.parametrize("sdk", [anthropic, compat])
@pytest.mark.parametrize("how", ["path", "file", "bytes"])
def test_a_file_is_sent_as_base64(sdk: Any, how: str, sim: Simulator, tmp_path: Path) -> None:
    """A path, an open file and one in memory; the SDK's own does the same."""
    path = tmp_path / "pixel.png"
    path.write_bytes(PIXEL)
    with sdk.Anthropic(api_key=sim.api_key, base_url=sim.base_url) as client, path.open("rb") as opened:
        data = {"path": path, "file": opened, "bytes": io.BytesIO(PIXEL)}[how]
        client.messages.create(model="claude-haiku-4-5", max_tokens=9, messages=_turns(data))
    sent = json.loads(sim.requests[0].body)["messages"][0]["content"][0]["source"]["data"]
    assert base64.b64decode(sent) == PIXEL


def test_only_the_data_of_a_base64_source_is_read(tmp_path: Path) -> None:
    """Messages without a file are the same object; a path elsewhere is left for the check of the request."""
    turns = _turns("aGk=")
    assert with_files_read(turns) is turns
    assert with_files_read([{"role": "user", "content": tmp_path}]) == [{"role": "user", "content": tmp_path}]
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        with_files_read(_turns(tmp_path / "none.png"))
