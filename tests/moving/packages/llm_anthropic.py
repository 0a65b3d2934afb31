"""llm_anthropic: Simon Willison's plugin, plainly and as a stream."""

import llm

model = llm.get_model("claude-sonnet-4.5")
model.key = "sk-ant-api03-" + "x" * 80
assert model.prompt("Say hello", stream=False).text()
assert "".join(model.prompt("Say hello", stream=True))
