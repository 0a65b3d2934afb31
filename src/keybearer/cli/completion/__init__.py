"""What a shell can complete: the commands' own tables as a tree, and a script for each shell."""
