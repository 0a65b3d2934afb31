"""A batch: made, waited for, and its results matched by custom_id."""

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
                model="claude-haiku-4-5",
                max_tokens=50,
                messages=[{"role": "user", "content": f"Say {number}."}],
            ),
        )
        for number in range(3)
    ]
)
print(batch.type, batch.processing_status, batch.request_counts.processing)
for _ in range(200):
    batch = client.messages.batches.retrieve(batch.id)
    if batch.processing_status == "ended":
        break
    time.sleep(0.02)
print(batch.processing_status, batch.request_counts.succeeded, batch.request_counts.errored)
for row in sorted(client.messages.batches.results(batch.id), key=lambda each: each.custom_id):
    if row.result.type == "succeeded":
        print(row.custom_id, row.result.message.stop_reason, row.result.message.content[0].type)
print([each.id == batch.id for each in client.messages.batches.list(limit=20)])
print(client.messages.batches.delete(batch.id).type)
