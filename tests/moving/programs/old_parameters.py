"""A program of 2024: sampling parameters and a model of then."""
import anthropic

client = anthropic.Anthropic()
message = client.messages.create(
    model="claude-3-5-sonnet-20241022",
    max_tokens=100,
    temperature=0,
    top_p=0.9,
    system="Be brief",
    messages=[{"role": "user", "content": "Say hello"}],
)
print(message.content[0].text)
with client.messages.stream(
    model="claude-3-haiku-20240307", max_tokens=100, temperature=0.5, messages=[{"role": "user", "content": "Hello"}]
) as stream:
    for text in stream.text_stream:
        print(text, end="")
