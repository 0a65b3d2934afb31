"""The callback's listener: what it answers, and what ends it."""

from __future__ import annotations

import contextlib
import queue
import socket
from collections.abc import Iterator

import pytest
import urllib3
from urllib3.exceptions import HTTPError

from keybearer.credentials.oauth.authorization import LoginAnswer
from keybearer.shell import login_callback as loopback
from keybearer.shell.login_callback import Callback
from keybearer.types.secret import Secret


def judge(query: str) -> LoginAnswer:
    """Take one code, one refusal, and nothing else."""
    return {"code=good": LoginAnswer(code=Secret("good")), "denied": LoginAnswer(refusal="no")}.get(
        query, LoginAnswer(stray="not it")
    )


@pytest.fixture
def answers() -> queue.Queue[LoginAnswer]:
    """What the listener gave."""
    return queue.Queue()


@pytest.fixture
def callback(answers: queue.Queue[LoginAnswer]) -> Iterator[Callback]:
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


def test_strays_do_not_end_it(callback: Callback, answers: queue.Queue[LoginAnswer]) -> None:
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


def test_connections_that_do_nothing_hold_nobody_up(callback: Callback, answers: queue.Queue[LoginAnswer]) -> None:
    """Preconnections that stay silent, and one that has sent half a request, wait beside the browser's own."""
    with contextlib.ExitStack() as stack:
        idle = [stack.enter_context(socket.create_connection(("127.0.0.1", callback.port))) for _ in range(20)]
        idle[0].sendall(b"GET /callback?code=g")
        assert get(callback, "/callback?code=good")[0] == 200
    assert answers.get(timeout=10).code == Secret("good")


def test_of_too_many_connections_the_oldest_is_closed(callback: Callback, answers: queue.Queue[LoginAnswer]) -> None:
    """However many are open, the next one is served, and no more than the limit is kept."""
    with contextlib.ExitStack() as stack:
        idle = [
            stack.enter_context(socket.create_connection(("127.0.0.1", callback.port)))
            for _ in range(loopback.MAX_CONNECTIONS + 1)
        ]
        idle[0].settimeout(10)
        assert idle[0].recv(1) == b""
        assert get(callback, "/callback?code=good")[0] == 200
    assert answers.get(timeout=10).code == Secret("good")


def test_a_request_that_drips_has_a_limit_in_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes that keep coming do not keep a connection: its time is counted from its beginning."""
    monkeypatch.setattr(loopback, "READ_TIMEOUT", 0.2)
    listener = Callback()
    listener.start(judge, lambda _: None)
    with contextlib.closing(listener), socket.create_connection(("127.0.0.1", listener.port)) as slow:
        slow.settimeout(0.02)
        with contextlib.suppress(ConnectionError):
            while not ended(slow):
                slow.sendall(b"G")


def ended(connection: socket.socket) -> bool:
    """Return whether the other side has closed a connection."""
    try:
        return connection.recv(1) == b""
    except TimeoutError:
        return False


@pytest.mark.parametrize(
    "sent", [b"GET /callback?code=good HTTP/1.1", b"GET /callback?code=good HTTP/1.1\r\nHost: x\r\n"]
)
def test_a_request_that_is_cut_is_no_answer(callback: Callback, answers: queue.Queue[LoginAnswer], sent: bytes) -> None:
    """What did not come whole may be half a code: it is dropped, and the whole one is taken."""
    with socket.create_connection(("127.0.0.1", callback.port)) as cut:
        cut.sendall(sent)
        cut.shutdown(socket.SHUT_WR)
        cut.settimeout(10)
        assert cut.recv(1) == b""
    assert answers.empty()
    assert get(callback, "/callback?code=good")[0] == 200


def test_a_head_that_is_too_long_is_refused(callback: Callback, answers: queue.Queue[LoginAnswer]) -> None:
    """A head without end is refused at its limit."""
    with socket.create_connection(("127.0.0.1", callback.port)) as long:
        long.sendall(b"GET /callback?code=good HTTP/1.1\r\nx: " + b"y" * (loopback.MAX_HEAD - 30))
        long.settimeout(10)
        assert long.recv(12) == b"HTTP/1.1 431"
    assert answers.empty()


def test_it_is_closed_before_the_answer_is_given() -> None:
    """Whoever hears of the answer finds nobody listening; an answer comes once."""
    heard: queue.Queue[bool] = queue.Queue()
    listener = Callback()

    def done(_: LoginAnswer) -> None:
        try:
            socket.create_connection(("127.0.0.1", listener.port), timeout=10).close()
        except ConnectionRefusedError:
            heard.put(True)
        else:
            heard.put(False)

    listener.start(judge, done)
    get(listener, "/callback?code=good")
    assert heard.get(timeout=10)
    listener.close()


@pytest.mark.parametrize(("host", "address"), [("127.0.0.1", "127.0.0.1"), ("[::1]", "::1")])
def test_the_redirect_can_name_an_address(host: loopback.Host, address: str) -> None:
    """For servers that free the port of literal addresses only, the redirect names the one that is listened on."""
    try:
        listener = Callback(0, host)
    except OSError:
        pytest.skip("this machine has no such address")
    assert listener.redirect_uri == f"http://{host}:{listener.port}/callback"
    assert [each.getsockname()[0] for each in listener._sockets] == [address]
    listener.close()


def test_one_answer_closes_it(callback: Callback, answers: queue.Queue[LoginAnswer]) -> None:
    """After the answer nobody listens: a replay meets a closed port."""
    get(callback, "/callback?code=good")
    answers.get(timeout=10)
    with pytest.raises(HTTPError):
        get(callback, "/callback?code=good")
    assert answers.empty()


def test_a_refusal_ends_it(callback: Callback, answers: queue.Queue[LoginAnswer]) -> None:
    """A denied consent is an answer, and the page says so."""
    assert "Nothing was granted" in get(callback, "/callback?denied")[1]
    assert answers.get(timeout=10).refusal == "no"


def test_it_listens_on_loopback_only_and_names_itself_localhost(callback: Callback) -> None:
    """The redirect is `http://localhost:PORT/callback`, bound before anybody is sent there."""
    assert callback.redirect_uri == f"http://localhost:{callback.port}/callback"
    assert {each.getsockname()[0] for each in callback._sockets} <= {"127.0.0.1", "::1"}


def test_a_taken_port_is_an_error() -> None:
    """A port that something else has is reported at once."""
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
