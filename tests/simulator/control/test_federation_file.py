"""A file of federation rules is checked when the simulator starts."""

from __future__ import annotations

from pathlib import Path

import pytest

from keybearer.simulator import Simulator
from keybearer.simulator.control.federation_file import load_rules


def test_a_file_of_rules_is_read(tmp_path: Path) -> None:
    """Each rule has the fields of the admin page; a reset keeps them."""
    path = tmp_path / "rules.yaml"
    path.write_text("- {id: fdrl_1, issuer_url: https://other.example, jwks: {keys: []}}\n- {id: fdrl_2}\n")
    assert [rule.id for rule in load_rules(path)] == ["fdrl_1", "fdrl_2"]
    sim = Simulator(federation=path)
    sim.reset()
    assert sim.federation.add_rule({"id": "fdrl_3"}).id == "fdrl_3"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("id: x", "a list of federation rules"),
        ("- {id: a}\n- {id: b, audience: 5}", "line 2: .*audience"),
        ("- [", "rules.yaml"),
    ],
)
def test_a_wrong_file_is_refused_with_its_line(tmp_path: Path, text: str, words: str) -> None:
    """The message names the file, the line and the field."""
    path = tmp_path / "rules.yaml"
    path.write_text(text)
    with pytest.raises(ValueError, match=words):
        load_rules(path)
