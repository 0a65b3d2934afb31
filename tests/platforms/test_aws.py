"""AWS with botocore: its signatures, its framing, its credentials, and the SDK's clients beside ours."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import anthropic
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.eventstream import EventStreamBuffer

import keybearer.compat as moved
from keybearer import AsyncClient, Client, Platform
from keybearer.credentials.signers.sigv4 import AWSKey, SigV4Signer
from keybearer.credentials.sources.aws import botocore_session
from keybearer.errors import AuthenticationFailed, StreamAPIError, StreamError, StreamTruncated
from keybearer.simulator import Simulator
from keybearer.simulator.platforms.callers import ACCESS_KEY, SECRET_KEY, SESSION_TOKEN, TEMPORARY_KEY
from keybearer.simulator.platforms.frames import frame
from keybearer.types.http import Draft
from keybearer.types.secret import Secret
from keybearer.wire.response.aws_frames import FrameParser
from support.platforms import PLATFORM_CASES

ASK: dict[str, Any] = {"model": "claude-haiku-4-5", "max_tokens": 30, "messages": [{"role": "user", "content": "Hi"}]}
KINDS = ("bedrock_mantle", "bedrock", "aws")
NAMES = {
    "bedrock_mantle": "anthropic.claude-haiku-4-5",
    "bedrock": "us.anthropic.claude-haiku-4-5-20251001-v1:0",
    "aws": "claude-haiku-4-5",
}
SECRETS = {"aws_access_key": ACCESS_KEY, "aws_secret_key": SECRET_KEY}


@pytest.fixture(autouse=True)
def _no_files(monkeypatch: pytest.MonkeyPatch) -> None:
    botocore_session.cache_clear()
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


def test_signatures_are_botocores() -> None:
    """300 requests, with odd paths, queries and headers, are signed as botocore's own class signs them."""
    draw = random.Random(20)  # noqa: S311 - the same each time
    for _ in range(300):
        path = "/".join("".join(draw.choices("abé:;%~ .+*", k=draw.randint(0, 5))) for _ in range(3))
        url = f"https://x.example:{draw.choice([443, 8443])}/{quote(path, safe='/:;~+*.')}"
        if draw.random() < 0.5:
            url += "?" + "&".join(f"{draw.choice('abc')}={draw.randint(0, 9)}" for _ in range(3))
        headers = {"content-type": "application/json", "anthropic-beta": f"a,  b{draw.randint(0, 9)} "}
        body = draw.randbytes(draw.randint(0, 99))
        token = draw.choice([None, "a-token"])
        key = AWSKey(ACCESS_KEY, Secret(SECRET_KEY), Secret(token) if token else None)
        host = "x.example:443" if ":443" in url else "x.example:8443"
        signer = SigV4Signer(key, "us-east-1", "bedrock", host, now=lambda: 1_780_000_000.0)
        ours = signer.sign(Draft(method="POST", url=url, headers=headers, body=body), "a test")
        request = AWSRequest(method="POST", url=url, headers={**headers, "X-Amz-Date": "20260528T202640Z"}, data=body)
        if token:
            request.headers["X-Amz-Security-Token"] = token
        auth = SigV4Auth(Credentials(ACCESS_KEY, SECRET_KEY, token), "bedrock", "us-east-1")
        request.context["timestamp"] = "20260528T202640Z"
        canonical = auth.canonical_request(request)
        theirs = auth.signature(auth.string_to_sign(request, canonical), request)
        assert ours.headers["authorization"].endswith(theirs), canonical


def test_frames_are_botocores() -> None:
    """Random frames, cut at every byte, are read as botocore's own buffer reads them."""
    draw = random.Random(20)  # noqa: S311 - the same each time
    for _ in range(20):
        frames = [
            frame(
                {f"h{n}": "é" * draw.randint(0, 9) for n in range(draw.randint(0, 4))},
                draw.randbytes(draw.randint(0, 60)),
            )
            for _ in range(3)
        ]
        data = b"".join(frames)
        buffer = EventStreamBuffer()
        buffer.add_data(data)
        expected = [(event.headers, event.payload) for event in buffer]
        assert len(expected) == 3
        for cut in range(len(data) + 1):
            parser = FrameParser(1 << 20)
            assert [tuple(each) for part in (data[:cut], data[cut:]) for each in parser.feed(part)] == expected


