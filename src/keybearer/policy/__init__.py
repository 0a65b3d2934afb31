"""Pure judgements: whether to retry, how long to wait, whether a wait still fits."""
