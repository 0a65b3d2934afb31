"""The agent with pydantic-ai."""

from agents.work import QUESTION, calculate, decide, list_files, read_file, search, write_report
from pydantic_ai import Agent, DeferredToolRequests, DeferredToolResults, ToolDenied, ToolFailed


def read(path: str) -> str:
    try:
        return read_file(path)
    except OSError as error:  # it would end the run
        raise ToolFailed("The tool failed.") from error


read.__doc__, read.__name__ = read_file.__doc__, read_file.__name__
agent = Agent("anthropic:claude-opus-5-5", output_type=[str, DeferredToolRequests], model_settings={"max_tokens": 1000})
for function in (list_files, search, read, calculate):
    agent.tool_plain(function)
agent.tool_plain(requires_approval=True)(write_report)

result = agent.run_sync(QUESTION)
while isinstance(result.output, DeferredToolRequests):
    said = DeferredToolResults()
    for call in result.output.approvals:
        allowed = decide(call.tool_name, call.args_as_dict()["text"])
        said.approvals[call.tool_call_id] = allowed or ToolDenied("Nobody allowed it: leave the sum out.")
    result = agent.run_sync(message_history=result.all_messages(), deferred_tool_results=said)
print(result.output)
