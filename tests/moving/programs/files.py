"""A file, uploaded, used, listed, read and deleted, by the beta's names."""
from pathlib import Path

import anthropic

client = anthropic.Anthropic()
Path("notes.txt").write_text("Tea at four")
with open("notes.txt", "rb") as opened:
    uploaded = client.beta.files.upload(file=opened)
again = client.beta.files.upload(file=("notes.txt", b"Tea at five", "text/plain"))
third = client.beta.files.upload(file=Path("notes.txt"))
message = client.beta.messages.create(
    model="claude-sonnet-5-5",
    max_tokens=100,
    betas=["files-api-2025-04-14"],
    messages=[
        {
            "role": "user",
            "content": [
                {"type": "document", "source": {"type": "file", "file_id": uploaded.id}},
                {"type": "text", "text": "When is tea?"},
            ],
        }
    ],
)
assert message.content
assert {one.id for one in client.beta.files.list()} == {uploaded.id, again.id, third.id}
assert client.beta.files.retrieve_metadata(uploaded.id).filename == "notes.txt"
client.beta.files.delete(uploaded.id)
