"""What a test steers and reads: the journal, scenarios, recordings, and findings about the client."""
