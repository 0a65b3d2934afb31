"""The endpoints, one file for each resource of the service."""
