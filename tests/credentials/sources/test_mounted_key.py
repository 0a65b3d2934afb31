"""A key in a file is read anew when the file changes, and seldom looked at."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from keybearer.config.loader import load_config
from keybearer.credentials.sources.table import Key, key_provider
from keybearer.errors import CredentialError
from keybearer.types.secret import MountedSecret, Secret
from support.logins import HandClock, run, write_private


def mounted(path: Path) -> tuple[HandClock, object]:
    """Return a clock and the provider of the key in a file."""
    clock = HandClock()
    key = Key(MountedSecret(path.read_text(), str(path)), "api_key in llm.yaml")
    return clock, key_provider(key, lambda: clock.mono)


def key_of(provider: object) -> Secret:
    """Return the key that the next request is signed with."""
    return run(provider.current()).signer.secret  # type: ignore[attr-defined,no-any-return] # an API key's


def test_a_replaced_file_is_read_after_a_second(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Within the second the file is not looked at; afterwards its new key signs."""
    path = write_private(tmp_path / "key", b"sk-ant-api03-one\n")
    clock, provider = mounted(path)
    write_private(path, b"sk-ant-api03-second")
    looks: list[Path] = []

    def look(path: Path, *, links: bool) -> object:
        looks.append(path)
        return path.stat(follow_symlinks=links).st_mtime_ns

    monkeypatch.setattr("keybearer.credentials.sources.mounted_key.stat_signature", look)
    assert [key_of(provider) for _ in range(5)] == [Secret("sk-ant-api03-one")] * 5
    assert looks == []
    clock.sleep(1.0)
    assert [key_of(provider) for _ in range(5)] == [Secret("sk-ant-api03-second")] * 5
    assert len(looks) == 1


def test_a_refusal_looks_at_once(tmp_path: Path) -> None:
    """A 401 means that the key was probably rotated."""
    path = write_private(tmp_path / "key", b"sk-ant-api03-one")
    _, provider = mounted(path)
    credential = run(provider.current())  # type: ignore[attr-defined]
    write_private(path, b"sk-ant-api03-second")
    provider.rejected(credential)  # type: ignore[attr-defined]
    assert key_of(provider) == Secret("sk-ant-api03-second")


@pytest.mark.parametrize("content", [None, b"", b"two words", b"\xff"])
def test_a_file_that_holds_no_key_changes_nothing(
    tmp_path: Path, content: bytes | None, caplog: pytest.LogCaptureFixture
) -> None:
    """Removed, empty or half-written: the key in memory stays, with one line of the log that shows neither."""
    path = write_private(tmp_path / "key", b"sk-ant-api03-one")
    clock, provider = mounted(path)
    path.unlink() if content is None else write_private(path, content)
    clock.sleep(1.0)
    with caplog.at_level(logging.DEBUG):
        assert key_of(provider) == Secret("sk-ant-api03-one")
        clock.sleep(1.0)
        assert key_of(provider) == Secret("sk-ant-api03-one")
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "stays in use" in caplog.text
    assert "sk-ant" not in caplog.text + repr(provider)


def test_only_a_whole_file_is_mounted(tmp_path: Path) -> None:
    """`${file:...}` alone is read anew; within other text, or from a variable, it is the text."""
    write_private(tmp_path / "key", b"sk-ant-api03-one\n")
    path = tmp_path / "llm.yaml"
    path.write_text(
        "providers:\n  a:\n    api_key: ${file:key}\n  b:\n    api_key: x${file:key}\n"
        "  c:\n    api_keys: ['${file:./key}', plain]\n"
    )
    providers = load_config(path).providers
    first = providers["a"].api_key
    assert isinstance(first, MountedSecret)
    assert (first, first.path) == (Secret("sk-ant-api03-one"), str(tmp_path / "key"))
    assert not isinstance(providers["b"].api_key, MountedSecret)
    assert [isinstance(each, MountedSecret) for each in providers["c"].api_keys or ()] == [True, False]
    with pytest.raises(CredentialError):
        key_provider(Key(MountedSecret("two words", "/x"), "x"), lambda: 0.0)
