"""The connection to Redis: scripts by their digest, short time limits, and every failure in words without a secret."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from keybearer.config.redis_server import RedisServer
from keybearer.errors import RedisUnavailable
from keybearer.shell.redis.link import RedisLink, RedisScript, redis_link
from keybearer.types.secret import Secret
from support.redis_servers import free_port, needs_redis, redis_server

SECRET = "pa$$word-of-the-fleet"
SECRET_OF_FLEET = Secret(SECRET)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with the socket of a running server, which has a user `fleet`."""
    folder = tmp_path_factory.mktemp("redis")
    with redis_server(folder):
        rules = ("on", f">{SECRET}", "~keybearer:*", "+@all")
        RedisLink(server_of(folder)).command("ACL", "SETUSER", "fleet", *rules)
        yield folder


def server_of(folder: Path, **changed: Any) -> RedisServer:
    """Return the server of the folder's socket."""
    return RedisServer(path=str(folder / "redis.sock"), **changed)


@needs_redis
def test_a_script_is_sent_whole_only_where_the_server_lacks_it(folder: Path) -> None:
    """Also after a restart, or a SCRIPT FLUSH; the answer is the same."""
    link = RedisLink(server_of(folder))
    add = RedisScript("return redis.call('INCRBY', KEYS[1], ARGV[1])")
    key = link.server.key("t", "n")
    assert [link.run(add, [key], [2]), link.run(add, [key], [3])] == [2, 5]
    link.command("SCRIPT", "FLUSH")
    assert link.run(add, [key], [1]) == 6
    counted = str(link.command("INFO", "commandstats"))
    assert "'cmdstat_eval': {'calls': 2" in counted or "cmdstat_eval:calls=2" in counted
    link.close()


@needs_redis
def test_a_user_and_a_password_open_it_and_a_wrong_one_does_not(folder: Path) -> None:
    """What a user may not do is refused in words as well."""
    link = RedisLink(server_of(folder, user="fleet", password=SECRET_OF_FLEET))
    assert link.command("SET", "keybearer:x", "1")
    with pytest.raises(RedisUnavailable, match="refused the login: .*permission") as kept_out:
        link.command("SET", "other:x", "1")
    assert kept_out.value.problem == "refused"
    wrong = RedisLink(server_of(folder, user="fleet", password=Secret("wrong-password")))
    with pytest.raises(RedisUnavailable, match="refused the login") as refused:
        wrong.command("PING")
    assert "Check the ACL user" in refused.value.hint
    assert "wrong-password" not in str(refused.value)
    link.close()


@needs_redis
def test_a_server_that_is_blocked_is_not_waited_for(folder: Path) -> None:
    """The time limit is short, and the error names it."""
    other = RedisLink(server_of(folder))
    other.command("CLIENT", "PAUSE", "60000", "WRITE")
    link = RedisLink(server_of(folder, timeout=0.05))
    with pytest.raises(RedisUnavailable, match=r"did not answer within 0\.05 s") as slow:
        link.command("SET", "a", "b")
    assert slow.value.problem == "slow"
    other.command("CLIENT", "UNPAUSE")


@needs_redis
def test_tls_with_a_certificate_of_ones_own_authority(tmp_path: Path) -> None:
    """`ca_file` names it; without it the certificate is not trusted."""
    authority = trustme.CA()
    made = authority.issue_cert("localhost", "127.0.0.1")
    made.private_key_pem.write_to_path(tmp_path / "key.pem")
    made.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    port = free_port()
    tls = ["--tls-port", str(port), "--tls-auth-clients", "no"]
    tls += ["--tls-cert-file", str(tmp_path / "cert.pem"), "--tls-key-file", str(tmp_path / "key.pem")]
    with redis_server(tmp_path, *tls):
        url = f"rediss://localhost:{port}"
        link = RedisLink(RedisServer.from_url(url, ca_file=tmp_path / "ca.pem"))
        assert link.command("PING") in {True, "PONG"}
        link.close()
        with pytest.raises(RedisUnavailable, match=r"cannot be reached: .*certificate") as untrusted:
            RedisLink(RedisServer.from_url(url)).command("PING")
        assert untrusted.value.server == f"Redis at localhost:{port}"


@needs_redis
def test_a_script_runs_on_a_cluster(tmp_path: Path) -> None:
    """Its keys carry one tag, and so are on one node."""
    port = free_port()
    with redis_server(tmp_path, "--cluster-enabled", "yes", "--cluster-port", str(free_port()), port=port):
        node = RedisLink(server_of(tmp_path))
        node.command("CLUSTER", "ADDSLOTSRANGE", 0, 16383)
        while "cluster_state:ok" not in str(node.command("CLUSTER", "INFO")).replace("': '", ":"):
            pass
        link = RedisLink(RedisServer.from_url(f"redis://127.0.0.1:{port}?cluster=true"))
        both = RedisScript("redis.call('SET', KEYS[1], 1) return redis.call('INCR', KEYS[2])")
        keys = [link.server.key("tag", name) for name in ("a", "b")]
        assert link.run(both, keys) == 1
        link.close()
        node.close()


def test_nobody_there_is_said_at_once() -> None:
    """With the address, and what to check."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        link = RedisLink(RedisServer.from_url(f"redis://app:{SECRET}@127.0.0.1:{held.getsockname()[1]}"))
        with pytest.raises(RedisUnavailable, match=r"^Redis at 127\.0\.0\.1:\d+ cannot be reached: .*refused") as error:
            link.command("PING")
    assert (error.value.problem, error.value.__context__) == ("unreachable", None)
    assert SECRET not in str(error.value)


@needs_redis
def test_replicas_that_are_asked_for_and_missing_are_an_error(folder: Path) -> None:
    """A booking that only one server has would be lost with it."""
    link = RedisLink(server_of(folder, replicas=1))
    with pytest.raises(RedisUnavailable, match="has fewer replicas that answer than were asked for"):
        link.run_confirmed(RedisScript("return redis.call('SET', KEYS[1], 1) and 1"), [link.server.key("t", "r")])
    link.close()


def test_a_process_has_one_connection_to_a_server() -> None:
    """Whoever shares the server shares it."""
    server = RedisServer(host="only.one.example")
    assert redis_link(server) is redis_link(RedisServer(host="only.one.example"))
