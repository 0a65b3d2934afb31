"""A client from llm.yaml: the mistakes that show only when the file is put to use, reported with their place in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from keybearer import Client
from keybearer.errors import ConfigError

HEAD = "providers:\n  p:\n    api_key: sk-ant-test\n    auth: {mode: static}\n"


def failure(tmp_path: Path, text: str) -> ConfigError:
    """Return the error that a file with these lines gives."""
    path = tmp_path / "llm.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        Client.from_config(path)
    assert caught.value.file == str(path)
    return caught.value


@pytest.mark.parametrize(
    ("lines", "line", "key", "says"),
    [
        (
            "    headers:\n      x-api-key: canary\n",
            6,
            "headers.x-api-key",
            "it has 'x-api-key': a credential is never taken from a header; give it as api_key.",
        ),
        (
            '    headers: {x-a: "canary\\n"}\n',
            5,
            "headers.x-a",
            "it has 'x-a' with a value that is not printable ASCII, such as a line end.",
        ),
        ("    headers: {a b: canary}\n", 5, "headers.a b", "it has 'a b', which is not a header's name."),
        ("    betas: [a b]\n", 5, "betas", "it has one that is 'a b'; it takes printable ASCII without spaces."),
        ("    api_version: a b\n", 5, "api_version", "it is 'a b'; it takes printable ASCII without spaces."),
        (
            "    retry: {min_delay: 90.0}\n",
            5,
            "retry",
            "it has a min_delay of 90 s, which is above its max_delay of 60 s.",
        ),
    ],
)
def test_a_mistake_is_reported_with_its_line(tmp_path: Path, lines: str, line: int, key: str, says: str) -> None:
    """File, line and key path come first, and a header's value is not shown."""
    error = failure(tmp_path, HEAD + lines)
    assert (error.line, error.key) == (line, f"providers.p.{key}")
    assert error.message == f"{error.file}:{line}: providers.p.{key}: {says}"
    assert "canary" not in str(error)


def test_a_retry_policy_of_two_sections(tmp_path: Path) -> None:
    """A wait of the file's own and one of the provider's are looked at together."""
    error = failure(tmp_path, "retry: {min_delay: 5.0}\n" + HEAD + "    retry: {max_delay: 2.0}\n")
    assert (error.line, error.key) == (6, "providers.p.retry")
    error = failure(tmp_path, HEAD + "retry: {min_delay: 5.0, max_delay: 2.0}\n")
    assert (error.line, error.key) == (5, "retry")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "cannot be read: No such file or directory."),
        ("hello", "holds no certificate in PEM form, or a broken one."),
        (
            "-----BEGIN CERTIFICATE-----\nzzzz\n-----END CERTIFICATE-----\n",
            "holds no certificate in PEM form, or a broken one.",
        ),
    ],
)
def test_a_file_of_certificates_that_cannot_be_used(tmp_path: Path, content: str | None, says: str) -> None:
    """It is reported when the client is made, not as a connection that broke at the first request."""
    if content is not None:
        (tmp_path / "ca.pem").write_text(content)
    error = failure(tmp_path, HEAD + "    ca_file: ca.pem\n")
    place = f"{error.file}:5: providers.p.ca_file"
    assert error.message == f"{place}: it names {tmp_path / 'ca.pem'}, which {says}"


def test_an_agent_that_is_misspelt(tmp_path: Path) -> None:
    """The nearest agent is named, else those that there are; a path is taken as one."""
    path = tmp_path / "llm.yaml"
    path.write_text(HEAD)
    with pytest.raises(ConfigError, match="There is none in that folder"):
        Client.from_config(path, agent="scout")
    (tmp_path / "agents").mkdir()
    for name in ("scout", "writer"):
        (tmp_path / "agents" / f"{name}.yaml").write_text("model: {provider: p, model: m}\n")
    with pytest.raises(ConfigError) as caught:
        Client.from_config(path, agent="scuot")
    file = tmp_path / "agents" / "scuot.yaml"
    assert str(caught.value) == f"There is no agent 'scuot': {file} does not exist. Did you mean 'scout'?"
    with pytest.raises(ConfigError, match=r"The agents are: scout, writer\."):
        Client.from_config(path, agent="zzz")
    with pytest.raises(ConfigError, match="There is no agent ''"):
        Client.from_config(path, agent="")
    assert Client.from_config(path, agent=tmp_path / "agents" / "scout.yaml").model == "m"


def test_an_argument_that_is_none_leaves_the_file_s(tmp_path: Path) -> None:
    """What is None counts as not given, so that the file's value stays."""
    path = tmp_path / "llm.yaml"
    path.write_text(HEAD + "    model: m\n")
    options: dict[str, None] = {"model": None}
    assert Client.from_config(path, **options).model == "m"  # type: ignore[arg-type] # as os.environ.get gives it
