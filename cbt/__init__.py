"""Computer-based testing with question banks, from the first draft of a question to the gate of the interview."""
