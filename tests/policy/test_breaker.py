"""The circuit breaker, on a clock of the test's own."""

from __future__ import annotations

import contextlib

from keybearer.policy.breaker import BreakerOpen, CircuitBreaker


def breaker() -> CircuitBreaker:
    """Return a breaker: three failures in a row over two seconds open it for ten."""
    return CircuitBreaker(failures=3, span=2.0, cooldown=10.0, lock=contextlib.nullcontext())


def held(circuit: CircuitBreaker, now: float) -> float:
    """Return for how long a call is held back; 0 for not."""
    try:
        circuit.admit(now)
    except BreakerOpen as error:
        return error.seconds
    return 0.0


def opened() -> CircuitBreaker:
    """Return one that opened at second 4."""
    circuit = breaker()
    for second in (0.0, 2.0, 4.0):
        circuit.fail(second)
    return circuit


def test_a_long_row_of_failures_opens_it() -> None:
    """Three failures over two seconds: nothing goes out, and the wait is what is left of the cooldown."""
    circuit = opened()
    assert circuit.state(5.0) == "open"
    assert (held(circuit, 5.0), held(circuit, 13.0)) == (9.0, 1.0)


def test_a_blip_does_not() -> None:
    """A hundred failures within a moment, and a row that a success ends, leave it closed."""
    circuit = breaker()
    for _ in range(100):
        circuit.fail(0.5)
    assert circuit.state(0.5) == "closed"
    circuit.succeed()
    circuit.fail(9.0)
    circuit.fail(10.0)
    assert held(circuit, 10.0) == 0.0


def test_half_open_lets_one_probe_through() -> None:
    """After the cooldown one call goes, the others fail fast; its success closes the circuit."""
    circuit = opened()
    assert circuit.state(14.0) == "half_open"
    assert [held(circuit, 14.0) > 0 for _ in range(100)] == [False] + [True] * 99
    circuit.succeed()
    assert (circuit.state(14.0), held(circuit, 14.0)) == ("closed", 0.0)
    for second in (20.0, 22.0, 24.0):
        circuit.fail(second)
    assert held(circuit, 25.0) == 9.0  # no probe is under way any more


def test_a_probe_that_fails_opens_it_again() -> None:
    """The cooldown begins anew."""
    circuit = opened()
    assert circuit.admit(14.0)
    circuit.fail(15.0)
    assert (circuit.state(24.0), circuit.state(25.0)) == ("open", "half_open")
    assert held(circuit, 16.0) == 9.0  # no probe is under way any more


def test_a_probe_that_is_abandoned_frees_its_place() -> None:
    """Another call may be the probe."""
    circuit = opened()
    probe = circuit.admit(14.0)
    assert held(circuit, 14.0) > 0
    circuit.abandon(probe)
    assert circuit.admit(14.0) > 0


def test_only_the_probe_under_way_can_be_abandoned() -> None:
    """One whose place another has taken meanwhile frees nothing."""
    circuit = opened()
    first = circuit.admit(14.0)
    circuit.fail(15.0)
    assert circuit.admit(25.0) != first
    circuit.abandon(first)
    assert held(circuit, 25.0) == 1.0


def test_a_probe_that_hangs_keeps_no_cool_down_shut() -> None:
    """While a probe is still under way, another goes out after each further cool-down."""
    circuit = opened()
    assert circuit.admit(14.0) > 0
    assert [held(circuit, second) > 0 for second in (15.0, 23.9)] == [True, True]
    assert circuit.admit(24.0) > 0
    assert held(circuit, 24.0) == 1.0


def test_a_forked_child_waits_for_no_probe_of_its_parent() -> None:
    """What is known of the service stays; the probe that the parent has under way does not."""
    circuit = opened()
    circuit.admit(14.0)
    circuit.after_fork(contextlib.nullcontext())
    assert circuit.state(14.0) == "half_open"
    assert circuit.admit(14.0) > 0
