"""The HTTP endpoints of the service, one file a resource."""
