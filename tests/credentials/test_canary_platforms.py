"""The canary on every platform: each kind of secret, through every way a call can end, is in nothing but the request to its host."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from types import MappingProxyType, ModuleType, SimpleNamespace
from typing import Any, Final, NamedTuple

import pytest

from keybearer import AsyncClient, Client, Platform
from keybearer.cli import main
from keybearer.credentials.signers.sigv4 import AWSKey
from keybearer.errors import KeybearerError
from keybearer.simulator import Simulator
from keybearer.types.secret import Secret
from support.canary import CANARY, Watch
from support.canary_service import Service, running
from support.identity import jwt
from support.served import served
from support.whole import WHOLE, sampled

KEY: Final = f"platform-key-{CANARY}"
ASK: dict[str, Any] = {"model": "claude-haiku-4-5", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]}


@pytest.fixture
def service() -> Iterator[tuple[Service, str]]:
    """The service and its address."""
    with running() as found:
        yield found


@pytest.fixture
def proxy() -> Iterator[tuple[list[str], str]]:
    """A proxy that opens no tunnel, and what came to it."""
    came: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_CONNECT(self) -> None:
            came.append(f"{self.requestline}\n{self.headers}")
            self.send_error(502, "No.")

        def log_message(self, *_: Any) -> None:
            pass

    with served(Handler) as port:
        yield came, f"http://127.0.0.1:{port}"


class Case(NamedTuple):
    """One kind of secret on one platform.

    Attributes:
        section: The provider's section of `llm.yaml`.
        given: The client's arguments.
        environ: The environment.
        sent: What of the secret a request has; an empty text where it has none of it, as with a signature.
        below: The path of the base URL.
    """

    section: dict[str, Any]
    given: dict[str, Any]
    environ: Mapping[str, str] = MappingProxyType({})
    sent: str = CANARY
    below: str = ""


VERTEX: Final = {"kind": "vertex", "region": "us-east5", "project": "a-project"}
AWS: Final = {"kind": "bedrock", "region": "us-east-1"}
GOOGLE_CLOUD: Final = {"kind": "google_cloud", "project": "a-project", "workspace": "wrkspc_1"}
FOUNDRY: Final = {"kind": "foundry", "resource": "a-resource"}
AWS_ENVIRONMENT: Final = {
    "AWS_ACCESS_KEY_ID": "AKIA1",
    "AWS_SECRET_ACCESS_KEY": f"secret-{CANARY}",
    "AWS_SESSION_TOKEN": f"session-{CANARY}",
}
FEDERATION: Final = {"federation_rule_id": "fdrl_1", "organization_id": "00000000-0000-4000-8000-000000000001"}


def platform(section: dict[str, Any], **more: Any) -> Platform:
    """Return the platform of a section."""
    return Platform(section["kind"], **{key: value for key, value in section.items() if key != "kind"}, **more)


CASES: dict[str, Callable[[], Case]] = {
    "mantle key": lambda: Case({**AWS, "kind": "bedrock_mantle", "api_key": KEY}, {}),
    "bedrock key": lambda: Case(AWS, {"platform": platform(AWS), "api_key": KEY}),
    "bedrock bearer key of the environment": lambda: Case(AWS, {}, {"AWS_BEARER_TOKEN_BEDROCK": KEY}),
    "bedrock keys of the environment": lambda: Case(AWS, {}, AWS_ENVIRONMENT, f"session-{CANARY}"),
    "mantle key pair": lambda: Case(
        {**AWS, "kind": "bedrock_mantle"},
        {"platform": platform({**AWS, "kind": "bedrock_mantle"}, aws_key=AWSKey("AKIA1", Secret(f"secret-{CANARY}")))},
        {},
        "",
    ),
    "aws key": lambda: Case({"kind": "aws", "region": "us-east-1", "workspace": "wrkspc_1", "api_key": KEY}, {}),
    "aws keys of the environment": lambda: Case(
        {"kind": "aws", "region": "us-east-1", "workspace": "wrkspc_1"}, {}, AWS_ENVIRONMENT, f"session-{CANARY}"
    ),
    "vertex token": lambda: Case(VERTEX, {"platform": platform(VERTEX), "auth_token": f"ya29.{CANARY}"}),
    "vertex ADC": lambda: Case(VERTEX, {}),
    "google cloud function": lambda: Case(
        GOOGLE_CLOUD, {"platform": platform(GOOGLE_CLOUD, token=lambda: f"ya29.{CANARY}")}
    ),
    "foundry key": lambda: Case({**FOUNDRY, "api_key": KEY}, {}),
    "foundry Entra": lambda: Case(FOUNDRY, {}, {"AZURE_CLIENT_SECRET": f"client-secret-{CANARY}"}),
    "federation": lambda: Case(
        {"auth": {"mode": "federation", "federation": {**FEDERATION, "identity_token": {"variable": "IDENTITY"}}}},
        {},
        {"IDENTITY": jwt().rpartition(".")[0] + "." + CANARY},
    ),
    "federation from a file": lambda: Case(
        {"auth": {"mode": "federation", "federation": {**FEDERATION, "identity_token": {"file": "FOLDER/identity"}}}},
        {},
    ),
    "several keys": lambda: Case({"api_keys": [f"sk-ant-api03-{CANARY}-{number}" for number in (1, 2)]}, {}),
    "mounted key": lambda: Case({"api_key": "${file:FOLDER/key}"}, {}),
}


def cloud_libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in for google-auth and azure-identity, which have a token each."""
    google, auth, exceptions = ModuleType("google"), ModuleType("google.auth"), ModuleType("google.auth.exceptions")
    found = SimpleNamespace(token="", expiry=None)
    found.refresh = lambda _: setattr(found, "token", f"ya29.{CANARY}")
    auth.default = lambda **_: (found, "a-project")  # type: ignore[attr-defined]
    exceptions.DefaultCredentialsError = ArithmeticError  # type: ignore[attr-defined]
    google.auth = auth  # type: ignore[attr-defined]
    azure, identity = ModuleType("azure"), ModuleType("azure.identity")
    transport = ModuleType("azure.core.pipeline.transport")
    transport.RequestsTransport = type("RequestsTransport", (), {"__init__": lambda *_, **__: None})  # type: ignore[attr-defined]
    token = SimpleNamespace(token=f"eyJ.{CANARY}.x", expires_on=9e9)
    identity.DefaultAzureCredential = lambda **_: SimpleNamespace(get_token=lambda _: token)  # type: ignore[attr-defined]
    named = {"azure.core": ModuleType("azure.core"), "azure.core.pipeline": ModuleType("azure.core.pipeline")}
    for module in (google, auth, exceptions, azure, identity):
        named[module.__name__] = module
    for name, module in {**named, transport.__name__: transport}.items():
        monkeypatch.setitem(sys.modules, name, module)


