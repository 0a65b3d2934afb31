"""The one cleaner of what people paste."""

from __future__ import annotations

import pytest

from keybearer.credentials.paste import cleaned


@pytest.mark.parametrize(
    "paste",
    [
        "ab#12",
        "\ufeffab#12",
        "\xef\xbb\xbfab#12",
        "  ab#12\r\n",
        '"ab#12"',
        "'ab#12'\n",
        "`ab#12`",
        "<ab#12>",
        "\u201cab#12\u201d",
        "\xa0ab#12\xa0",
        "a\u200bb#1\xad2",
        "\x1b[200~ab#12\x1b[201~",
        "\x1b[1mab#12\x1b[0m",
        "Code: ab#12",
        "code:ab#12",
        'Authorization code:  "ab#12"',
        "Paste this into the terminal:\n  <ab#12>",
        "export CLAUDE_CODE_OAUTH_TOKEN=ab#12",
        'ANTHROPIC_API_KEY="ab#12"',
        "Authorization: Bearer ab#12",
        "\ufeff'Token: \"ab#12\"'",
    ],
)
def test_what_copying_puts_around_a_secret_is_removed(paste: str) -> None:
    """Marks, quotes, brackets, labels and what has no width go; what is inside stays."""
    assert cleaned(paste) == "ab#12"


@pytest.mark.parametrize(
    "text",
    ["", "a b", "a\nb", "code=x&state=y", "http://localhost:1/callback?code=x", "url://x", "a:b#c", "x-y_z", "a.b"],
)
def test_what_is_no_decoration_stays(text: str) -> None:
    """A query, an address, white space inside and a colon of the secret's own are left as they are."""
    assert cleaned(text) == text


def test_a_label_before_an_address_is_one() -> None:
    """`URL: http://...` is a label and an address."""
    assert cleaned("URL: http://localhost:1/?code=x") == "http://localhost:1/?code=x"
