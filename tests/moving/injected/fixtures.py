"""Stands in place of the conftest of the SDK's tests: `anthropic` is `keybearer.compat` there.

The SDK is imported first and put aside as `REAL`: its pydantic models check what keybearer's values hold.
"""

import importlib
import importlib.abc
import importlib.machinery
import os
import sys

import anthropic as REAL
import anthropic.types.beta.messages
import anthropic.types.beta.skills
import anthropic.types.messages
import anthropic.types.skills
import pytest
from pytest_asyncio import is_async_test

PACKAGES = ("types", "types.messages", "types.skills", "types.beta", "types.beta.messages", "types.beta.skills")
TYPES = {name: sys.modules[f"anthropic.{name}"] for name in PACKAGES}
for name in [name for name in sys.modules if name.partition(".")[0] == "anthropic"]:
    del sys.modules[name]


class Injected(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds a module of keybearer.compat under the SDK's name."""

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] != "anthropic":
            return None
        module = importlib.import_module("keybearer.compat" + name.removeprefix("anthropic"))
        return importlib.machinery.ModuleSpec(name, self, is_package=hasattr(module, "__path__"))

    def create_module(self, spec):
        module = importlib.import_module("keybearer.compat" + spec.name.removeprefix("anthropic"))
        spec.loader_state = module.__spec__
        return module

    def exec_module(self, module):
        module.__spec__ = module.__spec__.loader_state  # its own, which finds its data


sys.meta_path.insert(0, Injected())

from anthropic import Anthropic, AsyncAnthropic  # noqa: E402

pytest.register_assert_rewrite("tests.utils")
base_url, api_key = os.environ["TEST_API_BASE_URL"], "sk-ant-sim-own-tests"


def pytest_collection_modifyitems(items):
    for item in items:
        if is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.fixture(scope="session")
def client():
    with Anthropic(base_url=base_url, api_key=api_key) as client:
        yield client


@pytest.fixture(scope="session")
async def async_client():
    async with AsyncAnthropic(base_url=base_url, api_key=api_key) as client:
        yield client
