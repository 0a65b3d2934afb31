"""The simulator behind a socket: the ASGI application and the server that runs it."""
