"""Where a login is kept: a file, the keyring of the system, or a record that machines share; its lock, its journal and its notes."""
