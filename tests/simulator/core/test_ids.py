"""Ids: the service's form, never twice, and the same order for the same seed."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

from keybearer.simulator.core.ids import AT_ONCE, Ids

FORM = re.compile(r"msg_01[1-9A-HJ-NP-Za-km-z]{22}")


def test_an_id_has_the_service_s_form_and_comes_once() -> None:
    """Over more ids than are made at once."""
    made = [ids.new("msg_") for ids in [Ids(7)] for _ in range(3 * AT_ONCE + 1)]
    assert all(FORM.fullmatch(each) for each in made)
    assert len(set(made)) == len(made)


def test_a_seed_decides_all_ids() -> None:
    """Whatever their prefixes; another seed gives others."""
    first, again, other = Ids(7), Ids(7), Ids(8)
    prefixes = ["msg_", "req_", "toolu_"] * AT_ONCE
    made = [first.new(prefix) for prefix in prefixes]
    assert made == [again.new(prefix) for prefix in prefixes]
    assert not {each[-22:] for each in made} & {other.new("msg_")[-22:] for _ in prefixes}


def test_threads_get_different_ids() -> None:
    """Also where the ids at hand run out under several at once."""
    ids = Ids(1)
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: ids.new("req_"), range(20 * AT_ONCE)))
    assert len(set(made)) == len(made)
