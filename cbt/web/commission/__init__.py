"""What a commission sees of results."""
