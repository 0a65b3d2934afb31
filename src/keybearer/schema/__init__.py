"""JSON Schema from Python types, and values of those types from what a model writes."""
