"""What processes on many machines share in Redis, or Valkey: the connection, the limits of a fleet, and budgets by name."""
