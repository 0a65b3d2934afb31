"""mem0: its language model, with and without a tool."""

from mem0.llms.anthropic import AnthropicLLM

llm = AnthropicLLM({"model": "claude-sonnet-4-5", "max_tokens": 200, "temperature": None, "top_p": None})
asked = [{"role": "system", "content": "Be brief"}, {"role": "user", "content": "Say hello"}]
assert llm.generate_response(asked)
