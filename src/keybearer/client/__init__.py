"""`Client` and `AsyncClient`: one-line methods over flows."""
