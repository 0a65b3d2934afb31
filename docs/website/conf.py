"""Sphinx's configuration; `python -m website` runs it on the staged pages."""

from __future__ import annotations

from keybearer import __version__

project = "keybearer"
author = "The keybearer authors"
copyright = "The keybearer authors"  # noqa: A001 - Sphinx's name
release = version = __version__

extensions = ["myst_parser"]
html_theme = "furo"
html_favicon = "icon.svg"
html_title = f"keybearer {release}"
html_copy_source = False
html_show_sourcelink = False
html_theme_options = {"navigation_with_keys": True}
html_static_path = ["static"]
html_css_files = ["site.css"]

nitpicky = True
myst_heading_anchors = 4
myst_enable_extensions = ["attrs_inline"]
myst_linkify_fuzzy_links = False
pygments_style = "default"
pygments_dark_style = "github-dark"
