"""Extract from Anthropic's OpenAPI document the schemas of the replies that the simulator gives.

    python tests/simulator/tools/extract_openapi.py anthropic-openapi-2026-05-06.json > tests/simulator/data/openapi.json

Keeps what judges a value and drops the prose: the whole document is 1.6 MB, what is kept 40 KB.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

ROOTS = (
    "Message", "MessageStreamEvent", "ErrorResponse", "CountMessageTokensResponse", "ModelInfo", "ListResponse_ModelInfo_",
    "MessageBatch", "ListResponse_MessageBatch_", "DeleteMessageBatchResponse", "MessageBatchIndividualResponse",
    "BetaFileMetadataSchema", "BetaFileListResponse",
    "BetaCreateSkillResponse", "BetaGetSkillResponse", "BetaListSkillsResponse", "BetaDeleteSkillResponse",
    "BetaCreateSkillVersionResponse", "BetaGetSkillVersionResponse", "BetaListSkillVersionsResponse",
    "BetaDeleteSkillVersionResponse", "BetaManagedAgentsMemoryStore", "BetaManagedAgentsListMemoryStoresResponse",
    "BetaManagedAgentsDeletedMemoryStore", "BetaManagedAgentsMemory", "BetaManagedAgentsListMemoriesResult",
    "BetaManagedAgentsDeletedMemory", "BetaManagedAgentsMemoryVersion", "BetaManagedAgentsListMemoryVersionsResult",
    "BetaManagedAgentsErrorResponse", "BetaMessage", "BetaMessageStreamEvent", "BetaCountMessageTokensResponse",
    "BetaErrorResponse", "BetaFileDeleteResponse", "BetaModelInfo", "BetaListResponse_ModelInfo_", "BetaMessageBatch",
    "BetaListResponse_MessageBatch_", "BetaDeleteMessageBatchResponse", "BetaMessageBatchIndividualResponse",
)  # fmt: skip
KEPT = {
    "$ref", "type", "const", "enum", "properties", "required", "items", "anyOf", "oneOf", "allOf", "additionalProperties",
    "minimum", "maximum", "minLength", "maxLength", "format", "nullable",
}  # fmt: skip
PREFIX = "#/components/schemas/"


def trim(schema: Any) -> Any:
    """Drop every key that judges nothing."""
    if isinstance(schema, list):
        return [trim(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: {name: trim(inner) for name, inner in value.items()} if key == "properties" else trim(value)
        for key, value in schema.items()
        if key in KEPT
    }


def references(schema: Any) -> set[str]:
    """Name every schema that one refers to."""
    if isinstance(schema, list):
        return set().union(*map(references, schema))
    if not isinstance(schema, dict):
        return set()
    own = {schema["$ref"].removeprefix(PREFIX)} if isinstance(schema.get("$ref"), str) else set()
    return own.union(*map(references, schema.values()))


def main() -> None:
    """Read the document and print the extract."""
    document = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))["components"]["schemas"]
    kept: dict[str, Any] = {}
    waiting = [name for name in ROOTS if name in document]
    while waiting:
        name = waiting.pop()
        if name not in kept:
            kept[name] = trim(document[name])
            waiting.extend(references(kept[name]))
    provenance = (
        "Extracted by tests/simulator/tools/extract_openapi.py from Anthropic's OpenAPI 3.1 document of 2026-05-06, as kept by "
        "the public repository tryAGI/Anthropic (MIT) at commit ebea3ea4; sha256 of the source "
        "b53f82a0caa6daa36dfacb2446bf181b9d1076ae95004a81292a92a52ada1145."
    )
    json.dump({"provenance": provenance, "schemas": dict(sorted(kept.items()))}, sys.stdout, separators=(",", ":"))
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
