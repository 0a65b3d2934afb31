"""What changes in a program for the official SDK when it moves here: read with `ast`, never imported or run."""
