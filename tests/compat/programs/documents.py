"""Files: uploaded in each way, listed, asked about, deleted."""

import io
import tempfile
from pathlib import Path

import anthropic
from anthropic import file_from_path

client = anthropic.Anthropic(default_headers={"anthropic-beta": "files-api-2025-04-14"})
with tempfile.TemporaryDirectory() as folder:
    path = Path(folder, "notes.txt")
    path.write_text("Paris is the capital of France.")
    uploaded = [
        client.beta.files.upload(file=path),
        client.beta.files.upload(file=file_from_path(str(path))),
        client.beta.files.upload(file=("more.txt", io.BytesIO(b"more"), "text/plain")),
    ]
    for each in uploaded:
        print(each.type, each.filename, each.mime_type, each.size_bytes, each.downloadable)
listed = client.beta.files.list(limit=2)
print(len(listed.data), listed.has_next_page(), len(list(client.beta.files.list())))
print(client.beta.files.retrieve_metadata(uploaded[0].id).filename)
answer = client.beta.messages.create(
    model="claude-haiku-4-5",
    max_tokens=100,
    betas=["files-api-2025-04-14"],
    messages=[
        {
            "role": "user",
            "content": [
                {"type": "document", "source": {"type": "file", "file_id": uploaded[0].id}},
                {"type": "text", "text": "What is the capital?"},
            ],
        }
    ],
)
print(answer.stop_reason, answer.content[0].type)
print([client.beta.files.delete(each.id).type for each in uploaded])
try:
    client.beta.files.retrieve_metadata(uploaded[0].id)
except anthropic.NotFoundError as error:
    print(error.status_code, error.type)
