"""The only code that touches sockets, clocks, threads and event loops: drivers of flows, and transports."""
