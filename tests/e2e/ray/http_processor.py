"""The same rows by Ray's own HTTP processor, as its documentation has it; prints how many rows have an answer: ROWS."""

import json
import os
import sys

import ray
from ray.data.llm import HttpRequestProcessorConfig, build_processor


def to_request(row):
    """Return a row's request."""
    content = [{"role": "user", "content": f"Say row {row['id']}"}]
    return {"payload": {"model": "claude-haiku-4-5", "max_tokens": 50, "messages": content}}


def to_answer(row):
    """Return what came of it."""
    return {"answer": json.dumps(row["http_response"])}


def main() -> None:
    """Send all rows."""
    rows = int(sys.argv[1])
    ray.init(include_dashboard=False, log_to_driver=False)
    headers = {"x-api-key": os.environ["ANTHROPIC_API_KEY"], "anthropic-version": "2023-06-01"}
    config = HttpRequestProcessorConfig(
        url=os.environ["ANTHROPIC_BASE_URL"] + "/v1/messages", headers=headers, concurrency=1, batch_size=64
    )
    processor = build_processor(config, preprocess=to_request, postprocess=to_answer)
    found = {"rows": rows, "answers": 0, "errors_as_answers": 0, "ended": ""}
    try:
        for row in processor(ray.data.range(rows)).iter_rows():
            answer = json.loads(row["answer"])
            found[
                "answers" if isinstance(answer, dict) and answer.get("type") == "message" else "errors_as_answers"
            ] += 1
    except Exception as error:  # noqa: BLE001 - how a job ends is what is looked at
        found["ended"] = f"{type(error).__name__}: {str(error).strip().splitlines()[-1][:200]}"
    print(json.dumps(found))


main()
