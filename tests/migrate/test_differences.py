"""What differs is found at its line, with what to do, and nothing is found where nothing differs."""

from __future__ import annotations

import ast
import textwrap

import pytest

from keybearer.migrate.differences import differences


def found(text: str) -> list[tuple[int, str, str]]:
    """Return line, kind and subject of what is found beside the imports."""
    findings = differences(ast.parse(textwrap.dedent(text)))
    return [finding[:3] for finding in findings if finding.kind != "import"]


def test_a_plain_program_changes_its_import_alone() -> None:
    """What keybearer has is not reported: names, submodules of types, arguments of a client, blocks and errors."""
    text = """
    import os
    import anthropic
    from anthropic.types.text_block import TextBlock

    client = anthropic.Anthropic(api_key=os.environ["KEY"], max_retries=3, timeout=anthropic.Timeout(5))
    try:
        message = client.messages.create(model="m", max_tokens=1, messages=[])
        client.beta.messages.stream(model="m", max_tokens=1, messages=[])
        self.memory.messages.append(message)
    except anthropic.RateLimitError as error:
        print(error.response.headers, anthropic.types.Message)
    """
    assert found(text) == []
    assert [finding.line for finding in differences(ast.parse(textwrap.dedent(text)))] == [3, 4]


def test_a_program_without_the_sdk_has_no_findings() -> None:
    """What would be reported beside the SDK is nobody's business elsewhere."""
    assert differences(ast.parse("import respx, instructor\nx.messages.create(temperature=0)")) == []


@pytest.mark.parametrize(
    ("line", "kind", "what"),
    [
        ("anthropic.Anthropic(http_client=httpx.Client())", "hand", "http_client="),
        ("anthropic.AsyncAnthropic(\n    middleware=[m])", "hand", "middleware="),
        ("anthropic.Anthropic(no_such=1)", "hand", "no_such="),
        ("anthropic.HUMAN_PROMPT", "hand", "anthropic.HUMAN_PROMPT"),
        ("anthropic._base_client.SyncAPIClient()", "hand", "anthropic._base_client.SyncAPIClient"),
        ("anthropic.DefaultHttpxClient()", "hand", "anthropic.DefaultHttpxClient"),
        ("class M(anthropic.types.Message): pass", "sdk", "a subclass of anthropic.types.Message"),
        ("client.completions.create(prompt='')", "hand", "completions.create"),
        ("client.beta.prompt_caching.messages.create()", "hand", "beta.prompt_caching.messages.create"),
        ("client.messages.create(temperature=0)", "note", "temperature="),
        ("self.client.beta.messages.stream(top_k=1)", "note", "top_k="),
        ("client._client.close()", "hand", "client._client"),
        ("importlib.import_module('anthropic.types')", "hand", 'import_module("anthropic.types")'),
        ("mock.patch('anthropic.Anthropic')", "hand", 'patch("anthropic.Anthropic")'),
        ("logging.getLogger('anthropic')", "note", 'getLogger("anthropic")'),
        ("try: pass\nexcept (OSError, httpx.ReadTimeout): pass", "hand", "except httpx.ReadTimeout"),
        ("import respx", "hand", "respx"),
        ("import vcr", "hand", "vcr"),
        ("from langchain_anthropic import ChatAnthropic", "sdk", "langchain_anthropic"),
        ("from llama_index.llms import anthropic as la", "sdk", "llama_index.llms.anthropic"),
    ],
)
def test_what_differs_is_found(line: str, kind: str, what: str) -> None:
    """Each row is found once, at its own line."""
    text = f"import anthropic, httpx\nclient = anthropic.Anthropic()\n\n{line}\n"
    last = 4 + line.count("\n")
    assert [each for each in found(text) if each[1:] == (kind, what)] == [(last, kind, what)]
    assert {each[0] for each in found(text)} == {last}


def test_an_argument_that_asks_for_nothing_is_no_finding() -> None:
    """`http_client=None` is what wrappers pass on, and is taken."""
    assert found("import anthropic\nanthropic.Anthropic(http_client=None)") == []


def test_a_name_is_followed_through_its_import() -> None:
    """The finding names what the SDK calls it, whatever the program does."""
    text = "from anthropic import types as t, Anthropic as A\nA(http_client=1)\nclass M(t.Usage): pass"
    assert found(text) == [(2, "hand", "http_client="), (3, "sdk", "a subclass of anthropic.types.Usage")]
