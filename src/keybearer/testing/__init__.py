"""Help for users' own tests: a pytest plugin with a simulator of the API for each test."""
