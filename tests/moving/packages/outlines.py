"""outlines: a model of its own around the client."""

import anthropic
import outlines

model = outlines.from_anthropic(anthropic.Anthropic(), "claude-sonnet-4-5")
assert model("Say hello", max_tokens=100)
assert list(model.stream("Say hello", max_tokens=100))
