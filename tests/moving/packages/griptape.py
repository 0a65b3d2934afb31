"""griptape: an agent on its prompt driver, plainly and as a stream."""

from griptape.drivers.prompt.anthropic import AnthropicPromptDriver
from griptape.structures import Agent

for stream in (False, True):
    driver = AnthropicPromptDriver(model="claude-sonnet-4-5", stream=stream, max_tokens=200)
    assert Agent(prompt_driver=driver).run("Say hello").output.value
