"""The agent with the official SDK's tool runner."""

import functools

from agents.work import QUESTION, calculate, decide, list_files, read_file, search, write_report
from anthropic import Anthropic, beta_tool
from anthropic.lib.tools import ToolError


def guarded(function):
    @functools.wraps(function)
    def run(**arguments):
        try:
            return str(function(**arguments))
        except Exception as error:  # the model would read its repr()
            raise ToolError("The tool failed.") from error

    return run


@functools.wraps(write_report)
def approved_report(text):
    if not decide("write_report", text):
        raise ToolError("Nobody allowed it: leave the sum out.")
    return write_report(text)


functions = [list_files, search, read_file, calculate]
tools = [*(beta_tool(guarded(each)) for each in functions), beta_tool(approved_report)]
client = Anthropic()
question = [{"role": "user", "content": QUESTION}]
runner = client.beta.messages.tool_runner(model="claude-opus-5-5", max_tokens=1000, messages=question, tools=tools)
message = runner.until_done()
print("".join(block.text for block in message.content if block.type == "text"))