@pytest.fixture
def watch(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> Iterator[Watch]:
    """Look at everything, with every logger at DEBUG, and at the output afterwards."""
    loggers = [logging.getLogger(name) for name in ("keybearer", "asyncio", "aiohttp", "urllib3", "botocore")]
    levels = [logger.level for logger in loggers]
    with caplog.at_level(logging.DEBUG):
        for logger in loggers:
            logger.setLevel(logging.DEBUG)
        yield Watch(caplog)
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
    assert CANARY not in "".join(capfd.readouterr())


class World(NamedTuple):
    """A case with its file, and what makes clients of it."""

    case: Case
    path: Path

    def client(self, cls: Any, base_url: str, **more: Any) -> Any:
        """Return a client, of `llm.yaml` or of the case's arguments."""
        given = {"base_url": base_url, "max_retries": 0, **more}
        return cls(**given, **self.case.given) if self.case.given else cls.from_config(self.path, **given)


@pytest.fixture
def world(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """The case of a test, with its secrets where they belong."""
    case = CASES[request.param]()
    cloud_libraries(monkeypatch)
    for name, value in case.environ.items():
        monkeypatch.setenv(name, value)
    for name, text in (("key", f"sk-ant-api03-{CANARY}"), ("identity", jwt().rpartition(".")[0] + "." + CANARY)):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o600)
    path = tmp_path / "llm.yaml"
    section = json.dumps(case.section).replace("FOLDER", str(tmp_path))
    path.write_text(f'{{"providers": {{"it": {section}}}}}')
    path.chmod(0o600)
    return World(case, path)


def asked(client: Client, stream: bool) -> Any:
    """Ask, and read the whole answer."""
    if not stream:
        return client.messages.create(**ASK)
    with client.messages.stream(**ASK) as events:
        return events.get_final_message()


async def awaited(client: AsyncClient, stream: bool) -> Any:
    """Ask, and read the whole answer."""
    async with client:
        if not stream:
            return await client.messages.create(**ASK)
        async with client.messages.stream(**ASK) as events:
            return await events.get_final_message()


def _run(client: AsyncClient, *, stream: bool) -> Any:
    return asyncio.run(awaited(client, stream))


def cases(first: int) -> pytest.MarkDecorator:
    """Return every case, or a fifth of them, from the one of this number, where a sample is run."""
    return pytest.mark.parametrize("world", sampled(list(CASES)[0 if WHOLE else first :], 5), indirect=True)


@cases(0)
def test_no_call_shows_its_secret(
    world: World, service: tuple[Service, str], watch: Watch, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Answers, refusals that repeat all they were sent, and cut streams; sync and awaited, with a ledger."""
    kept, url = service
    ledger = tmp_path / "kept" / "ledger.db"
    ledger.parent.mkdir()
    with world.client(Client, url + world.case.below, ledger=ledger) as client:
        for says, stream in [
            ("answer", False),
            ("answer", True),
            ("401", False),
            ("403", True),
            ("500", False),
            ("cut", True),
        ]:
            watch.where, kept.says = f"{request.node.name}: {says}", says
            if says == "answer":
                watch.show(asked(client, stream))
            else:
                error = watch.fails(lambda stream=stream: asked(client, stream))  # type: ignore[misc] # bound now
                assert error.request is not None
                watch.show(error.request, error.response)
            kept.says = "answer"
            watch.logged()
        raw = client.messages.with_raw_response.create(**ASK)
        watch.show(client, client.base_url, raw, raw.headers)
        for says, stream in [("answer", True), ("401", False), ("cut", True)] if WHOLE else [("401", True)]:
            watch.where, kept.says = f"{request.node.name}: awaited, {says}", says
            made = world.client(AsyncClient, url + world.case.below)
            act = partial(_run, made, stream=stream)
            watch.show(act()) if says == "answer" else watch.fails(act)
            watch.show(made)
        watch.logged()
    assert all(world.case.sent in each for each in kept.came if "/oauth/token" not in each)
    if not world.case.sent:
        assert CANARY not in "".join(kept.came)
    files = [file for file in ledger.parent.rglob("*") if file.is_file()]
    assert files
    assert not [file for file in files if CANARY.encode() in file.read_bytes()]


@cases(1)
def test_no_failure_of_the_network_shows_a_secret(  # noqa: PLR0917 - fixtures
    world: World,
    service: tuple[Service, str],
    proxy: tuple[list[str], str],
    watch: Watch,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    """A proxy that refuses sees a host and no secret; a name that nobody knows, and a port where nobody listens, are said."""
    find = socket.getaddrinfo

    def unknown(host: Any, *given: Any, **named: Any) -> Any:
        if host == "service.invalid":
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return find(host, *given, **named)

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    way: list[tuple[str, dict[str, Any]]] = [
        ("https://service.invalid", {"proxy": proxy[1]}),
        ("https://service.invalid", {}),
        ("http://127.0.0.1:1", {}),
    ]
    if "federation" in world.case.section.get("auth", {}):  # its token comes from that host as well
        hosts = world.path.read_text().replace('"mode"', '"allow_other_hosts": ["service.invalid"], "mode"')
        world.path.write_text(hosts)
    for base_url, more in way:
        watch.where = f"{request.node.name}: {base_url} {more}"
        with world.client(Client, base_url + world.case.below, **more) as client:
            watch.fails(lambda client=client: asked(client, stream=False))  # type: ignore[misc] # bound now
            watch.show(client)
        watch.logged()
    assert proxy[0]
    assert CANARY not in "".join(proxy[0])
    assert service[0].came == []


@cases(2)
def test_no_command_shows_a_secret(world: World, watch: Watch, capfd: pytest.CaptureFixture[str]) -> None:
    """`auth status` and `doctor`, with and without `--json`, and what `config show` prints."""
    if "platform" in world.case.given:
        pytest.skip("its secret stands in no file")
    flags = ["--config", str(world.path)]
    for words in (
        ["auth", "status"],
        ["auth", "status", "--json"],
        ["doctor", "--offline"],
        ["doctor", "--offline", "--json"],
    ):
        main([*words, *flags])
    main(["config", "show", "--resolved", "--origin", *flags])
    said = capfd.readouterr()
    assert "keybearer" in said.out + said.err
    assert CANARY not in said.out + said.err
    watch.logged()


@cases(3)
def test_no_recording_has_a_secret(world: World, service: tuple[Service, str], tmp_path: Path) -> None:
    """What the simulator records of the traffic has neither the secret nor what a refusal repeats of it."""
    kept, url = service
    file = tmp_path / "talk.jsonl"
    token = f'"token_endpoint": "{url}/v1/oauth/token", "mode"'  # a recorder passes no token request on
    world.path.write_text(world.path.read_text().replace('"mode"', token))
    with (
        Simulator(record=file, upstream=url) as recorder,
        world.client(Client, recorder.base_url + world.case.below) as client,
    ):
        client.messages.create(**ASK)
        kept.says = "403"
        with pytest.raises(KeybearerError):
            client.messages.create(**ASK)
    assert world.case.sent in kept.came[-1]
    assert len(file.read_text().splitlines()) > 1
    assert CANARY not in file.read_text()
