"""The deterministic engine: what a request asks, turned into the message that answers it. No model, no randomness."""

from __future__ import annotations

from keybearer.simulator.engine.answer import EngineAnswer, answer

__all__ = ["EngineAnswer", "answer"]
