"""Documents of every kind: text, PDF as base64 and by address, custom content, a container with skills, effort and adaptive thinking."""
import base64
import anthropic

client = anthropic.Anthropic()
pdf = base64.b64encode(
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 10 10]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
).decode()
message = client.messages.create(
    model="claude-sonnet-4-5", max_tokens=500,
    messages=[{"role": "user", "content": [
        {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": pdf}, "cache_control": {"type": "ephemeral"}},
        {"type": "document", "source": {"type": "content", "content": [{"type": "text", "text": "Chunk one"}]}, "title": "T", "citations": {"enabled": False}},
        {"type": "search_result", "source": "https://example.com", "title": "R", "content": [{"type": "text", "text": "Tea at four"}], "citations": {"enabled": False}},
        {"type": "text", "text": "Summarize"},
    ]}],
)
assert message.content
container = client.beta.messages.create(
    model="claude-sonnet-4-5", max_tokens=500, betas=["code-execution-2025-08-25", "skills-2025-10-02"],
    container={"skills": [{"type": "anthropic", "skill_id": "xlsx", "version": "latest"}]},
    tools=[{"type": "code_execution_20250825", "name": "code_execution"}],
    messages=[{"role": "user", "content": "Make a table"}],
)
print(container.container and container.container.id)
adaptive = client.messages.create(
    model="claude-opus-4-6", max_tokens=4000, thinking={"type": "adaptive"}, output_config={"effort": "medium"},
    messages=[{"role": "user", "content": "Hello"}],
)
print([b.type for b in adaptive.content])
tools = client.beta.messages.create(
    model="claude-sonnet-4-5", max_tokens=500, betas=["advanced-tool-use-2025-11-20"],
    tools=[
        {"type": "tool_search_tool_regex_20251119", "name": "tool_search_tool_regex"},
        {"name": "get_weather", "description": "d", "input_schema": {"type": "object", "properties": {}}, "defer_loading": True},
    ],
    messages=[{"role": "user", "content": "Hello"}],
)
print(tools.usage)
for skill in client.beta.skills.list():
    print(skill.id, skill.display_title)
memory = client.beta.messages.create(
    model="claude-sonnet-4-5", max_tokens=500, betas=["context-management-2025-06-27"],
    tools=[{"type": "memory_20250818", "name": "memory"}],
    context_management={"edits": [{"type": "clear_tool_uses_20250919", "trigger": {"type": "input_tokens", "value": 30000}, "keep": {"type": "tool_uses", "value": 3}}]},
    messages=[{"role": "user", "content": "Hello"}],
)
assert memory.content is not None
with client.beta.messages.stream(
    model="claude-sonnet-4-5", max_tokens=500, betas=["fine-grained-tool-streaming-2025-05-14"],
    tools=[{"name": "f", "description": "d", "input_schema": {"type": "object", "properties": {"x": {"type": "string"}}}}],
    messages=[{"role": "user", "content": 'Call f for "y"'}],
) as stream:
    for event in stream:
        if event.type == "input_json":
            print(event.snapshot)
    assert stream.get_final_message().stop_reason == "tool_use"
