"""The documentation site: `make docs` builds it from the pages in `docs/`, which stay plain Markdown."""
