"""The deterministic engine, which answers a message request. There is no model and no randomness."""

from __future__ import annotations

from keybearer.simulator.engine.answer import EngineAnswer, answer

__all__ = ["EngineAnswer", "answer"]
