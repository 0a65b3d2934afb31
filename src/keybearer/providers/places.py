"""How a request looks on each platform: from the API's own form, bytes in, bytes out.

Contract: what is not changed stays as it is, byte for byte: the signed thinking blocks in a conversation must.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import msgspec
from msgspec import Raw, structs

from keybearer.errors import UsageError
from keybearer.providers.names import name_there
from keybearer.types.http import Draft

if TYPE_CHECKING:
    from keybearer.providers.destination import Destination

__all__ = ["bedrock", "google_cloud", "mantle", "native", "vertex", "workspace"]

MESSAGES: Final = "/v1/messages"
COUNT: Final = "/v1/messages/count_tokens"
BATCHES: Final = "/v1/messages/batches"
PROFILE: Final = "anthropic-user-profile-id"
ORGANIZATION: Final = ("/v1/organizations/", "/v1/user_profiles")
"""The paths that Claude on Google Cloud serves for the whole organization."""

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(dict[str, Raw]).decode


def native(draft: Draft, path: str, to: Destination) -> Draft:  # noqa: ARG001 - as the others
    """Return the draft: the platform takes the API's own form."""
    return draft


def workspace(draft: Draft, path: str, to: Destination) -> Draft:  # noqa: ARG001 - as the others
    """Name the workspace, which Claude Platform on AWS asks for in a header."""
    return _with_headers(draft, {"anthropic-workspace-id": to.settings["workspace"], **draft.headers})


def google_cloud(draft: Draft, path: str, to: Destination) -> Draft:
    """Send what belongs to the organization to the project's address without a workspace."""
    if to.given or not path.startswith(ORGANIZATION):
        return draft
    root = to.root.rpartition("/workspaces/")[0]
    return structs.replace(draft, url=f"{root}/claudeOrganization/invoke{path}")


def mantle(draft: Draft, path: str, to: Destination) -> Draft:
    """Name the model as Bedrock does, and move the user profile into the body."""
    plain = path.partition("?")[0]
    if draft.method != "POST" or not draft.body or plain not in {MESSAGES, COUNT, BATCHES}:
        return draft
    fields = _decode(draft.body)
    if plain == BATCHES:
        fields["requests"] = _raw(
            [_batch_row(row, to) for row in msgspec.json.decode(fields["requests"], type=list[dict[str, Raw]])]
        )
        return structs.replace(draft, body=_encode(fields))
    fields["model"] = _raw(_model(fields, to))
    return _finished(draft, fields, draft.url)


def _batch_row(row: dict[str, Raw], to: Destination) -> dict[str, Raw]:
    params = _decode(row["params"])
    return {**row, "params": _raw({**params, "model": _raw(_model(params, to))})}


def bedrock(draft: Draft, path: str, to: Destination) -> Draft:  # noqa: ARG001 - as the others
    """Move the model and the streaming into the path, and version and beta tags into the body."""
    fields = _versioned(draft)
    if tags := draft.headers.get("anthropic-beta"):
        fields.setdefault("anthropic_beta", _raw(tags.split(",")))
    model = _model(fields, to)
    if (profile := to.settings.get("inference_profile")) and model.startswith("anthropic."):
        model = f"{profile}.{model}"
    del fields["model"]
    fields.pop("stream", None)
    invoke = "invoke-with-response-stream" if draft.stream else "invoke"
    url = f"{to.root}/model/{_segment(model, safe=':;')}/{invoke}"
    return _finished(draft, fields, url, without=("anthropic-version",), stream="application/vnd.amazon.eventstream")


def vertex(draft: Draft, path: str, to: Destination) -> Draft:
    """Move the model into the path, and the version into the body."""
    fields = _versioned(draft)
    where = f"{to.root}/projects/{to.settings['project']}/locations/{to.settings['region']}/publishers/anthropic/models"
    model = _model(fields, to)
    if path.partition("?")[0] == COUNT:
        fields["model"] = _raw(model)
        url = f"{where}/count-tokens:rawPredict"
    else:
        del fields["model"]
        url = f"{where}/{_segment(model, safe='@')}:{'streamRawPredict' if draft.stream else 'rawPredict'}"
    return _finished(draft, fields, url, without=("anthropic-version",), profile=False)


def _versioned(draft: Draft) -> dict[str, Raw]:
    fields = _decode(draft.body)
    fields.setdefault("anthropic_version", _raw(draft.headers["anthropic-version"]))
    return fields


def _model(fields: dict[str, Raw], to: Destination) -> str:
    return name_there(msgspec.json.decode(fields["model"], type=str), to.row.kind, to.row.prefix)


def _segment(model: str, *, safe: str) -> str:
    """Return a model's name as a segment of a path."""
    if model.partition(";")[0] in {"", ".", ".."}:
        raise UsageError(f"The model {model!r} cannot be sent: as a part of a path it would lead elsewhere.")
    return quote(model, safe=safe)


def _finished(
    draft: Draft,
    fields: dict[str, Raw],
    url: str,
    *,
    without: tuple[str, ...] = (),
    stream: str = "",
    profile: bool = True,
) -> Draft:
    """Return a draft with another body and address.

    Args:
        draft: The draft.
        fields: The body's fields.
        url: The address.
        without: Headers that are not sent.
        stream: The media type of its stream, where that is another.
        profile: Whether the user profile is moved into the body.
    """
    headers = {name: value for name, value in draft.headers.items() if name not in without}
    if profile and (user := headers.pop(PROFILE, None)) is not None:
        fields.setdefault("user_profile_id", _raw(user))
    if stream and draft.stream:
        headers["accept"] = stream
    query = draft.url.partition("?")[2]
    return structs.replace(
        draft, url=url if "?" in url or not query else f"{url}?{query}", headers=headers, body=_encode(fields)
    )


def _with_headers(draft: Draft, headers: dict[str, str]) -> Draft:
    return structs.replace(draft, headers=headers)


def _raw(value: Any) -> Raw:
    return Raw(_encode(value))
