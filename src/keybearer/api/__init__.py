"""The service's calls as flows, below the shell."""
