"""Configurations for tests: a file, one provider, or the error."""

from __future__ import annotations

from pathlib import Path

import pytest

from keybearer.config.loader import load_config
from keybearer.config.schema import Config, ProviderConfig
from keybearer.errors import ConfigError


def load(tmp_path: Path, text: str | bytes, **environ: str) -> Config:
    """Read a file with this text."""
    path = tmp_path / "llm.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load_config(path, environ)


def provider(tmp_path: Path, text: str, **environ: str) -> ProviderConfig:
    """Read the section of one provider, written as a flow mapping."""
    return load(tmp_path, "providers: {p: " + text + "}", **environ).providers["p"]


def failure(tmp_path: Path, text: str | bytes, **environ: str) -> ConfigError:
    """Return the error that a file gives."""
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text, **environ)
    return caught.value
