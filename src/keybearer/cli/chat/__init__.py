"""`keybearer chat`: a conversation at the terminal."""
