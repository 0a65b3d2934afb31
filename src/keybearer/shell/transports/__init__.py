"""The transports: each puts an HTTP library behind the protocol of `base.py`, by its public interface only."""
