"""`llm.yaml` and the agents' files: what they may say, and how they are read."""
