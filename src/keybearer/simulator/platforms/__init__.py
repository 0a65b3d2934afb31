"""The clouds' doors to the API: their addresses, keys, bodies, errors and frames, around the simulator's own endpoints.

They share no code with the client's `keybearer.providers`, so that a mistake in one is not repeated in the other.
"""
