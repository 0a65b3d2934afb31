"""The agent with keybearer."""

from agents.work import QUESTION, calculate, decide, list_files, read_file, search, write_report

from keybearer import Client, Deny, tool

tools = [
    tool(read_only=True)(list_files),
    tool(read_only=True)(search),
    tool(read_only=True)(read_file),
    calculate,
    tool(needs_approval=True)(write_report),
]


def approve(call):
    return decide(call.name, call.input["text"]) or Deny("Nobody allowed it: leave the sum out.")


with Client(model="claude-opus-5-5") as client:
    question = [{"role": "user", "content": QUESTION}]
    run = client.messages.run(max_tokens=1000, messages=question, tools=tools, approve=approve)
print(run.text)
