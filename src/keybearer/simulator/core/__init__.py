"""Values that every other room of the simulator uses: calls, replies, errors, the clock, the model catalogue."""
