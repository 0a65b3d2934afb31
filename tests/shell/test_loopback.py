"""The callback's listener: what it answers, and what ends it."""

from __future__ import annotations

import queue
import socket
from collections.abc import Iterator

import pytest
import urllib3
from urllib3.exceptions import HTTPError

from keybearer.credentials.login import Answer
from keybearer.shell.loopback import Callback
from keybearer.types.secret import Secret


def judge(query: str) -> Answer:
    """Take one code, one refusal, and nothing else."""
    return {"code=good": Answer(code=Secret("good")), "denied": Answer(refusal="no")}.get(query, Answer(stray="not it"))


@pytest.fixture
def answers() -> queue.Queue[Answer]:
    """What the listener gave."""
    return queue.Queue()


@pytest.fixture
def callback(answers: queue.Queue[Answer]) -> Iterator[Callback]:
    """A listener."""
    listener = Callback()
    listener.start(judge, answers.put)
    yield listener
    listener.close()


def get(callback: Callback, target: str, method: str = "GET", host: str = "127.0.0.1") -> tuple[int, str]:
    """Ask the listener."""
    with urllib3.PoolManager() as http:
        reply = http.request(method, f"http://{host}:{callback.port}{target}", retries=False, timeout=10)
        assert reply.headers["cache-control"] == "no-store"
        assert reply.headers["referrer-policy"] == "no-referrer"
        return reply.status, reply.data.decode()


def test_strays_do_not_end_it(callback: Callback, answers: queue.Queue[Answer]) -> None:
    """A favicon, another path, a wrong method, a mismatched answer and noise are refused, and the right one is taken."""
    assert get(callback, "/favicon.ico")[0] == 404
    assert get(callback, "/callbackx?code=good")[0] == 404
    assert get(callback, "/callback?code=good", method="POST")[0] == 404
    assert get(callback, "/callback?code=bad")[0] == 400
    assert get(callback, "/callback")[0] == 400
    with socket.create_connection(("127.0.0.1", callback.port)) as noise:
        noise.sendall(b"\x16\x03\x01\x00")
    assert answers.empty()
    assert get(callback, "/callback?code=good")[0] == 200
    assert answers.get(timeout=10).code == Secret("good")


def test_one_answer_closes_it(callback: Callback, answers: queue.Queue[Answer]) -> None:
    """After the answer nobody listens: a replay meets a closed port."""
    get(callback, "/callback?code=good")
    answers.get(timeout=10)
    with pytest.raises(HTTPError):
        get(callback, "/callback?code=good")
    assert answers.empty()


def test_a_refusal_ends_it(callback: Callback, answers: queue.Queue[Answer]) -> None:
    """A denied consent is an answer, and the page says so."""
    assert "Nothing was granted" in get(callback, "/callback?denied")[1]
    assert answers.get(timeout=10).refusal == "no"


def test_it_listens_on_loopback_only_and_names_itself_localhost(callback: Callback) -> None:
    """The redirect is `http://localhost:PORT/callback`, bound before anybody is sent there."""
    assert callback.redirect_uri == f"http://localhost:{callback.port}/callback"
    assert {each.getsockname()[0] for each in callback._sockets} <= {"127.0.0.1", "::1"}


def test_a_taken_port_is_an_error() -> None:
    """A port that something else has is told at once."""
    with Busy() as port, pytest.raises(OSError, match="in use"):
        Callback(port)


class Busy:
    """A port that is taken."""

    def __enter__(self) -> int:
        self._socket = socket.create_server(("127.0.0.1", 0))
        port: int = self._socket.getsockname()[1]
        return port

    def __exit__(self, *_: object) -> None:
        self._socket.close()
