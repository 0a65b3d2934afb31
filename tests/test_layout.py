"""The tests mirror the source: where a module is, its test is found without a search.

The test of `src/keybearer/a/b.py` is `tests/a/test_b.py`, or several named `tests/a/test_b_<subject>.py`. A module that is best tested
through another one stands in `ELSEWHERE`, with the file that holds its test.
"""

from __future__ import annotations

from pathlib import Path

TESTS = Path(__file__).parent
SOURCE = TESTS.parent / "src" / "keybearer"

SMALL = 40
"""A module of up to this many lines needs no test file of its own."""

ELSEWHERE = {
    "__init__.py": "test_imports.py",
    "_arguments.py": "cli/test_odd_arguments.py",
    "api/answers.py": "api/test_messages.py",
    "api/bodies.py": "api/test_batches.py",
    "api/call.py": "client/test_sharing.py",
    "api/checks.py": "client/test_checks.py",
    "cli/__init__.py": "cli/test_odd_arguments.py",
    "cli/accounts.py": "cli/commands/test_auth_status.py",
    "cli/auth_setup.py": "cli/commands/test_auth.py",
    "cli/answering.py": "cli/commands/test_ask_conversations.py",
    "cli/asking.py": "cli/commands/test_ask_output.py",
    "cli/called.py": "cli/commands/test_ask.py",
    "cli/chat/session.py": "cli/commands/test_chat.py",
    "cli/chat/slash.py": "cli/commands/test_chat.py",
    "cli/batch_record.py": "cli/commands/test_batch.py",
    "cli/checkup/result.py": "cli/commands/test_doctor.py",
    "cli/checkup/machine.py": "cli/commands/test_doctor.py",
    "cli/checkup/network.py": "cli/commands/test_doctor.py",
    "cli/checkup/route.py": "cli/commands/test_doctor.py",
    "cli/checkup/service.py": "cli/commands/test_doctor.py",
    "cli/limit_rows.py": "cli/commands/test_doctor.py",
    "cli/completion/scripts.py": "cli/commands/test_completion.py",
    "cli/completion/tree.py": "cli/commands/test_completion.py",
    "cli/config_lines.py": "cli/commands/test_config_show.py",
    "cli/config_schema.py": "cli/commands/test_config_show.py",
    "cli/llm_yaml.py": "cli/commands/test_config_init.py",
    "cli/questions.py": "cli/commands/test_config_init.py",
    "cli/spending.py": "cli/commands/test_usage.py",
    "cli/spending_page.py": "cli/commands/test_usage.py",
    "cli/spending_table.py": "cli/commands/test_usage.py",
    "cli/credential_report.py": "cli/commands/test_auth_status.py",
    "cli/found.py": "cli/test_trust.py",
    "cli/output.py": "cli/test_odd_arguments.py",
    "cli/pastes.py": "cli/commands/test_auth_login.py",
    "cli/question.py": "cli/commands/test_ask_output.py",
    "cli/results.py": "cli/commands/test_ask_output.py",
    "cli/showing.py": "cli/commands/test_ask_output.py",
    "cli/showing_json.py": "cli/commands/test_ask_output.py",
    "cli/trusted.py": "cli/test_trust.py",
    "client/admission.py": "exchange/test_admission.py",
    "client/aio.py": "client/test_parity.py",
    "client/base.py": "client/test_closing.py",
    "client/resources/batches.py": "api/test_batches.py",
    "client/resources/files.py": "api/test_files.py",
    "client/resources/message_runs.py": "client/resources/test_runs.py",
    "client/resources/messages.py": "shell/test_streams.py",
    "client/resources/parsed.py": "shell/test_parsed_streams.py",
    "client/resources/models.py": "api/test_models.py",
    "client/resources/raw.py": "client/test_raw_response.py",
    "client/resources/skills.py": "api/test_skills.py",
    "client/resources/stream_managers.py": "shell/test_streams.py",
    "client/settings.py": "client/test_checks.py",
    "client/sync.py": "client/test_parity.py",
    "compat/__init__.py": "compat/test_names.py",
    "compat/_exceptions.py": "compat/test_exceptions.py",
    "compat/files.py": "compat/test_names.py",
    "compat/lib/tools/_eager.py": "compat/lib/tools/test__beta_runner.py",
    "compat/lib/tools/_turns.py": "compat/lib/tools/test__beta_runner.py",
    "compat/messages.py": "compat/test_parsing.py",
    "compat/lib/streaming/__init__.py": "compat/test_names.py",
    "compat/options.py": "typing/moved_code.py",
    "compat/types/modules.py": "compat/types/test_lookup.py",
    "compat/types/own.py": "compat/types/test_lookup.py",
    "compat/unavailable.py": "compat/test_names.py",
    "config/files.py": "config/test_loader.py",
    "config/interpolate.py": "config/test_loader.py",
    "config/schema.py": "config/test_loader.py",
    "compat/_types.py": "compat/test_names.py",
    "compat/answering.py": "compat/test_responses.py",
    "compat/resources/__init__.py": "compat/test_resources.py",
    "compat/response_bodies.py": "compat/test_responses.py",
    "compat/types/stops.py": "compat/types/test_lookup.py",
    "config/urls.py": "client/test_checks.py",
    "config/yaml.py": "config/test_loader.py",
    "conversation/accept.py": "conversation/test_conversation.py",
    "conversation/draft.py": "conversation/test_repair.py",
    "conversation/foreign.py": "conversation/test_repair.py",
    "conversation/mend_blocks.py": "conversation/test_repair.py",
    "conversation/mend_calls.py": "conversation/test_repair.py",
    "conversation/settings.py": "conversation/test_conversation.py",
    "credentials/folders.py": "credentials/test_system_calls.py",
    "credentials/oauth/failures.py": "credentials/test_chain.py",
    "credentials/oauth/rules.py": "credentials/oauth/test_refresh.py",
    "credentials/oauth/token_endpoint.py": "credentials/oauth/test_refresh.py",
    "credentials/search.py": "credentials/test_chain.py",
    "credentials/sources/keychain.py": "credentials/sources/test_claude_code.py",
    "credentials/sources/table.py": "credentials/test_chain.py",
    "credentials/stores/disk.py": "credentials/test_system_calls.py",
    "credentials/stores/journal.py": "credentials/stores/test_file.py",
    "credentials/stores/private_files.py": "credentials/stores/test_file.py",
    "credentials/stores/protocol.py": "credentials/stores/test_file.py",
    "errors/__init__.py": "errors/test_tree.py",
    "errors/answers.py": "api/test_answer_format.py",
    "errors/base.py": "errors/test_tree.py",
    "errors/service.py": "errors/test_tree.py",
    "errors/streams.py": "errors/test_tree.py",
    "exchange/attempt.py": "exchange/test_request.py",
    "exchange/failure.py": "types/test_seen.py",
    "exchange/usage.py": "exchange/test_lease.py",
    "flow.py": "shell/test_drivers.py",
    "migrate/names.py": "migrate/test_differences.py",
    "migrate/table.py": "migrate/test_differences.py",
    "policy/alerts.py": "exchange/test_admission.py",
    "policy/retry_hints.py": "policy/test_retry.py",
    "schema/containers.py": "schema/test_walk.py",
    "schema/docstring.py": "schema/test_signature.py",
    "schema/node.py": "schema/test_walk.py",
    "schema/objects.py": "schema/test_walk.py",
    "schema/scalars.py": "schema/test_walk.py",
    "schema/shape.py": "schema/test_walk.py",
    "shell/closing.py": "client/test_closing.py",
    "shell/downloads.py": "api/test_files.py",
    "shell/event_streams.py": "client/resources/test_tree.py",
    "shell/pages.py": "api/test_resource.py",
    "shell/recording.py": "client/test_raw_response.py",
    "shell/run_streams.py": "client/resources/test_runs.py",
    "shell/runtime.py": "shell/test_drivers.py",
    "shell/stream_base.py": "shell/test_streams.py",
    "shell/tool_calls.py": "client/resources/test_runs.py",
    "shell/transports/aiohttp_body.py": "shell/transports/test_conformance.py",
    "shell/transports/aiohttp_failures.py": "shell/transports/test_safety.py",
    "shell/transports/base.py": "shell/transports/test_limits.py",
    "shell/transports/clocked.py": "shell/transports/test_limits.py",
    "shell/transports/http1_framing.py": "shell/transports/test_http_client.py",
    "shell/transports/http1_head.py": "shell/transports/test_begun_replies.py",
    "shell/transports/httpx_clocked.py": "shell/transports/test_limits.py",
    "shell/transports/httpx_failures.py": "shell/transports/test_begun_replies.py",
    "shell/transports/httpx_pools.py": "shell/transports/test_pool.py",
    "shell/transports/httpx_transport.py": "shell/transports/test_conformance.py",
    "shell/transports/routes.py": "shell/transports/test_safety.py",
    "simulator/control/captures.py": "simulator/control/test_script.py",
    "simulator/control/journal.py": "simulator/test_simulator.py",
    "simulator/control/matching.py": "simulator/control/test_script.py",
    "simulator/control/recorder.py": "simulator/control/test_replay.py",
    "simulator/control/recording.py": "simulator/control/test_replay.py",
    "simulator/control/scenario_file.py": "simulator/control/test_shapes.py",
    "simulator/control/scope.py": "simulator/control/test_script.py",
    "simulator/control/seen.py": "simulator/control/test_script.py",
    "simulator/control/served_results.py": "simulator/engine/test_served.py",
    "simulator/control/wrong.py": "simulator/control/test_shapes.py",
    "simulator/control/yaml_file.py": "simulator/control/test_scenario.py",
    "simulator/core/conversation.py": "simulator/rules/test_table.py",
    "simulator/core/errors.py": "simulator/test_simulator.py",
    "simulator/core/outgoing.py": "simulator/service/test_pacing.py",
    "simulator/core/reply.py": "simulator/test_odd_requests.py",
    "simulator/core/request.py": "simulator/test_odd_requests.py",
    "simulator/endpoints/admin_pages.py": "simulator/endpoints/test_admin.py",
    "simulator/endpoints/chat_request.py": "simulator/endpoints/test_chat_completions.py",
    "simulator/endpoints/compose.py": "simulator/endpoints/test_messages.py",
    "simulator/endpoints/memory_fields.py": "simulator/endpoints/test_memory_stores.py",
    "simulator/endpoints/oauth_html.py": "simulator/endpoints/test_oauth.py",
    "simulator/endpoints/pagination.py": "simulator/endpoints/test_models.py",
    "simulator/engine/binding.py": "simulator/engine/test_calls.py",
    "simulator/engine/cite.py": "simulator/engine/test_answer.py",
    "simulator/engine/client_tools.py": "simulator/engine/test_plan.py",
    "simulator/engine/hints.py": "simulator/engine/test_schema.py",
    "simulator/engine/mentions.py": "simulator/engine/test_calls.py",
    "simulator/engine/merging.py": "simulator/engine/test_schema.py",
    "simulator/engine/numbers.py": "simulator/engine/test_schema.py",
    "simulator/engine/prompt.py": "simulator/engine/test_answer.py",
    "simulator/engine/prose.py": "simulator/engine/test_answer.py",
    "simulator/engine/roles.py": "simulator/engine/test_effects.py",
    "simulator/engine/stops.py": "simulator/engine/test_answer.py",
    "simulator/engine/think.py": "simulator/engine/test_answer.py",
    "simulator/faults/events.py": "simulator/faults/test_table.py",
    "simulator/faults/instead.py": "simulator/faults/test_table.py",
    "simulator/faults/plans.py": "simulator/faults/test_table.py",
    "simulator/faults/queue.py": "simulator/faults/test_table.py",
    "simulator/faults/spec.py": "simulator/faults/test_table.py",
    "simulator/http/app.py": "simulator/test_simulator.py",
    "simulator/http/bounded.py": "simulator/http/test_connection.py",
    "simulator/http/checks.py": "simulator/http/test_connection.py",
    "simulator/http/connections.py": "simulator/http/test_connection.py",
    "simulator/http/prerender.py": "simulator/test_options.py",
    "simulator/http/routes.py": "simulator/test_docs.py",
    "simulator/http/server.py": "simulator/test_simulator.py",
    "simulator/process/importing.py": "simulator/control/test_imports.py",
    "simulator/process/parent.py": "simulator/process/test_command.py",
    "simulator/process/reference.py": "simulator/test_docs.py",
    "simulator/rules/caching.py": "simulator/rules/test_table.py",
    "simulator/rules/context.py": "simulator/rules/test_table.py",
    "simulator/rules/fallbacks.py": "simulator/rules/test_table.py",
    "simulator/rules/grammar.py": "simulator/rules/test_schema.py",
    "simulator/rules/media.py": "simulator/rules/test_table.py",
    "simulator/rules/messages.py": "simulator/rules/test_table.py",
    "simulator/rules/params.py": "simulator/rules/test_table.py",
    "simulator/rules/rule.py": "simulator/rules/test_table.py",
    "simulator/rules/thinking.py": "simulator/rules/test_table.py",
    "simulator/rules/tools.py": "simulator/rules/test_table.py",
    "simulator/service/containers.py": "simulator/engine/test_served.py",
    "simulator/service/grants.py": "simulator/endpoints/test_oauth.py",
    "simulator/service/memory_stores.py": "simulator/endpoints/test_memories.py",
    "simulator/service/server_tools.py": "simulator/engine/test_served.py",
    "simulator/service/signing.py": "simulator/service/test_auth.py",
    "simulator/service/stores.py": "simulator/endpoints/test_files.py",
    "simulator/service/tokens.py": "simulator/service/test_images.py",
    "simulator/service/usage.py": "simulator/engine/test_served.py",
    "simulator/state.py": "simulator/test_simulator.py",
    "tools/calls.py": "tools/test_run.py",
    "tools/content.py": "tools/test_tool.py",
    "tools/execute.py": "tools/test_run.py",
    "tools/options.py": "client/resources/test_runs.py",
    "tools/protocols.py": "tools/test_run.py",
    "tools/result.py": "tools/test_run.py",
    "tools/step.py": "tools/test_run.py",
    "tools/tally.py": "tools/test_run_cost.py",
    "tools/toolset.py": "tools/test_tool.py",
    "types/batches.py": "api/test_batches.py",
    "types/blocks_param.py": "typing/user_code.py",
    "types/content.py": "types/test_messages.py",
    "types/events.py": "wire/response/test_events.py",
    "types/files.py": "api/test_files.py",
    "types/hooks.py": "exchange/test_admission.py",
    "types/http.py": "exchange/test_request.py",
    "types/parsed.py": "api/test_parsing.py",
    "types/models.py": "api/test_models.py",
    "types/requests.py": "typing/user_code.py",
    "types/secret.py": "credentials/test_canary.py",
    "types/skills.py": "api/test_skills.py",
    "types/tools_param.py": "typing/user_code.py",
    "types/turn_source.py": "conversation/test_conversation.py",
    "schema/references.py": "schema/test_walk.py",
    "types/usage.py": "types/test_messages.py",
    "wire/request/lint_answers.py": "wire/request/test_lint.py",
    "wire/request/lint_media.py": "wire/request/test_lint.py",
    "wire/request/lint_tools.py": "wire/request/test_lint.py",
    "wire/request/turns.py": "wire/request/test_build.py",
    "wire/response/block_builder.py": "wire/response/test_accumulate.py",
    "wire/response/parse.py": "wire/response/test_events.py",
}
"""Module, below src/keybearer: the file that holds its test, below tests."""


