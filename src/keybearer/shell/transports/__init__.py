"""The transports: each stands an HTTP library behind the protocol of `keybearer.shell.transport`, by its public interface only."""
