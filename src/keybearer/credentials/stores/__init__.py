"""Where a login is kept: a file or the keyring of the system, its lock, its journal and its notes."""
