"""One request's life: wait for a turn, sign, send, judge, retry or report."""
