"""Message threads: the server keeps a conversation, and a request sends only what is new.

`{"type": "create"}` keeps the conversation and its answer under the answer's id. `{"type": "continue"}` names that id and
gets the conversation put before its own messages, so that rules, cache and engine see the whole of it, as the service
rebuilds it before it calls the model. An answer is continued once. A thread ends five minutes after its last answer.
Every answer of a thread that was given out stays as an id, so that its second continuation is recognized.

Source: the wheel's `types/beta/beta_message_thread_param.py`, `types/thread_*_error*.py` and `lib/threads/_thread_state.py`;
the API's "Message threads" page; what only public threads report is marked so.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from msgspec import Struct

from keybearer.simulator.core.clock import SimulatedClock
from keybearer.simulator.core.errors import ServiceError

__all__ = ["FIXED_FIELDS", "MessageThreads"]

TAG: Final = "message-threads-"
LIFE_SECONDS: Final = 300.0
MOST_THREADS: Final = 10_000
MOST_MARKED_BLOCKS: Final = 3
"""Blocks with `cache_control` in a request with `thread` (reported: a fourth is a 400 `thread_unsupported_request`)."""
BILLING_HEADER: Final = "x-anthropic-billing-header:"
"""How the system block begins that Claude Code changes with every request, and sends with a continuation (reported)."""

FIXED_FIELDS: Final[Mapping[str, str]] = {
    "model": "docs: Message threads",
    "thinking": "docs: Message threads",
    "tool_choice": "docs: Message threads",
    "cache_control": "docs: Message threads",
    "output_config": "reported: Claude Code starts a new thread when it changes",
}
"""A field that stays the same across a thread's turns, and where that is said. The beta tags stay the same, too."""
CREATE_ONLY: Final = ("system", "tools")
"""Fields that a continuation takes from the thread (`CREATE_ONLY_FIELDS` of the wheel)."""

_canonical = msgspec.json.Encoder(order="sorted")


class _StoredTurn(Struct, eq=False):
    organization: str
    expires: float
    body: dict[str, Any]  # without the new turn's own settings
    betas: frozenset[str]
    continued: bool = False


def _refusal(code: str, message: str, **details: Any) -> ServiceError:
    type_ = "not_found_error" if code == "thread_not_found" else "invalid_request_error"
    return ServiceError(type_, message, details={"error_code": code, **details}, rule="thread")


def _differs(one: Any, other: Any) -> bool:
    return _canonical.encode(one) != _canonical.encode(other)


def _own_system(system: Any) -> Any:
    """Return a system prompt without the block that changes with every request; None if nothing else is in it."""
    if not isinstance(system, list):
        return system
    kept = [block for block in system if not str(block.get("text", "")).startswith(BILLING_HEADER)]
    return kept or None


def _unmarked(message: Any) -> Any:
    """Return an earlier message without the breakpoints of its blocks, each of which was set for the turn that sent it."""
    content = message["content"]
    if not isinstance(content, list):
        return message
    return {
        **message,
        "content": [{key: value for key, value in block.items() if key != "cache_control"} for block in content],
    }


