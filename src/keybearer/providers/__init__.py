"""The platforms that serve Claude beside Anthropic's own API: where requests go there, in which form, and what is not offered."""