def own_tests(module: Path) -> list[Path]:
    """Return the test files at a module's mirrored place."""
    folder = TESTS / module.parent
    return [*folder.glob(f"test_{module.stem}.py"), *folder.glob(f"test_{module.stem}_*.py")]


def large_modules() -> list[Path]:
    """Return the modules that need a test file, below src/keybearer."""
    paths = [path for path in SOURCE.rglob("*.py") if len(path.read_text(encoding="utf-8").splitlines()) > SMALL]
    return sorted(path.relative_to(SOURCE) for path in paths)


def test_each_module_has_its_test_file() -> None:
    """A module over 40 lines has a test file of its name, or a row that names the file that tests it."""
    missing = [module for module in large_modules() if not own_tests(module) and module.as_posix() not in ELSEWHERE]
    advice = [
        f"{module}: write tests/{module.parent / f'test_{module.stem}.py'}, or add to ELSEWHERE in tests/test_layout.py: "
        f'"{module.as_posix()}": "<file below tests>",'
        for module in missing
    ]
    assert advice == [], "modules without a test file\n" + "\n".join(advice)


def test_each_row_is_needed_and_right() -> None:
    """A row of the table is of a module that is there and has no test file of its own, and names a file that is there."""
    needed = {module.as_posix() for module in large_modules() if not own_tests(module)}
    advice = [
        f'"{module}": take the row out: the module is gone, is small, or has a test file of its own'
        for module in ELSEWHERE.keys() - needed
    ]
    advice += [
        f'"{module}": tests/{file} is not there: name the file that tests it now'
        for module, file in ELSEWHERE.items()
        if not (TESTS / file).exists()
    ]
    assert advice == [], "rows to change in tests/test_layout.py\n" + "\n".join(sorted(advice))
