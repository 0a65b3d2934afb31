"""A batch, from its requests to its results."""
import time

import anthropic
from anthropic.types.message_create_params import MessageCreateParamsNonStreaming
from anthropic.types.messages.batch_create_params import Request

client = anthropic.Anthropic()
batch = client.messages.batches.create(
    requests=[
        Request(
            custom_id=f"row-{number}",
            params=MessageCreateParamsNonStreaming(
                model="claude-sonnet-5-5", max_tokens=20, messages=[{"role": "user", "content": "Hello"}]
            ),
        )
        for number in range(3)
    ]
)
while batch.processing_status == "in_progress":
    time.sleep(0.2)
    batch = client.messages.batches.retrieve(batch.id)
print(batch.request_counts.succeeded, batch.results_url, batch.created_at)
for entry in client.messages.batches.results(batch.id):
    match entry.result.type:
        case "succeeded":
            print(entry.custom_id, entry.result.message.content[0].text)
        case "errored":
            print(entry.result.error)
        case "expired":
            print("expired")
assert [one.id for one in client.messages.batches.list(limit=20)] == [batch.id]
