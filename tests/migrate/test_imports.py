"""The change of imports keeps every other byte."""

from __future__ import annotations

import ast

import pytest

from keybearer.migrate.imports import change, edits


def moved(text: str) -> str:
    """Return a program with its imports changed."""
    source = text.encode()
    return change(source, edits(source, ast.parse(source))).decode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("import anthropic", "import keybearer.compat as anthropic"),
        ("import anthropic as a  # the SDK", "import keybearer.compat as a  # the SDK"),
        ("import os, anthropic, re", "import os, keybearer.compat as anthropic, re"),
        ("import anthropic.types", "import keybearer.compat.types, keybearer.compat as anthropic"),
        ("import anthropic.types as t", "import keybearer.compat.types as t"),
        ("from anthropic import Anthropic", "from keybearer.compat import Anthropic"),
        (
            "from  anthropic.types.beta import (\n    A, # ü\n    B,\n)",
            "from  keybearer.compat.types.beta import (\n    A, # ü\n    B,\n)",
        ),
        ("x = 'ü'; from anthropic import omit", "x = 'ü'; from keybearer.compat import omit"),
        ("from \\\n  anthropic \\\n  import omit", "from \\\n  keybearer.compat \\\n  import omit"),
        ("if True:\r\n\timport anthropic\r\n", "if True:\r\n\timport keybearer.compat as anthropic\r\n"),
        (
            "try:\n    import anthropic\nexcept ImportError: pass",
            "try:\n    import keybearer.compat as anthropic\nexcept ImportError: pass",
        ),
    ],
)
def test_an_import_of_the_sdk_is_of_keybearer_then(before: str, after: str) -> None:
    """Each form of import names keybearer's module and binds the name that it bound."""
    assert moved(before) == after


@pytest.mark.parametrize(
    "text",
    ["import anthropic_tools", "from anthropic_bedrock import A", "from .anthropic import A", "x = 'import anthropic'"],
)
def test_what_is_not_the_sdk_stays(text: str) -> None:
    """A name that only begins like the SDK's, a relative import and a text are not changed."""
    assert moved(text) == text


def test_a_changed_program_has_nothing_left_to_change() -> None:
    """The change is made once: a second one finds nothing."""
    assert moved(moved("import anthropic.types\nfrom anthropic import omit")) == moved(
        "import anthropic.types\nfrom anthropic import omit"
    )
