"""A document with citations."""
from anthropic import Anthropic

client = Anthropic()
response = client.messages.create(
    model="claude-sonnet-5-5",
    max_tokens=300,
    messages=[
        {
            "role": "user",
            "content": [
                {
                    "type": "document",
                    "source": {"type": "text", "media_type": "text/plain", "data": "Grass is green. The sky is blue."},
                    "title": "Colours",
                    "citations": {"enabled": True},
                },
                {"type": "text", "text": "What colour is grass?"},
            ],
        }
    ],
)
for block in response.content:
    for citation in getattr(block, "citations", None) or []:
        print(citation.type, citation.cited_text)
