"""The observers that keybearer brings itself: OpenTelemetry. Its package is imported where the program uses it, and not before."""
