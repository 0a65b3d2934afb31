"""Help for users' own tests: a pytest plugin that gives every test a twin of the API."""
