"""Staff, bodies and the record of deeds."""