class MessageThreads:
    """The conversations that are kept.

    Args:
        clock: The clock by which threads expire.
    """

    def __init__(self, clock: SimulatedClock) -> None:
        self._clock = clock
        self._kept: dict[str, _StoredTurn] = {}  # the first to expire first
        self._in_flight: dict[str, _StoredTurn] = {}  # by the request that continues them

    def resume(self, body: dict[str, Any], *, organization: str, betas: frozenset[str]) -> dict[str, Any]:
        """Put the kept conversation before the messages of a request that continues a thread.

        Args:
            body: The request's body.
            organization: The caller's organization.
            betas: The request's beta tags.

        Returns:
            The body with the whole conversation; the same body if it continues nothing.

        Raises:
            ServiceError: One of the five errors of threads.
        """
        asked = body.get("thread")
        if not isinstance(asked, dict) or not any(tag.startswith(TAG) for tag in betas):
            return body
        _check_supported(body)
        if asked.get("type") != "continue" or not isinstance(body.get("messages"), list):
            return body
        kept = self._find(str(asked.get("previous_message_id")), organization)
        _check_fixed(kept, body, betas)
        whole = {**body, "messages": [*kept.body["messages"], *body["messages"]]}
        for name in CREATE_ONLY:
            if name in kept.body:
                whole[name] = kept.body[name]
        return whole

    def _find(self, name: str, organization: str) -> _StoredTurn:
        kept = self._kept.get(name)
        if kept is None or kept.organization != organization or kept.expires <= self._clock.now():
            raise _refusal(
                "thread_not_found",
                f"No thread state was found for previous_message_id {name!r}. Replay the full conversation with "
                '`thread: {"type": "create"}` to start a new thread.',
            )
        if kept in self._in_flight.values():
            raise _refusal(
                "thread_continue_in_flight",
                f"Another request is still continuing from previous_message_id {name!r}.",
            )
        if kept.continued:
            raise _refusal(
                "thread_already_continued",
                f"The response {name!r} has already been continued. Continue from the thread's most recent response.",
            )
        return kept

    def keep(
        self,
        body: dict[str, Any],
        message: dict[str, Any],
        *,
        organization: str,
        betas: frozenset[str],
        request_id: str,
    ) -> None:
        """Keep a conversation with its answer, if the request asked for it. A refused turn is not kept.

        Args:
            body: The request's body with the whole conversation, as `resume` returned it.
            message: The answer.
            organization: The caller's organization.
            betas: The request's beta tags.
            request_id: The id of the reply, for `delivered`.
        """
        asked = body.get("thread")
        if not isinstance(asked, dict) or message["stop_reason"] == "refusal":
            return
        now = self._clock.now()
        before = self._kept.get(str(asked.get("previous_message_id"))) if asked.get("type") == "continue" else None
        if before is not None:
            before.continued, before.body = True, {}
            self._in_flight[request_id] = before
        answer = {"role": "assistant", "content": message["content"]}
        messages = [] if message["stop_reason"] == "compaction" and body.get("compaction") else body["messages"]
        fields = {name: body[name] for name in (*CREATE_ONLY, *FIXED_FIELDS) if name in body}
        self._kept[message["id"]] = _StoredTurn(
            organization, now + LIFE_SECONDS, {**fields, "messages": [*map(_unmarked, messages), answer]}, betas
        )
        self._trim(now)

    def delivered(self, request_id: str) -> None:
        """Note that a reply is under way no longer; until then its predecessor is being continued."""
        self._in_flight.pop(request_id, None)

    def _trim(self, now: float) -> None:
        while self._kept:
            name = next(iter(self._kept))
            if self._kept[name].expires > now and len(self._kept) <= MOST_THREADS:
                return
            del self._kept[name]


def _check_supported(body: dict[str, Any]) -> None:
    """Refuse what threads do not support: more breakpoints in blocks than the one that the server keeps for itself allows."""
    places = [body.get("tools"), body.get("system")]
    places += [message.get("content") for message in body.get("messages") or [] if isinstance(message, dict)]
    marked = sum(
        isinstance(block, dict) and isinstance(block.get("cache_control"), dict)
        for place in places
        if isinstance(place, list)
        for block in place
    )
    if marked > MOST_MARKED_BLOCKS:
        raise _refusal(
            "thread_unsupported_request",
            f"thread: a maximum of {MOST_MARKED_BLOCKS} blocks with cache_control may be provided when thread is set. "
            f"Found {marked}.",
            unsupported=["cache_control"],
        )


def _check_fixed(kept: _StoredTurn, body: dict[str, Any], betas: frozenset[str]) -> None:
    differing = [name for name in FIXED_FIELDS if _differs(kept.body.get(name), body.get(name))]
    system = _own_system(body.get("system"))
    if system is not None and _differs(system, _own_system(kept.body.get("system"))):
        differing.append("system")
    if body.get("tools") is not None and _differs(body["tools"], kept.body.get("tools")):
        differing.append("tools")
    if betas != kept.betas:
        differing.append("anthropic-beta")
    if differing:
        raise _refusal(
            "thread_fingerprint_mismatch",
            f"The request differs from the thread in a field that must stay the same; differing field(s): "
            f"{', '.join(differing)}. Send the stored values, or start a new thread.",
        )
