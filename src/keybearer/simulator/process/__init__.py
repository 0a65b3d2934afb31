"""The simulator as a program: its command, its output, its parent."""
