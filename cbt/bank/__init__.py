"""Question banks: items, their versions, reviews and approval."""
