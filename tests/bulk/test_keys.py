"""Keys: what makes two rows different, and how equal rows are kept apart."""

from __future__ import annotations

import random
from collections import Counter
from contextlib import closing

import pytest

from keybearer.bulk.keys import SeenRows, hash_of


def test_a_hash_depends_on_what_is_sent_and_what_is_kept() -> None:
    """The order of names does not count; a parameter, the id and a kept column do."""
    base = hash_of({"model": "m", "max_tokens": 1}, ("a", None))
    assert hash_of({"max_tokens": 1, "model": "m"}, ("a", None)) == base
    others = [
        hash_of({"model": "m", "max_tokens": 2}, ("a", None)),
        hash_of({"model": "m", "max_tokens": 1}, ("b", None)),
        hash_of({"model": "m", "max_tokens": 1}, ("a", {"c": 1})),
    ]
    assert len({base, *others}) == 4
    assert all(len(each) == 16 for each in others)


def test_equal_rows_have_keys_of_their_own_in_any_order() -> None:
    """The same rows have the same keys however they are ordered and divided into lists."""
    rows = [hash_of({"n": n}, None) for n in (1, 2, 1, 3, 1, 2)]

    def keys(order: list[bytes], size: int) -> Counter[bytes]:
        with closing(SeenRows()) as seen:
            return Counter(key for at in range(0, len(order), size) for key in seen.keys(order[at : at + size]))

    first = keys(rows, 6)
    assert set(first.values()) == {1}
    shuffled = rows.copy()
    random.Random(3).shuffle(shuffled)  # noqa: S311 - no secret
    assert keys(shuffled, 2) == keys(rows, 1) == first


def test_the_order_is_kept_where_that_is_asked_for() -> None:
    """Keys come back as they came."""
    hashes = [hash_of({"n": n}, None) for n in range(5)]
    with closing(SeenRows(ordered=True)) as seen:
        keys = [*seen.keys(hashes[:3]), *seen.keys(hashes[3:])]
        assert list(seen.order()) == keys


def test_what_cannot_be_sent_has_no_hash() -> None:
    """A set is no JSON."""
    with pytest.raises((TypeError, ValueError)):
        hash_of({"a": object()}, None)
