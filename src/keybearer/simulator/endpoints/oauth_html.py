"""The pages for a person: consent, the code to paste, and errors."""

from __future__ import annotations

import base64
import hashlib
from html import escape
from typing import Final

from keybearer.simulator.service.grants import Authorization
from keybearer.simulator.service.redirects import form_target

__all__ = ["code_page", "consent_page", "error_page", "page_headers"]

WHAT: Final = {
    "org:create_api_key": "create API keys for your organization",
    "user:profile": "see your name and e-mail address",
    "user:inference": "ask Claude questions on your behalf",
}
STYLE: Final = (
    "body{font:17px/1.5 system-ui,sans-serif;max-width:34rem;margin:4rem auto;padding:0 1rem;color:#222;"
    "background:#faf9f5}"
    "h1{font-size:1.5rem}code{background:#eee;padding:.1em .3em;border-radius:3px;overflow-wrap:anywhere}"
    "button{font:inherit;padding:.5rem 1.5rem;border-radius:6px;border:1px solid #999;background:#fff;cursor:pointer}"
    "button[value=allow]{background:#c6613f;border-color:#c6613f;color:#fff}small{color:#666}"
)


STYLE_HASH: Final = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()


def page_headers(redirect: str = "") -> dict[str, str]:
    """Return the headers that keep a page from being framed, scripted, cached, or named in a referrer.

    Args:
        redirect: Where the answer to the page's form redirects, which browsers hold to the policy as well.
    """
    policy = (
        f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; form-action 'self' {form_target(redirect)}".rstrip()
        + "; frame-ancestors 'none'; base-uri 'none'"
    )
    return {
        "cache-control": "no-store",
        "content-security-policy": policy,
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
    }


def _page(title: str, body: str) -> bytes:
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head>'
        f"<body><h1>{escape(title)}</h1>{body}"
        "<p><small>This is the keybearer simulator on your own machine, not Anthropic.</small></p></body></html>"
    ).encode()


def consent_page(authorization: Authorization, ticket: str) -> bytes:
    """Ask a person for consent.

    Args:
        authorization: The client's request.
        ticket: The form's hidden field, which comes back with the decision.

    Returns:
        The page.
    """
    wishes = "".join(
        f"<li>{escape(WHAT.get(scope, scope))} <small>({escape(scope)})</small></li>"
        for scope in authorization.scope.split()
    )
    return _page(
        "Allow access to your account?",
        f"<p>An application would like to:</p><ul>{wishes}</ul>"
        f"<p><small>client {escape(authorization.client_id)}<br>"
        f"answers to {escape(authorization.redirect_uri)}</small></p>"
        '<form method="post" action="/oauth/authorize">'
        f'<input type="hidden" name="ticket" value="{escape(ticket)}">'
        '<button name="decision" value="allow">Allow</button> '
        '<button name="decision" value="deny">Deny</button></form>',
    )


def code_page(code: str, state: str) -> bytes:
    """Show the code that a person pastes into a terminal."""
    return _page(
        "Copy this code",
        f'<p>Paste it where you were asked for it:</p><p><code id="code">{escape(code)}#{escape(state)}</code></p>',
    )


def error_page(message: str) -> bytes:
    """Show the error of an authorization request that cannot be answered by a redirect."""
    return _page("This request cannot be granted", f"<p>{escape(message)}</p>")
