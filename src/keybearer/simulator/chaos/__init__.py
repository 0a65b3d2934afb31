"""Chaos: a profile of rates, bursts and brown-outs that strikes requests by a seed, and the report of how the client took it.

Its modules are loaded by what uses them: most simulators have no profile.
"""