@pytest.mark.parametrize("kind", KINDS)
def test_a_signed_request_is_taken(kind: str, clouds: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """Signed requests of ours, of the SDK's client and of compat's get the same answer; botocore checks each signature."""
    case, base_url = PLATFORM_CASES[kind], clouds.base_url + PLATFORM_CASES[kind].below
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
    with Client(platform=case.platform, base_url=base_url) as client:
        text = client.messages.create(**ASK).text
        with client.messages.stream(**ASK) as stream:
            assert stream.get_final_message().text == text
    given = {name: value for name, value in case.sdk_given.items() if name != "api_key"}
    for make, model in ((anthropic, NAMES[kind]), (moved, "claude-haiku-4-5")):
        with getattr(make, case.sdk)(**given, **SECRETS, base_url=base_url, max_retries=0) as theirs:
            params = {**ASK, "model": model}
            assert theirs.messages.create(**params).content[0].text == text
            with theirs.messages.stream(**params) as stream:
                assert stream.get_final_message().content[0].text == text
            if kind == "aws":
                assert theirs.models.list(limit=2).data

    async def ask() -> str:
        async with AsyncClient(platform=case.platform, base_url=base_url) as awaited:
            return str((await awaited.messages.create(**ASK)).text)

    assert asyncio.run(ask()) == text


def test_a_wrong_signature_and_a_wrong_clock_are_named(clouds: Simulator) -> None:
    """The simulator refuses them as AWS does; the error says what is wrong, and by how much, and shows no secret."""
    base_url = clouds.base_url + "/bedrock"
    wrong = AWSKey(ACCESS_KEY, Secret("canary-secret-0123456789"))
    with Client(platform=Platform("bedrock", region="us-east-1", aws_key=wrong), base_url=base_url) as client:
        with pytest.raises(AuthenticationFailed, match="does not match the signature") as caught:
            client.messages.create(**ASK)
        assert "canary-secret" not in repr(client) + str(caught.value) + repr(caught.value.__dict__)
    clouds.clock.advance(3600)
    right = AWSKey(ACCESS_KEY, Secret(SECRET_KEY))
    with (
        Client(platform=Platform("bedrock", region="us-east-1", aws_key=right), base_url=base_url) as client,
        pytest.raises(AuthenticationFailed, match=r"clock is (3600|3599|3601) s behind the service's"),
    ):
        client.messages.create(**ASK)


def test_botocore_finds_and_renews(
    clouds: Simulator, endpoint: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A container's endpoint gives a temporary key that is about to expire: botocore fetches the next, and it signs."""
    asked: list[str] = []

    def answer(request: Any) -> dict[str, Any]:
        asked.append(request.path)
        year = 2020 + 79 * (len(asked) > 1)
        return {
            "AccessKeyId": TEMPORARY_KEY,
            "SecretAccessKey": SECRET_KEY,
            "Token": SESSION_TOKEN,
            "Expiration": f"{year}-01-01T00:00:00Z",
        }

    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", endpoint(answer) + "/creds")
    platform = Platform("bedrock_mantle", region="us-east-1")
    with Client(platform=platform, base_url=clouds.base_url + "/bedrock_mantle/anthropic") as client:
        client.messages.create(**ASK)
        client.messages.create(**ASK)
    assert asked == ["/creds"] * 2


def test_a_profile_names_region_and_key(clouds: Simulator, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A profile of AWS's files has the region and the key."""
    (tmp_path / "config").write_text("[profile work]\nregion = eu-west-1\n")
    (tmp_path / "credentials").write_text(
        f"[work]\naws_access_key_id = {ACCESS_KEY}\naws_secret_access_key = {SECRET_KEY}\n"
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    platform = Platform("bedrock", profile="work")
    with Client(platform=platform) as client:
        assert client.base_url == "https://bedrock-runtime.eu-west-1.amazonaws.com"
    with Client(platform=platform, base_url=clouds.base_url + "/bedrock") as client:
        assert client.messages.create(**ASK).text


@pytest.mark.parametrize(("fault", "cls"), [("stream_error", StreamAPIError), ("cut", StreamTruncated)])
def test_a_broken_stream_is_no_message(fault: str, cls: type[StreamError], clouds: Simulator) -> None:
    """An exception among the frames, and a cut inside a frame, raise, with what came until then."""
    clouds.fail(fault, after_events=5)
    case = PLATFORM_CASES["bedrock"]
    with (
        Client(platform=case.platform, base_url=clouds.base_url + "/bedrock", **case.credential) as client,
        pytest.raises(cls) as caught,
        client.messages.stream(**ASK, max_retries=0) as stream,
    ):
        stream.get_final_message()
    assert caught.value.partial is not None
