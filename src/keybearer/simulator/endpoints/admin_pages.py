"""The table of the pages below `/_sim`: a body is checked by its fields, and docs/simulator-admin.md is made from them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from keybearer.simulator.core.reply import ServerReply
from keybearer.simulator.core.request import ServedCall
from keybearer.simulator.endpoints import admin, cloud_identity, identity
from keybearer.simulator.endpoints.admin_fields import AdminPage, Field, check_fields
from keybearer.simulator.options import Options
from keybearer.simulator.state import State

__all__ = ["ENDPOINTS", "PAGES"]

OK: Final = Field("ok", "boolean", "always true")
NOW: Final = Field("now", "number", "the clock, in seconds since the epoch")
NOTHING: Final = Field("data", "list", "empty")
REQUEST: Final = (
    Field("at", "number", "when it arrived, in seconds since the epoch, on the simulator's clock"),
    Field("method", "string", "the HTTP method"),
    Field("path", "string", "the path, without the query"),
    Field("query", "object", "the query parameters; an authorization code is replaced"),
    Field("headers", "object", "the headers, names in lower case, each credential replaced by its kind"),
    Field("body", "any", "the decoded JSON; null for what is no JSON, larger than 2 MB, or may hold a credential"),
    Field("request_id", "string", "the `request-id` of the reply"),
    Field("status", "whole number", "the reply's HTTP status; 0 until it is decided, or when there is none"),
    Field("error", "string", "the reply's error type; null for a success"),
    Field(
        "note", "object", "what else is known: `usage`, `stop_reason`, `rule` (which refused), `fault` (which struck)"
    ),
    Field("seconds", "number", "how long the reply took, on the simulator's clock"),
    Field("fingerprint", "string", "equal for requests with equal method, path, query and body"),
    Field("test", "string", "the header `x-sim-test`"),
    Field(
        "delivered",
        "object",
        "the `bytes` and `events` that were written while the client was there, and `end`: `complete`, `cut` by a fault, or `left`",
    ),
    Field(
        "billed",
        "object",
        "what the service bills for the reply: `usd`, `known`, `parts`, `unknown`; null for one that costs nothing",
    ),
)
BILLED: Final = (
    Field("calls", "whole number", "how many replies are billed"),
    Field("usd", "string", "the dollars, exactly; null where a part is unknown"),
    Field("known", "string", "the dollars that are known"),
    Field("parts", "object", "the dollars by part: `input`, `output`, `cache_read` and so on"),
    Field("unknown", "list", "what has no price, a sentence each"),
    Field("input_tokens", "whole number", "the tokens that were neither read from the cache nor written to it"),
    Field(
        "output_tokens",
        "whole number",
        "the tokens of the answers; of a stream that was cut or left, those that were written",
    ),
    Field("cache_read_input_tokens", "whole number", "the tokens that were read from the cache"),
    Field("cache_creation_input_tokens", "whole number", "the tokens that were written to the cache"),
)
FINDING: Final = (
    Field("kind", "string", "what the client did, such as `retry-after-ignored`"),
    Field("message", "string", "the same in words"),
    Field("request_ids", "list", "the `request_id` of each request that shows it"),
)
OUTCOME: Final = (
    Field("name", "string", "the fault's name in the profile"),
    Field("struck", "whole number", "how many requests it struck"),
    Field("recovered", "whole number", "of those, the same request came again and got an answer"),
    Field("answered", "whole number", "the whole answer arrived in spite of the fault"),
    Field("final", "whole number", "an error that a retry cannot change, so that not coming again is right"),
    Field("given_up", "whole number", "none of these"),
    Field("extra", "whole number", "requests that repeat one that it struck"),
    Field("missed", "whole number", "it should have struck, but the reply had no such phase or events"),
    Field("ok", "boolean", "whether the client gave up no more than the profile tolerates"),
    Field("words", "string", "the same in words"),
)
FAULT: Final = (
    Field("name", "string", "its name"),
    Field(
        "stage",
        "string",
        "what it changes: the reply `instead` of the endpoint, its `events`, or the `plan` of sending",
    ),
    Field("summary", "string", "what happens"),
    Field("parameters", "object", "its parameters, each with its default"),
    Field("needs_stream", "boolean", "whether it waits for a streamed message"),
)
TURN: Final = (
    Field("origin", "string", "where it was scripted: the file and line, or the code's place"),
    Field("match", "object", "which requests get it"),
    Field("replies", "whole number", "how many replies it has, which are given in order"),
    Field("times", "whole number", "how many requests get it; null for all"),
    Field("used", "whole number", "how many have got it"),
    Field("left", "whole number", "how many may still get it; null for all"),
    Field("test", "string", "the test whose requests get it (`x-sim-test`)"),
)
RULE: Final = (
    Field("name", "string", "its name, for `--lenient`"),
    Field("summary", "string", "what it asks for"),
    Field("source", "string", "where that is from"),
    Field("sure", "string", "how sure it is: `documented`, `reported` or `guess`"),
    Field("on", "boolean", "whether it is checked"),
)
LOGIN: Final = (
    Field("token_type", "string", "`Bearer`"),
    Field("access_token", "string", "the access token"),
    Field("expires_in", "whole number", "seconds that it lives"),
    Field("refresh_token", "string", "the refresh token"),
    Field("scope", "string", "the scopes, divided by spaces"),
    Field("organization", "object", "`uuid` and `name`"),
    Field("account", "object", "`uuid` and `email_address`"),
)
OPTIONS: Final = tuple(Field(name, "any", words) for name, words in Options.described().items())

RULE_FIELDS: Final = (
    Field("id", "string", "the rule's id; `fdrl_simulator` by default, which replaces the one that is always there"),
    Field("organization_id", "string", "the organization; `00000000-0000-4000-8000-000000000000` by default"),
    Field("service_account_id", "string", "whom its tokens act as; `svac_simulator` by default"),
    Field("issuer_url", "string", "the issuer (`iss`); the simulator's own provider by default"),
    Field("jwks", "object", "the issuer's public keys; not needed for the simulator's own"),
    Field("jwks_url", "string", "in place of `jwks`: where they are fetched from"),
    Field("audience", "string", "what `aud` has to be, or one of it"),
    Field("subject_prefix", "string", "what `sub` has to be, or begin with before a `*`"),
    Field("claims", "object", "further claims, and what each has to be"),
    Field("oauth_scope", "string", "the scopes of its tokens; `workspace:inference` by default"),
    Field("token_lifetime_seconds", "whole number", "how long its tokens live at the most, 3,600 by default"),
    Field("workspace_ids", "list", "its workspaces; a caller has to name one where there are several"),
    Field("max_jwt_lifetime_seconds", "whole number", "the longest life of an identity token"),
    Field("check_jti", "boolean", "whether an identity token with a `jti` is good for one exchange only"),
    Field("archived", "boolean", "whether it rejects every exchange"),
)

PAGES: Final = (
    AdminPage(
        "GET", "/_sim/requests", admin.requests, "The journal: the last 10,000 requests, without those to these pages.",
        gives=(Field("data", "list", "the requests, oldest first", REQUEST),),
    ),
    AdminPage("DELETE", "/_sim/requests", admin.forget, "Forget the journal, and the findings with it.", gives=(NOTHING,)),
    AdminPage(
        "GET", "/_sim/verdict", admin.verdict, "What the client did wrong, and apart from it the simulator's own gaps.",
        gives=(
            Field("ok", "boolean", "whether there is no finding"),
            Field("data", "list", "the findings", FINDING),
            Field("gaps", "list", "what the simulator accepted and does not carry out, as findings, but not the client's"),
        ),
    ),
    AdminPage(
        "GET", "/_sim/bill", admin.bill,
        "What the service bills for the replies since the last reset: whole ones, batches, and of cut streams what was produced.",
        gives=(
            Field("prices_read", "string", "the day on which the prices were read"),
            *BILLED,
            Field("models", "list", "the same for each model", (Field("model", "string", "the model"), *BILLED)),
            Field("tests", "list", "the same for each test", (Field("test", "string", "the header `x-sim-test`"), *BILLED)),
        ),
    ),
    AdminPage(
        "GET", "/_sim/chaos", admin.chaos, "What became of the chaos profile's faults.",
        gives=(
            Field("profile", "string", "the profile's name; null without one"),
            Field("seeds", "list", "the profile's seed and the simulator's"),
            Field("requests", "whole number", "how many requests came"),
            Field("ok", "boolean", "whether every fault is `ok`, and there is no finding"),
            Field("data", "list", "the faults", OUTCOME),
        ),
    ),
    AdminPage(
        "GET", "/_sim/faults", admin.list_faults, "The faults that can be asked for.",
        gives=(Field("data", "list", "the faults", FAULT),),
    ),
    AdminPage(
        "POST", "/_sim/faults", admin.add_fault, "Make requests fail.",
        takes=(
            Field("fault", "string", "a name, an HTTP status, or a line such as `cut; after_events=3`"),
            Field("times", "any", "how many requests it strikes, 1 by default; `always` or null for all"),
            Field("path", "string", "the path that it strikes; every path below `/v1` by default"),
            Field("skip", "whole number", "how many requests pass first"),
        ),
        gives=(
            Field("fault", "string", "the fault's name"),
            Field("params", "object", "its parameters"),
            Field("times", "whole number", "how many requests it strikes; null for all"),
        ),
        takes_more=True,
    ),
    AdminPage("DELETE", "/_sim/faults", admin.clear_faults, "Remove the faults that have not struck yet.", gives=(NOTHING,)),
    AdminPage(
        "GET", "/_sim/script", admin.list_script, "The scripted turns that may still answer.",
        gives=(Field("data", "list", "the turns", TURN),),
    ),
    AdminPage(
        "POST", "/_sim/script", admin.add_turn, "Script a turn, as in a scenario file.",
        takes=(
            Field("match", "any", "which requests get it; a string is a regular expression for the user's last words"),
            Field("reply", "any", "the answer; a string is its text"),
            Field("sequence", "list", "in place of `reply`: the answers to one request after another"),
            Field("fault", "string", "a fault that strikes the answer"),
            Field("times", "any", "how many requests get it, 1 by default; `always` or null for all"),
        ),
        gives=(OK,),
        takes_more=True,
    ),
    AdminPage("DELETE", "/_sim/script", admin.clear_script, "Remove the scripted turns.", gives=(OK,)),
    AdminPage(
        "GET", "/_sim/unused", admin.unused, "What no request has got yet.",
        gives=(
            Field("data", "list", "turns as `GET /_sim/script` has them, and faults with `fault`, `params`, `times`, `left`, `test`"),
        ),
    ),
    AdminPage("GET", "/_sim/clock", admin.read_clock, "Read the clock.", gives=(NOW,)),
    AdminPage(
        "POST", "/_sim/clock", admin.turn_clock, "Turn the clock forward, stop it, or both; at least one field is needed.",
        takes=(
            Field("advance", "number", "seconds, not negative"),
            Field("freeze", "boolean", "`true` stops it: only `advance` moves it from then on"),
        ),
        gives=(NOW,),
    ),
    AdminPage(
        "POST", "/_sim/reset", admin.reset,
        "Forget all that requests have left: caches, limits, files, batches, logins, journal, faults and scripts.",
        takes=(Field("clock", "boolean", "`true` sets the clock to its start as well; by default it keeps its time"),),
        gives=(OK, NOW),
    ),
    AdminPage("GET", "/_sim/rules", admin.rules, "The rules.", gives=(Field("data", "list", "the rules", RULE),)),
    AdminPage(
        "POST", "/_sim/login", admin.login, "Log in without a browser; gives the token endpoint's reply.",
        takes=(Field("expires_in", "whole number", "seconds that the access token lives; `--access-token-seconds` by default"),),
        gives=LOGIN,
    ),
    AdminPage(
        "POST", "/_sim/identity-token", identity.issue_token, "Issue an identity token, for workload identity federation.",
        takes=(
            Field("subject", "string", "`sub`; `system:serviceaccount:default:app` by default"),
            Field("audience", "any", "`aud`, a string or a list; `https://api.anthropic.com` by default"),
            Field("expires_in", "number", "seconds until it expires, 3,600 by default; negative for one that has expired"),
            Field("claims", "object", "more claims, which win over these; null leaves one out"),
        ),
        gives=(Field("token", "string", "the token, a signed JWT"),),
    ),
    AdminPage(
        "POST", "/_sim/identity-keys", identity.change_keys,
        "Change the keys of the identity provider; a rotated key stays until it is revoked.",
        takes=(
            Field("rotate", "string", "sign with a new key from now on: `ES256` or `RS256`"),
            Field("revoke", "string", "take the key with this `kid` out of the key set, or `all`"),
        ),
        gives=(Field("keys", "list", "the public keys, as `GET /idp/jwks` has them"),),
    ),
    AdminPage(
        "POST", "/_sim/identity-cloud-token", cloud_identity.cloud_token,
        "Issue an access token of Google's or Entra's, or revoke one.",
        takes=(
            Field("cloud", "string", "`google`, whose tokens are opaque, by default; or `azure`, whose tokens are signed JWTs"),
            Field("expires_in", "number", "seconds until it expires, 3,600 by default; negative for one that has expired"),
            Field("audience", "string", "Entra: `aud`; `https://ai.azure.com` by default"),
            Field("claims", "object", "Entra: more claims, which win over its own; null leaves one out"),
            Field("revoke", "string", "in place of the others: the token that is revoked"),
        ),
        gives=(Field("token", "string", "the token"),),
    ),
    AdminPage(
        "POST", "/_sim/identity-cloud-keys", cloud_identity.change_cloud_keys,
        "The keys of a Google service account, or of the Entra tenant; a rotated key stays until all are revoked.",
        takes=(
            Field("cloud", "string", "`google` by default, or `azure`"),
            Field("account", "string", "the service account; `app@a-project.iam.gserviceaccount.com` by default"),
            Field("rotate", "boolean", "whether a new key signs from now on"),
            Field("revoke", "boolean", "whether all keys until now are taken out of the key set"),
        ),
        gives=(
            Field("keys", "list", "the public keys"),
            Field("file", "object", "the service account's file, for `GOOGLE_APPLICATION_CREDENTIALS`; empty for Entra"),
        ),
    ),
    AdminPage(
        "POST", "/_sim/federation-rules", identity.add_rule, "Add a federation rule, or replace the one with its id.",
        takes=RULE_FIELDS,
        gives=(Field("id", "string", "its id"),),
    ),
    AdminPage(
        "POST", "/_sim/federation-revoke", identity.revoke_federated, "Revoke access tokens of federation: they get a 401.",
        takes=(Field("rule", "string", "the federation rule whose tokens are revoked; those of all by default"),),
        gives=(OK,),
    ),
    AdminPage("GET", "/_sim/options", admin.options, "How it was started; `token` is always null.", gives=OPTIONS),
)  # fmt: skip
"""Every page."""


def _checked(page: AdminPage) -> Callable[[State, ServedCall], ServerReply]:
    def answer(state: State, call: ServedCall) -> ServerReply:
        check_fields(page, admin.read_admin_body(call))
        return page.answer(state, call)

    return answer


ENDPOINTS: Final = tuple((page.method, page.path, _checked(page)) for page in PAGES)
"""Method, path and function of each."""
